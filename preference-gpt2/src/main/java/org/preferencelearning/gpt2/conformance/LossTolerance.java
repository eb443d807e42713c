package org.preferencelearning.gpt2.conformance;

import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.preferencelearning.core.loss.LossValues;

/**
 * How far a loss and its derivatives may be off where the numbers that it reads may be: each as far as it moves when one of
 * them moves by its tolerance, added up over them. A loss that amplifies log-probabilities is given what it amplifies, another
 * no more than its slope.
 */
final class LossTolerance {
    /** A loss is computed from numbers of size 1, such as 1 + exp(-x), so that a smaller one is off by their rounding. */
    private static final double LEAST = 4 * Math.ulp(1.0);

    private LossTolerance() {}

    /**
     * Tolerances in the places of the values that they are for.
     *
     * @param loss of columns of one number for each pair; pairs do not depend on each other
     * @param columns what the loss is evaluated at
     * @param tolerance of each number in {@code columns}
     * @param rounding what is allowed besides, relative to each value
     */
    static LossValues of(Function<double[][], LossValues> loss, double[][] columns, double tolerance, double rounding) {
        double[][] values = parts(loss.apply(columns));
        double[][] allowed = Arrays.stream(values)
                .map(part -> Arrays.stream(part)
                        .map(v -> rounding * Math.abs(v) + LEAST)
                        .toArray())
                .toArray(double[][]::new);
        for (int column = 0; column < columns.length; column++) {
            double[][] up = parts(loss.apply(moved(columns, column, tolerance)));
            double[][] down = parts(loss.apply(moved(columns, column, -tolerance)));
            for (int part = 0; part < values.length; part++) {
                for (int pair = 0; pair < values[part].length; pair++) {
                    // The larger of both sides and not their mean: a loss may have its least value or a kink here.
                    allowed[part][pair] += Math.max(
                            Math.abs(up[part][pair] - values[part][pair]),
                            Math.abs(down[part][pair] - values[part][pair]));
                }
            }
        }
        return new LossValues(allowed[0], allowed[1], allowed[2]);
    }

    /** Size of the gradients' tolerances relative to that of the gradients. */
    static double relative(LossValues tolerances, LossValues values) {
        double size = norm(values);
        return size == 0 ? 0 : norm(tolerances) / size;
    }

    private static double norm(LossValues values) {
        return Math.sqrt(Stream.of(values.chosenGradient(), values.rejectedGradient())
                .flatMapToDouble(Arrays::stream)
                .map(v -> v * v)
                .sum());
    }

    private static double[][] parts(LossValues values) {
        return new double[][] {values.perPair(), values.chosenGradient(), values.rejectedGradient()};
    }

    private static double[][] moved(double[][] columns, int column, double amount) {
        return IntStream.range(0, columns.length)
                .mapToObj(i -> i == column
                        ? Arrays.stream(columns[i]).map(v -> v + amount).toArray()
                        : columns[i])
                .toArray(double[][]::new);
    }
}
