package org.preferencelearning.core.model;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.preferencelearning.core.data.TokenSequence;

/**
 * The fixed policy that a trained one is kept close to. Each sequence is scored once and its sum remembered, so the
 * policy behind it must not change; {@link #precompute} lets it be freed before training starts.
 */
public final class ReferencePolicy implements Policy {
    private final Policy policy;
    private final Map<TokenSequence, Double> scored = new HashMap<>();

    private ReferencePolicy(Policy policy) {
        this.policy = policy;
    }

    /** Remembers what {@code policy} says of each sequence. */
    public static ReferencePolicy of(Policy policy) {
        return new ReferencePolicy(policy);
    }

    /** Scores what has not been scored yet. */
    public void precompute(List<TokenSequence> sequences) {
        Set<TokenSequence> distinct = new LinkedHashSet<>(sequences);
        distinct.removeAll(scored.keySet());
        if (distinct.isEmpty()) {
            return;
        }
        List<TokenSequence> missing = List.copyOf(distinct);
        double[] sums = policy.logProbabilities(missing);
        for (int i = 0; i < sums.length; i++) {
            scored.put(missing.get(i), sums[i]);
        }
    }

    @Override
    public double[] logProbabilities(List<TokenSequence> sequences) {
        precompute(sequences);
        double[] sums = new double[sequences.size()];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = scored.get(sequences.get(i));
        }
        return sums;
    }
}
