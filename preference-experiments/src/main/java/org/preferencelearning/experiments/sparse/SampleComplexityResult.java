package org.preferencelearning.experiments.sparse;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.apache.commons.statistics.distribution.TDistribution;
import org.preferencelearning.experiments.result.Summary;
import org.preferencelearning.experiments.result.Verdict;

/**
 * What a sample-complexity study found.
 *
 * @param study the study
 * @param outcomes one per size, seed and estimator
 */
public record SampleComplexityResult(SampleComplexityStudy study, List<Outcome> outcomes) {
    private static final double TAIL = 0.025;

    public SampleComplexityResult {
        outcomes = ImmutableList.copyOf(outcomes);
    }

    /**
     * One estimate.
     *
     * @param size number of pairs
     * @param seed seed of world and pairs
     * @param estimator how
     * @param error squared data-induced semi-norm of the error: mean squared error of reward differences over the pairs
     * @param valueGap optimum less the true value of the policy that the estimate leads to
     */
    public record Outcome(int size, long seed, Estimator estimator, double error, double valueGap) {}

    /** Errors of an estimator at a size, one a seed. */
    public double[] errors(Estimator estimator, int size) {
        return outcomes.stream()
                .filter(o -> o.estimator() == estimator && o.size() == size)
                .mapToDouble(Outcome::error)
                .toArray();
    }

    /** Mean and spread of the error over seeds. */
    public Summary error(Estimator estimator, int size) {
        return Summary.of(errors(estimator, size));
    }

    /** Mean and spread of the gap in value over seeds. */
    public Summary valueGap(Estimator estimator, int size) {
        return Summary.of(outcomes.stream()
                .filter(o -> o.estimator() == estimator && o.size() == size)
                .mapToDouble(Outcome::valueGap)
                .toArray());
    }

    /**
     * Least-squares slope of log error against log n over all seeds, with Student's 95 % interval.
     *
     * @throws IllegalArgumentException if there are fewer than two sizes or three estimates
     */
    public Slope slope(Estimator estimator) {
        double[][] points = outcomes.stream()
                .filter(o -> o.estimator() == estimator)
                .map(o -> new double[] {Math.log(o.size()), Math.log(o.error())})
                .toArray(double[][]::new);
        int n = points.length;
        if (study.sizes().size() < 2 || n < 3) {
            throw new IllegalArgumentException("a slope needs two sizes and three estimates");
        }
        double meanX = 0;
        double meanY = 0;
        for (double[] point : points) {
            meanX += point[0] / n;
            meanY += point[1] / n;
        }
        double sxx = 0;
        double sxy = 0;
        for (double[] point : points) {
            sxx += (point[0] - meanX) * (point[0] - meanX);
            sxy += (point[0] - meanX) * (point[1] - meanY);
        }
        double slope = sxy / sxx;
        double squares = 0;
        for (double[] point : points) {
            double residual = point[1] - meanY - slope * (point[0] - meanX);
            squares += residual * residual;
        }
        double error = Math.sqrt(squares / (n - 2) / sxx);
        return new Slope(slope, TDistribution.of(n - 2.0).inverseSurvivalProbability(TAIL) * error);
    }

    /**
     * A fitted rate.
     *
     * @param value exponent of n
     * @param halfWidth half the width of its 95 % interval
     */
    public record Slope(double value, double halfWidth) {}

    /**
     * Whether {@code first} has a smaller error than {@code second} at a size, judged by the interval of the mean log ratio
     * over seeds, which share worlds and pairs.
     */
    public Comparison smaller(Estimator first, Estimator second, int size) {
        double[] a = errors(first, size);
        double[] b = errors(second, size);
        double[] ratios = new double[a.length];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = Math.log(a[i] / b[i]);
        }
        Summary summary = Summary.of(ratios);
        double half = summary.halfWidth().orElse(Double.POSITIVE_INFINITY);
        Verdict verdict = summary.mean() < -half
                ? Verdict.SUPPORTED
                : summary.mean() > half ? Verdict.CONTRADICTED : Verdict.INCONCLUSIVE;
        return new Comparison(Math.exp(summary.mean()), Math.exp(half), verdict);
    }

    /**
     * A comparison of errors.
     *
     * @param ratio geometric mean of first over second
     * @param factor the 95 % interval is the ratio divided and multiplied by it
     * @param verdict whether the first is smaller
     */
    public record Comparison(double ratio, double factor, Verdict verdict) {}
}
