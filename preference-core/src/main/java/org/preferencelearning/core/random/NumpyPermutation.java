package org.preferencelearning.core.random;

import java.math.BigInteger;
import org.preferencelearning.core.error.SettingException;

/**
 * {@code numpy.random.default_rng(seed).permutation(n)}, to the index. Hugging Face {@code datasets} cuts its
 * {@code train_test_split} from it, so published splits can be reproduced.
 *
 * <p>Source: NumPy's SeedSequence (O'Neill's seed_seq_fe), PCG64 (PCG XSL RR 128/64) and its bounded integers by masked
 * rejection on 32-bit halves, as {@code Generator.permutation} uses them.
 */
public final class NumpyPermutation {
    private static final BigInteger MASK_128 = BigInteger.ONE.shiftLeft(128).subtract(BigInteger.ONE);
    private static final BigInteger MULTIPLIER = new BigInteger("2360ed051fc65da44385df649fccf645", 16);

    private static final long LOW_32 = 0xFFFFFFFFL;

    private BigInteger state;
    private final BigInteger increment;
    private boolean halfLeft;
    private int half;

    private NumpyPermutation(long seed) {
        long[] words = seedSequence(seed);
        BigInteger initialState = unsigned(words[0]).shiftLeft(64).or(unsigned(words[1]));
        BigInteger initialSequence = unsigned(words[2]).shiftLeft(64).or(unsigned(words[3]));
        increment = initialSequence.shiftLeft(1).or(BigInteger.ONE).and(MASK_128);
        state = BigInteger.ZERO;
        step();
        state = state.add(initialState).and(MASK_128);
        step();
    }

    /**
     * The permutation of {@code 0..n-1}.
     *
     * @param seed 0 to 2^32-1
     * @param n 0 to 2^31-1
     */
    public static int[] of(long seed, int n) {
        SettingException.require(seed >= 0 && seed <= LOW_32, "seed", seed, "0 to 2^32-1");
        SettingException.requireAtLeast("n", n, 0);
        NumpyPermutation generator = new NumpyPermutation(seed);
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            order[i] = i;
        }
        for (int i = n - 1; i > 0; i--) {
            int j = generator.interval(i);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        return order;
    }

    /** Uniform in [0, max] by masked rejection, as NumPy's random_interval. */
    private int interval(int max) {
        int mask = -1 >>> Integer.numberOfLeadingZeros(max);
        int value;
        do {
            value = next32() & mask;
        } while (Integer.compareUnsigned(value, max) > 0);
        return value;
    }

    private int next32() {
        if (halfLeft) {
            halfLeft = false;
            return half;
        }
        long next = next64();
        halfLeft = true;
        half = (int) (next >>> 32);
        return (int) next;
    }

    private long next64() {
        step();
        long high = state.shiftRight(64).longValue();
        long low = state.longValue();
        return Long.rotateRight(high ^ low, (int) (high >>> 58));
    }

    private void step() {
        state = state.multiply(MULTIPLIER).add(increment).and(MASK_128);
    }

    private static BigInteger unsigned(long value) {
        return new BigInteger(Long.toUnsignedString(value));
    }

    /** {@code SeedSequence(seed).generate_state(4, uint64)} for a seed of one 32-bit word. */
    private static long[] seedSequence(long seed) {
        int[] pool = new int[4];
        int[] hash = {0x43b0d7e5};
        for (int i = 0; i < pool.length; i++) {
            pool[i] = hashMix(i == 0 ? (int) seed : 0, hash);
        }
        for (int source = 0; source < pool.length; source++) {
            for (int target = 0; target < pool.length; target++) {
                if (source != target) {
                    pool[target] = mix(pool[target], hashMix(pool[source], hash));
                }
            }
        }
        int[] words = new int[8];
        int constant = 0x8b51f9dd;
        for (int i = 0; i < words.length; i++) {
            int value = pool[i % pool.length] ^ constant;
            constant *= 0x58f38ded;
            value *= constant;
            words[i] = value ^ (value >>> 16);
        }
        long[] result = new long[4];
        for (int i = 0; i < result.length; i++) {
            result[i] = (words[2 * i] & LOW_32) | ((long) words[2 * i + 1] << 32);
        }
        return result;
    }

    private static int hashMix(int value, int[] hash) {
        int mixed = value ^ hash[0];
        hash[0] *= 0x931e8875;
        mixed *= hash[0];
        return mixed ^ (mixed >>> 16);
    }

    private static int mix(int x, int y) {
        int result = 0xca01f9dd * x - 0x4973f715 * y;
        return result ^ (result >>> 16);
    }
}
