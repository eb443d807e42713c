package org.preferencelearning.experiments.result;

/**
 * What a value is estimated to lie in.
 *
 * @param low its lower end
 * @param high its upper end, at least {@code low}
 */
public record Interval(double low, double high) {
    /** The interval around a value. */
    static Interval around(double value, double halfWidth) {
        return new Interval(value - halfWidth, value + halfWidth);
    }
}
