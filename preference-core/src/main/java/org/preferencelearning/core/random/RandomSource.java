package org.preferencelearning.core.random;

import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import org.apache.commons.rng.RestorableUniformRandomProvider;
import org.apache.commons.rng.core.RandomProviderDefaultState;
import org.apache.commons.rng.sampling.distribution.ZigguratSampler;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.state.StateReader;
import org.preferencelearning.core.state.StateWriter;
import org.preferencelearning.core.state.Stateful;

/**
 * The only source of randomness: a seeded XoShiRo256++ generator whose state can be saved, and from which independent
 * named streams are derived. Equal seed and equal calls give equal values on every platform.
 *
 * <p>Not thread-safe; derive one stream per thread.
 */
public final class RandomSource implements Stateful {
    private final long seed;
    private final RestorableUniformRandomProvider generator;
    private final ZigguratSampler.NormalizedGaussian gaussian;

    private RandomSource(long seed) {
        this.seed = seed;
        this.generator = org.apache.commons.rng.simple.RandomSource.XO_SHI_RO_256_PP.create(seed);
        this.gaussian = ZigguratSampler.NormalizedGaussian.of(generator);
    }

    /** A generator that starts at {@code seed}; every value is allowed. */
    public static RandomSource of(long seed) {
        return new RandomSource(seed);
    }

    /**
     * A stream that depends on this source's seed and on {@code name} alone: not on what was drawn before, nor on other
     * streams.
     */
    public RandomSource stream(String name) {
        return of(Hashing.sha256()
                .newHasher()
                .putLong(seed)
                .putString(name, StandardCharsets.UTF_8)
                .hash()
                .asLong());
    }

    /** Uniform in {@code [0, bound)}. */
    public int nextInt(int bound) {
        return generator.nextInt(bound);
    }

    /** Uniform over all 64-bit values. */
    public long nextLong() {
        return generator.nextLong();
    }

    /** Uniform in [0, 1). */
    public double nextDouble() {
        return generator.nextDouble();
    }

    /** True with the given probability. */
    public boolean nextBernoulli(double probability) {
        return generator.nextDouble() < probability;
    }

    /** Standard normal. */
    public double nextGaussian() {
        return gaussian.sample();
    }

    /**
     * Index drawn with the given probabilities.
     *
     * @param probabilities not negative; they need not sum to 1 to the last bit
     */
    public int nextCategorical(double[] probabilities) {
        double total = 0;
        for (double p : probabilities) {
            total += p;
        }
        double left = generator.nextDouble() * total;
        int last = 0;
        for (int i = 0; i < probabilities.length; i++) {
            if (probabilities[i] > 0) {
                last = i;
                left -= probabilities[i];
                if (left < 0) {
                    return i;
                }
            }
        }
        return last;
    }

    /** A uniform permutation of {@code 0..n-1} (Fisher and Yates). */
    public int[] permutation(int n) {
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            order[i] = i;
        }
        for (int i = n - 1; i > 0; i--) {
            int j = generator.nextInt(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        return order;
    }

    /** The generator's state, to be given to {@link #restore}. */
    public byte[] state() {
        return ((RandomProviderDefaultState) generator.saveState()).getState();
    }

    /**
     * Continues from a state that {@link #state()} returned. The streams that derive from this source stay those of its seed.
     *
     * @throws SettingException if it is not such a state
     */
    public void restore(byte[] state) {
        byte[] before = state();
        SettingException.require(
                state.length == before.length, "state", state.length + " bytes", before.length + " bytes");
        generator.restoreState(new RandomProviderDefaultState(state));
    }

    @Override
    public void save(StateWriter writer) {
        writer.bytes("state", state());
    }

    @Override
    public void load(StateReader reader) {
        byte[] state = reader.bytes("state");
        try {
            restore(state);
        } catch (SettingException | IllegalStateException e) {
            throw reader.fault("state", String.valueOf(e.getMessage()));
        }
    }
}
