package org.preferencelearning.gpt2.conformance;

import java.util.ArrayList;
import java.util.List;
import org.preferencelearning.gpt2.conformance.ConformanceReport.Bound;
import org.preferencelearning.gpt2.conformance.ConformanceReport.Entry;

/** Collects comparisons. A difference in length counts as an infinite error. */
final class ErrorTable {
    private final List<Entry> entries = new ArrayList<>();
    private final List<String> unsupported = new ArrayList<>();
    private final List<String> leftOut = new ArrayList<>();

    void unsupported(String name) {
        unsupported.add(name);
    }

    void leftOut(String name, String reason) {
        leftOut.add(name + " (" + reason + ")");
    }

    ConformanceReport report() {
        return new ConformanceReport(entries, unsupported, leftOut);
    }

    /** Bounds the absolute error. */
    void absolute(String name, double[] found, double[] expected, double tolerance) {
        entries.add(new Entry(
                name, error(found, expected, 0), error(found, expected, Double.NaN), Bound.ABSOLUTE, tolerance));
    }

    /** Bounds the error of each value relative to that value. */
    void relative(String name, double[] found, double[] expected, double tolerance) {
        entries.add(new Entry(
                name, error(found, expected, 0), error(found, expected, Double.NaN), Bound.RELATIVE, tolerance));
    }

    /** Bounds the error relative to {@code scale}. */
    void scaled(String name, double[] found, double[] expected, double scale, double tolerance) {
        entries.add(
                new Entry(name, error(found, expected, 0), error(found, expected, scale), Bound.RELATIVE, tolerance));
    }

    /** Bounds the absolute error of each value by a tolerance of its own; shows the value that comes nearest to it. */
    void within(String name, double[] found, double[] expected, double[] tolerances) {
        if (found.length != expected.length) {
            absolute(name, found, expected, 0);
            return;
        }
        int nearest = 0;
        for (int i = 1; i < found.length; i++) {
            if (share(found, expected, tolerances, i) > share(found, expected, tolerances, nearest)) {
                nearest = i;
            }
        }
        absolute(name, new double[] {found[nearest]}, new double[] {expected[nearest]}, tolerances[nearest]);
    }

    private static double share(double[] found, double[] expected, double[] tolerances, int i) {
        double difference = Math.abs(found[i] - expected[i]);
        double share = difference == 0 ? 0 : difference / tolerances[i];
        return Double.isNaN(share) ? Double.POSITIVE_INFINITY : share;
    }

    /** Largest error; {@code scale} 0 means absolute, NaN relative to each expected value. */
    private static double error(double[] found, double[] expected, double scale) {
        if (found.length != expected.length) {
            return Double.POSITIVE_INFINITY;
        }
        double worst = 0;
        for (int i = 0; i < found.length; i++) {
            double difference = Math.abs(found[i] - expected[i]);
            double size = scale == 0 ? 1 : Double.isNaN(scale) ? Math.abs(expected[i]) : scale;
            double error = difference == 0 ? 0 : difference / size;
            worst = Double.isNaN(error) ? Double.NaN : Math.max(worst, error);
        }
        return worst;
    }
}
