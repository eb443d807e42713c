package org.preferencelearning.experiments.result;

import java.util.List;
import org.apache.commons.statistics.distribution.TDistribution;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.study.CellId;

/**
 * A rate: the exponent of n in how a metric falls with the number of pairs.
 *
 * @param value least-squares slope of the metric's logarithm against log n, over all sizes and seeds
 * @param halfWidth half the width of Student's 95 % interval
 */
public record Slope(double value, double halfWidth) {
    private static final double TAIL = 0.025;

    /**
     * Fits the rate of a metric over the cells that {@code selection} names.
     *
     * @param metric above 0
     * @throws SettingException if there are fewer than two sizes or three cells
     */
    public static Slope of(StudyResult result, CellId selection, String metric) {
        List<CellResult> cells = result.cells(selection);
        double[] x = cells.stream()
                .mapToDouble(cell ->
                        Math.log(Double.parseDouble(cell.id().get(CellId.SIZE).orElseThrow())))
                .toArray();
        double[] y = cells.stream()
                .mapToDouble(cell -> Math.log(cell.measurements().last(metric).orElseThrow()))
                .toArray();
        double meanX = Summary.of(x).mean();
        double meanY = Summary.of(y).mean();
        double sxx = 0;
        double sxy = 0;
        for (int i = 0; i < x.length; i++) {
            sxx += (x[i] - meanX) * (x[i] - meanX);
            sxy += (x[i] - meanX) * (y[i] - meanY);
        }
        SettingException.require(
                x.length >= 3 && sxx > 0, "slope", x.length + " cells", "at least three cells of two sizes");
        double slope = sxy / sxx;
        double squares = 0;
        for (int i = 0; i < x.length; i++) {
            double residual = y[i] - meanY - slope * (x[i] - meanX);
            squares += residual * residual;
        }
        double error = Math.sqrt(squares / (x.length - 2) / sxx);
        return new Slope(slope, TDistribution.of(x.length - 2.0).inverseSurvivalProbability(TAIL) * error);
    }
}
