package org.preferencelearning.gpt2.model;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.NonFiniteException;

/** Scores any number of sequences in batches of similar length, and returns the results in the order given. */
final class ScoringBatches {
    private static final int ROWS = 16;

    private ScoringBatches() {}

    /**
     * The scores.
     *
     * @param quantity what a score is
     * @throws NonFiniteException if one is not finite
     */
    static double[] score(
            String quantity, List<TokenSequence> sequences, Function<List<TokenSequence>, double[]> scorer) {
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, sequences.size()).boxed().toList());
        order.sort(Comparator.comparingInt(i -> sequences.get(i).length()));
        double[] scores = new double[sequences.size()];
        for (int start = 0; start < order.size(); start += ROWS) {
            List<Integer> part = order.subList(start, Math.min(order.size(), start + ROWS));
            double[] values = scorer.apply(part.stream().map(sequences::get).toList());
            for (int i = 0; i < values.length; i++) {
                scores[part.get(i)] = values[i];
            }
        }
        NonFiniteException.requireFinite(quantity + " of sequence", scores);
        return scores;
    }
}
