package org.preferencelearning.gpt2.model;

import java.util.List;
import java.util.function.ToIntFunction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.preferencelearning.core.model.TokenDistributions;
import org.preferencelearning.gpt2.internal.compile.RowSoftmax;
import org.preferencelearning.gpt2.model.LanguageModelHead.Scored;

/**
 * What rows of logits over a vocabulary say, a few rows at a time, so that what lies between stays in the cache.
 *
 * <p>The entropy is {@code -sum p log p} with logarithms that are differences of logits: those of probabilities would cost as much
 * as the softmax several times over.
 */
final class RowStatistics {
    private static final int ROWS = 8;

    private final double[] entropies;
    private final double[] squares;
    private final double[] largest;
    private final double[] meanLogits;
    private final INDArray probabilities;

    /**
     * Replaces logits by probabilities, to the bits that the softmax of the whole matrix has.
     *
     * @param logits {@code [rows, vocabulary]}
     * @param hidden states that they are of, {@code [rows, width]}
     * @param table the head's matrix, {@code [vocabulary, width]}
     */
    static RowStatistics ofSoftmax(INDArray logits, INDArray hidden, INDArray table) {
        return new RowStatistics(logits, hidden, table);
    }

    private RowStatistics(INDArray matrix, INDArray hidden, INDArray table) {
        probabilities = matrix;
        int rows = (int) matrix.size(0);
        entropies = new double[rows];
        squares = new double[rows];
        largest = new double[rows];
        int most = Math.min(ROWS, rows);
        try (INDArray logits = Nd4j.create(matrix.dataType(), most, matrix.size(1));
                INDArray shares = Nd4j.create(matrix.dataType(), most, matrix.size(1));
                RowSoftmax softmax = new RowSoftmax(logits, shares);
                RowSoftmax logarithms = RowSoftmax.logarithms(logits, logits)) {
            for (int start = 0; start < rows; start += ROWS) {
                softmaxed(start, Math.min(rows, start + ROWS), logits, shares, softmax, logarithms);
            }
        }
        // the mean of the logits is the product with the mean of the head's rows
        try (INDArray mean = table.mean(0);
                INDArray products = Nd4j.create(table.dataType(), rows, 1)) {
            hidden.mmuli(mean.reshape(mean.length(), 1), products);
            meanLogits = HostValues.of(products);
        }
    }

    private void softmaxed(
            int start, int end, INDArray logits, INDArray shares, RowSoftmax softmax, RowSoftmax logarithms) {
        INDArray part = probabilities.get(NDArrayIndex.interval(start, end), NDArrayIndex.all());
        logits.get(NDArrayIndex.interval(0, end - start), NDArrayIndex.all()).assign(part);
        softmax.run();
        logarithms.run();
        part.assign(shares.get(NDArrayIndex.interval(0, end - start), NDArrayIndex.all()));
        try (INDArray likeliest = shares.max(1);
                INDArray highest = logits.max(1)) {
            for (int row = start; row < end; row++) {
                INDArray ofRow = shares.getRow(row - start);
                largest[row] = likeliest.getDouble(row - start);
                // all logarithms of a row are off by the same, that of the approximate logarithm of its sum
                double off = highest.getDouble(row - start) - Math.log(largest[row]);
                entropies[row] = off - dot(ofRow, logits.getRow(row - start));
                squares[row] = dot(ofRow, ofRow);
            }
        }
    }

    private static double dot(INDArray a, INDArray b) {
        return Nd4j.getBlasWrapper().dot(a, b);
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
