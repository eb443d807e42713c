package org.preferencelearning.experiments.result;

import java.util.Arrays;
import java.util.OptionalDouble;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * Mean and spread of independent values.
 *
 * @param count how many
 * @param mean their mean
 * @param deviation sample standard deviation; empty for one value
 * @param halfWidth half the width of Student's 95 % interval of the mean; empty for one value
 */
public record Summary(int count, double mean, OptionalDouble deviation, OptionalDouble halfWidth) {
    private static final double TAIL = 0.025;

    /** Summarises at least one value. */
    public static Summary of(double... values) {
        int n = values.length;
        double mean = Arrays.stream(values).average().orElseThrow();
        if (n == 1) {
            return new Summary(1, mean, OptionalDouble.empty(), OptionalDouble.empty());
        }
        double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
        double deviation = Math.sqrt(squares / (n - 1));
        double quantile = TDistribution.of(n - 1).inverseSurvivalProbability(TAIL);
        return new Summary(
                n, mean, OptionalDouble.of(deviation), OptionalDouble.of(quantile * deviation / Math.sqrt(n)));
    }
}
