package org.preferencelearning.gpt2.model;

import com.google.common.collect.Lists;
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
        double[] scores = new double[sequences.size()];
        for (List<Integer> part : parts(sequences)) {
            double[] values = scorer.apply(part.stream().map(sequences::get).toList());
            for (int i = 0; i < values.length; i++) {
                scores[part.get(i)] = values[i];
            }
        }
        NonFiniteException.requireFinite(quantity + " of sequence", scores);
        return scores;
    }

    /** The sequences of each batch, by their index. */
    static List<List<Integer>> parts(List<TokenSequence> sequences) {
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, sequences.size()).boxed().toList());
        order.sort(Comparator.comparingInt(i -> sequences.get(i).length()));
        return Lists.partition(order, ROWS);
    }
}
