package org.preferencelearning.testkit;

import java.util.function.Function;
import java.util.function.IntUnaryOperator;

/**
 * Slopes of values along a column, by central differences.
 *
 * @param values one a row
 * @param noise what rounding may add to each
 */
record Slopes(double[] values, double[] noise) {
    private static final double STEP = 1e-5;

    /** Of what {@code evaluate} makes of each row. */
    static Slopes of(Pairs rows, String column, Function<Pairs, double[]> evaluate) {
        double[] up = evaluate.apply(rows.plus(column, STEP));
        double[] down = evaluate.apply(rows.plus(column, -STEP));
        double[] slopes = new double[up.length];
        double[] noise = new double[up.length];
        for (int i = 0; i < up.length; i++) {
            slopes[i] = (up[i] - down[i]) / (2 * STEP);
            noise[i] = 8 * Math.ulp(Math.max(Math.abs(up[i]), Math.abs(down[i]))) / (2 * STEP);
        }
        return new Slopes(slopes, noise);
    }

    /** Ratios to other slopes; 0 where the slope is. */
    Slopes per(Slopes others) {
        double[] ratios = new double[values.length];
        double[] ratioNoise = new double[values.length];
        for (int i = 0; i < ratios.length; i++) {
            if (Math.abs(values[i]) > noise[i]) {
                ratios[i] = values[i] / others.values[i];
                ratioNoise[i] = Math.abs(ratios[i])
                        * (noise[i] / Math.abs(values[i]) + others.noise[i] / Math.abs(others.values[i]));
            }
        }
        return new Slopes(ratios, ratioNoise);
    }

    /** The first row that differs from the row that {@code other} says, -1 if none does. */
    int differing(IntUnaryOperator other) {
        for (int i = 0; i < values.length; i++) {
            int j = other.applyAsInt(i);
            double size = Math.max(Math.abs(values[i]), Math.abs(values[j]));
            if (!(Math.abs(values[i] - values[j]) <= 1e-6 * size + noise[i] + noise[j])) {
                return i;
            }
        }
        return -1;
    }
}
