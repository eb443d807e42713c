package org.preferencelearning.experiments.internal.tasks;

import com.google.common.collect.ImmutableList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.loss.PreferenceLoss;
import org.preferencelearning.core.model.Policy;
import org.preferencelearning.core.model.ReferencePolicy;
import org.preferencelearning.core.train.PreferenceObjective;

/**
 * What a reference policy says of pairs' responses: sums of log-probabilities, in nats, chosen and rejected in turn.
 *
 * @param sums two a pair, in the pairs' order
 */
public record ReferenceScores(List<Double> sums) {
    public ReferenceScores {
        sums = ImmutableList.copyOf(sums);
    }

    /** Scores all pairs at once, so that the bits depend on them alone. */
    public static ReferenceScores of(Policy policy, List<TokenPair> pairs) {
        return new ReferenceScores(DoubleStream.of(policy.logProbabilities(sequences(pairs)))
                .boxed()
                .toList());
    }

    /** Those of several lists of pairs, one after the other. */
    public static ReferenceScores joined(List<ReferenceScores> parts) {
        return new ReferenceScores(
                parts.stream().flatMap(part -> part.sums.stream()).toList());
    }

    /**
     * A reference policy that has scored what a loss asks of pairs, all at once.
     *
     * @param policy must not change
     */
    public static ReferencePolicy of(Policy policy, List<TokenPair> pairs, PreferenceLoss loss) {
        if (!loss.needsReference()) {
            return ReferencePolicy.none();
        }
        if (loss.tailWeight() == 1) {
            return of(policy, pairs).of(pairs);
        }
        ReferencePolicy reference = ReferencePolicy.of(policy);
        reference.precompute(PreferenceObjective.referenceSequences(pairs, loss));
        return reference;
    }

    /**
     * A reference policy that knows these pairs only.
     *
     * @param pairs those that were scored, in their order
     */
    public ReferencePolicy of(List<TokenPair> pairs) {
        List<TokenSequence> sequences = sequences(pairs);
        SettingException.require(
                sequences.size() == sums.size(), "pairs", pairs.size(), sums.size() / 2 + ", as many as were scored");
        Map<TokenSequence, Double> known = new HashMap<>();
        for (int i = 0; i < sums.size(); i++) {
            known.put(sequences.get(i), sums.get(i));
        }
        return ReferencePolicy.ofScores(known);
    }

    private static List<TokenSequence> sequences(List<TokenPair> pairs) {
        return pairs.stream()
                .flatMap(pair -> Stream.of(pair.chosen(), pair.rejected()))
                .toList();
    }
}
