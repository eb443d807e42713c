package org.preferencelearning.core.model;

import static java.util.Objects.requireNonNull;

import com.google.common.hash.HashCode;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.NonFiniteException;
import org.preferencelearning.core.state.StateReader;
import org.preferencelearning.core.state.StateWriter;
import org.preferencelearning.core.state.Stateful;

/**
 * The fixed policy that a trained one is kept close to. Each sequence is scored once and its sum remembered, so the
 * policy behind it must not change, which its weights' {@linkplain ParameterStore#fingerprint fingerprint} is asked for;
 * {@link #precompute} lets it be freed before training starts.
 */
public final class ReferencePolicy implements Policy {
    private static final double NOT_SCORED = Double.NaN;

    private final Policy policy;
    private final Map<TokenSequence, Double> scored = new HashMap<>();
    private @Nullable HashCode fingerprint;

    private ReferencePolicy(Policy policy) {
        this.policy = policy;
    }

    /** Remembers what {@code policy} says of each sequence. */
    public static ReferencePolicy of(Policy policy) {
        return new ReferencePolicy(policy);
    }

    /** For losses that ask no reference policy: it knows no sequence. */
    public static ReferencePolicy none() {
        return ofScores(Map.of());
    }

    /** A policy that is known by these scores only; it refuses to score any other sequence. */
    public static ReferencePolicy ofScores(Map<TokenSequence, Double> sums) {
        ReferencePolicy known = new ReferencePolicy(sequences -> {
            throw new IllegalStateException("the reference policy has no score of " + sequences.get(0));
        });
        known.scored.putAll(sums);
        return known;
    }

    /**
     * Scores what has not been scored yet.
     *
     * @throws NonFiniteException if what the policy says of one is not finite; none is then remembered
     * @throws IllegalStateException if the policy's weights are not those that scored other sequences
     */
    public void precompute(List<TokenSequence> sequences) {
        Set<TokenSequence> distinct = new LinkedHashSet<>(sequences);
        distinct.removeAll(scored.keySet());
        if (distinct.isEmpty()) {
            return;
        }
        checkUnchanged();
        List<TokenSequence> missing = List.copyOf(distinct);
        double[] sums = policy.logProbabilities(missing);
        NonFiniteException.requireFinite("the reference policy's log-probability of sequence", sums);
        for (int i = 0; i < sums.length; i++) {
            scored.put(missing.get(i), sums[i]);
        }
    }

    private void checkUnchanged() {
        if (policy instanceof Trainable model) {
            HashCode now = model.parameters().fingerprint();
            if (fingerprint != null && !fingerprint.equals(now)) {
                throw new IllegalStateException(
                        "the reference policy's weights have changed since it scored " + scored.size()
                                + " sequences: fingerprint " + fingerprint + " then, " + now + " now; train a copy");
            }
            fingerprint = now;
        }
    }

    /**
     * What has been scored of some sequences, so that a run that goes on reads the same numbers. Loading checks the policy's
     * weights.
     */
    public Stateful state(List<TokenSequence> sequences) {
        return new Stateful() {
            @Override
            public void save(StateWriter writer) {
                writer.text("fingerprint", fingerprint == null ? "" : fingerprint.toString());
                writer.reals(
                        "sums",
                        sequences.stream()
                                .mapToDouble(sequence -> scored.getOrDefault(sequence, NOT_SCORED))
                                .toArray());
            }

            @Override
            public void load(StateReader reader) {
                String saved = reader.text("fingerprint");
                if (!saved.isEmpty() && policy instanceof Trainable model) {
                    fingerprint = model.parameters().fingerprint();
                    reader.requireText("fingerprint", fingerprint.toString(), "a reference policy of fingerprint");
                }
                double[] sums = reader.reals("sums");
                if (sums.length != sequences.size()) {
                    throw reader.fault("sums", "there are " + sums.length + ", not " + sequences.size());
                }
                for (int i = 0; i < sums.length; i++) {
                    if (!Double.isNaN(sums[i])) {
                        scored.put(sequences.get(i), sums[i]);
                    }
                }
            }
        };
    }

    @Override
    public double[] logProbabilities(List<TokenSequence> sequences) {
        precompute(sequences);
        double[] sums = new double[sequences.size()];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = requireNonNull(scored.get(sequences.get(i)), "score");
        }
        return sums;
    }
}
