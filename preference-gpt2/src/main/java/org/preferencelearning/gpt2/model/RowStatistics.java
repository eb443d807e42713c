package org.preferencelearning.gpt2.model;

import java.util.List;
import java.util.function.ToIntFunction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.preferencelearning.core.model.TokenDistributions;
import org.preferencelearning.gpt2.model.LanguageModelHead.Scored;

/** What rows of probabilities over a vocabulary say, a few rows at a time, so that what lies between stays in the cache. */
final class RowStatistics {
    private static final int ROWS = 8;
    /** The least probability whose logarithm is taken; one below it adds nothing to an entropy. */
    private static final double LEAST = 1e-37;

    private final double[] entropies;
    private final double[] squares;
    private final double[] largest;
    private final double[] meanLogits;
    private final INDArray probabilities;

    /**
     * @param probabilities {@code [rows, vocabulary]}
     * @param hidden states that they are of, {@code [rows, width]}
     * @param table the head's matrix, {@code [vocabulary, width]}
     */
    RowStatistics(INDArray probabilities, INDArray hidden, INDArray table) {
        this.probabilities = probabilities;
        int rows = (int) probabilities.size(0);
        entropies = new double[rows];
        squares = new double[rows];
        largest = new double[rows];
        for (int start = 0; start < rows; start += ROWS) {
            int end = Math.min(rows, start + ROWS);
            INDArray some = probabilities.get(NDArrayIndex.interval(start, end), NDArrayIndex.all());
            try (INDArray logarithms = Transforms.log(Transforms.max(some, LEAST, true), false);
                    INDArray sums = logarithms.muli(some).sum(1);
                    INDArray ofSquares = logarithms.assign(some).muli(some).sum(1);
                    INDArray maxima = some.max(1)) {
                for (int row = start; row < end; row++) {
                    entropies[row] = -sums.getDouble(row - start);
                    squares[row] = ofSquares.getDouble(row - start);
                    largest[row] = maxima.getDouble(row - start);
                }
            }
        }
        // the mean of the logits is the product with the mean of the head's rows
        try (INDArray mean = table.mean(0);
                INDArray products = Nd4j.create(table.dataType(), rows, 1)) {
            hidden.mmuli(mean.reshape(mean.length(), 1), products);
            meanLogits = HostValues.of(products);
        }
    }

    /**
     * Sets the entries of some tokens.
     *
     * @param row of a token
     * @param start entry of the first
     */
    void set(List<Scored> tokens, ToIntFunction<Scored> row, TokenDistributions into, int start) {
        for (int i = 0; i < tokens.size(); i++) {
            int at = row.applyAsInt(tokens.get(i));
            into.entropies()[start + i] = entropies[at];
            into.collisions()[start + i] = Math.log(squares[at]);
            into.meanLogits()[start + i] = meanLogits[at];
            into.likeliest()[start + i] =
                    probabilities.getDouble(at, tokens.get(i).token()) >= largest[at];
        }
    }
}
