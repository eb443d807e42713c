package org.preferencelearning.experiments.result;

import org.apache.commons.statistics.interval.BinomialConfidenceInterval;

/** A share of independent items, such as one accuracy. */
final class Proportion {
    private Proportion() {}

    /**
     * The exact 95 % interval of the share (Clopper and Pearson 1934); all of 0 to 1 where there are no items.
     *
     * @param count items that count, 0 to {@code items}
     */
    static Interval interval(int count, int items) {
        if (items == 0) {
            return new Interval(0, 1);
        }
        org.apache.commons.statistics.interval.Interval exact =
                BinomialConfidenceInterval.CLOPPER_PEARSON.fromErrorRate(items, count, Crossed.ERROR_RATE);
        return new Interval(exact.getLowerBound(), exact.getUpperBound());
    }
}
