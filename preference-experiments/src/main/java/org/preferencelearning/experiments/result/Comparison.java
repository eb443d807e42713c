package org.preferencelearning.experiments.result;

/**
 * The difference of two methods' accuracies with a 95 % interval that allows for both of its sources of error: the seeds,
 * and the held-out pairs, which every seed shares.
 *
 * @param difference first minus second, averaged over seeds
 * @param halfWidth half the width of the interval
 */
public record Comparison(double difference, double halfWidth) {
    private static final double NORMAL_QUANTILE = 1.959964;

    /**
     * A comparison.
     *
     * @param overSeeds differences, one a seed
     * @param heldOut number of held-out pairs; the two methods' errors on them are taken as independent, which errs towards
     *     a wider interval
     */
    static Comparison of(Summary overSeeds, int heldOut) {
        double seeds = overSeeds.halfWidth().orElse(0);
        double pairs = NORMAL_QUANTILE * Math.sqrt(2 * 0.25 / heldOut);
        return new Comparison(overSeeds.mean(), Math.hypot(seeds, pairs));
    }

    /** Which method is better, if the interval excludes 0. */
    String inFavourOf(String first, String second) {
        if (Math.abs(difference) <= halfWidth) {
            return "inconclusive";
        }
        return (difference > 0 ? first : second) + " is better";
    }
}
