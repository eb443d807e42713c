package org.preferencelearning.experiments.result;

/**
 * What a value is estimated to lie in.
 *
 * @param low its lower end
 * @param high its upper end, at least {@code low}
 */
public record Interval(double low, double high) {
    /** The part of it that is possible. */
    Interval within(double least, double most) {
        return new Interval(Math.max(low, least), Math.min(high, most));
    }

    /** The interval around a value. */
    static Interval around(double value, double halfWidth) {
        return new Interval(value - halfWidth, value + halfWidth);
    }
}
