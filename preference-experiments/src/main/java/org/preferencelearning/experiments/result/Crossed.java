package org.preferencelearning.experiments.result;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * A mean, or a difference of two means, over seeds crossed with items, and what it varies with. The value of a side's seed s on
 * item i is a mean, a random effect of the seed, a random effect of the item and a rest; the items are shared by both sides, so
 * that their effect enters as that of the item's difference. The variance of the mean is put together from the crossed mean
 * squares (Searle, Casella and McCulloch 1992, <em>Variance components</em>, chapters 4 and 5; for paired items Miller 2024,
 * <em>Adding error bars to evals</em>), so that the rest is counted once, and Student's degrees of freedom are Welch's and
 * Satterthwaite's (Satterthwaite 1946).
 *
 * <p>Items are paired, seeds are not: each side's seeds are draws of their own, although they carry the same numbers. That keeps
 * up to twice the degrees of freedom, which matters most where seeds are few; what a seed does to both sides alike widens the
 * interval and never narrows it. An estimate from one side, or from seeds' or items' paired differences, is the same with one
 * set of seeds or none.
 *
 * @param mean of all values, or left minus right
 * @param seeds of each side, at least 1
 * @param items that are shared, at least 1
 * @param seedVariances for each side, the sample variance of its seeds' means; empty where one seed leaves it unknown
 * @param rests for each side, the mean square of what neither seed nor item explains
 * @param itemVariance the sample variance of the items' means, or of their differences; 0 for one item
 */
record Crossed(double mean, int seeds, int items, List<Double> seedVariances, List<Double> rests, double itemVariance) {
    /** One minus the intervals' level. */
    static final double ERROR_RATE = 0.05;

    /** Values closer than this are not told apart: exact searches end within about 1e-9 of an optimum. */
    static final double RESOLUTION = 1e-7;

    private static final double LUCK = 0.05;

    Crossed {
        requireNonNull(seedVariances, "seedVariances");
        seedVariances = ImmutableList.copyOf(seedVariances);
        rests = ImmutableList.copyOf(rests);
    }

    /** The mean over seeds (rows) and items (columns) of one side. */
    static Crossed mean(double[][] values) {
        Side side = Side.of(values);
        return of(side.mean, values.length, side.itemMeans, List.of(side));
    }

    /** The mean of the left side less that of the right one, which have as many seeds (rows) and the same items (columns). */
    static Crossed difference(double[][] left, double[][] right) {
        Side one = Side.of(left);
        Side other = Side.of(right);
        double[] differences = IntStream.range(0, one.itemMeans.length)
                .mapToDouble(i -> one.itemMeans[i] - other.itemMeans[i])
                .toArray();
        return of(one.mean - other.mean, left.length, differences, List.of(one, other));
    }

    /** The mean of values of which each belongs to a seed of its own. */
    static Crossed ofSeeds(double[] values) {
        return mean(
                Arrays.stream(values).mapToObj(value -> new double[] {value}).toArray(double[][]::new));
    }

    private static Crossed of(double mean, int seeds, double[] itemMeans, List<Side> sides) {
        boolean repeated = seeds > 1;
        return new Crossed(
                mean,
                seeds,
                itemMeans.length,
                repeated ? sides.stream().map(Side::seedVariance).toList() : List.of(),
                repeated ? sides.stream().map(Side::rest).toList() : List.of(),
                itemMeans.length > 1 ? variance(itemMeans) : 0);
    }

    /** Whether anything is known of how the mean varies. */
    boolean known() {
        return seeds > 1 || items > 1;
    }

    /** Mean square of the rest, summed over sides. */
    double rest() {
        return sum(rests);
    }

    /** What the rest adds to the variance of the mean, which both sources of error hold. */
    private double restOfMean() {
        return rest() / seeds / items;
    }

    /** Variance of the items' effect on the mean or on the difference, the rest left out. */
    double itemEffect() {
        return Math.max(0, itemVariance - rest() / seeds);
    }

    /** For each side, the variance that its seeds' means are expected to have over another number of items. */
    List<Double> seedVariancesWith(int otherItems) {
        return IntStream.range(0, seedVariances.size())
                .mapToObj(side ->
                        Math.max(0, seedVariances.get(side) - rests.get(side) / items) + rests.get(side) / otherItems)
                .toList();
    }

    /**
     * Variance of a mean by the seeds. The rest alone puts it above a lower quantile of its own; less than that is luck, such as
     * equal shares of right items with both of two seeds.
     *
     * @param restOfMean what the rest adds to the variance of the mean
     */
    static double bySeeds(List<Double> seedVariances, int seeds, double restOfMean) {
        if (seedVariances.isEmpty()) {
            return 0;
        }
        double freedom = seedVariances.size() * (seeds - 1.0);
        double least = ChiSquaredDistribution.of(freedom).inverseCumulativeProbability(LUCK) / freedom;
        return Math.max(sum(seedVariances) / seeds, least * restOfMean);
    }

    private double bySeeds() {
        return bySeeds(seedVariances, seeds, restOfMean());
    }

    private double byItems() {
        return itemEffect() / items;
    }

    /** Standard error of a mean by its two sources. */
    static double error(double bySeeds, double byItems) {
        return Math.max(Math.sqrt(bySeeds + byItems), RESOLUTION / 2);
    }

    /** Standard error of the mean. */
    double error() {
        return error(bySeeds(), byItems());
    }

    /** Student's degrees of freedom. */
    double freedom() {
        return freedom(seedVariances, seeds, bySeeds(), byItems(), items);
    }

    /**
     * Degrees of freedom of a variance of a mean.
     *
     * @param seedVariances of which {@code bySeeds} consists, in proportion
     */
    static double freedom(List<Double> seedVariances, int seeds, double bySeeds, double byItems, int items) {
        double total = sum(seedVariances);
        double squares = items > 1 ? byItems * byItems / (items - 1) : 0;
        for (double variance : seedVariances) {
            double share = total > 0 ? variance / total : 1.0 / seedVariances.size();
            squares += Math.pow(bySeeds * share, 2) / (seeds - 1);
        }
        double all = bySeeds + byItems;
        if (squares == 0) {
            return seedVariances.isEmpty() ? Math.max(1, items - 1) : seeds - 1;
        }
        return all * all / squares;
    }

    /** The 95 % interval of the mean. */
    Interval interval() {
        return Interval.around(mean, TDistribution.of(freedom()).inverseSurvivalProbability(ERROR_RATE / 2) * error());
    }

    /** The probability of a mean at least as high, if the true one is {@code truth}; 0 or 1 where nothing varies. */
    double above(double truth) {
        if (constant()) {
            return mean - truth >= RESOLUTION / 2 ? 0 : 1;
        }
        return TDistribution.of(freedom()).survivalProbability((mean - truth) / error());
    }

    /** The probability of a mean at most as high, if the true one is {@code truth}; 0 or 1 where nothing varies. */
    double below(double truth) {
        if (constant()) {
            return truth - mean >= RESOLUTION / 2 ? 0 : 1;
        }
        return TDistribution.of(freedom()).cumulativeProbability((mean - truth) / error());
    }

    private boolean constant() {
        return error() <= RESOLUTION / 2;
    }

    private static double sum(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).sum();
    }

    private static double variance(double[] values) {
        double deviation = Summary.of(values).deviation().orElseThrow();
        return deviation * deviation;
    }

    /** One side's table of seeds and items. */
    private record Side(double mean, double seedVariance, double rest, double[] itemMeans) {
        static Side of(double[][] values) {
            int seeds = values.length;
            int items = values[0].length;
            double[] seedMeans = new double[seeds];
            double[] itemMeans = new double[items];
            for (int s = 0; s < seeds; s++) {
                for (int i = 0; i < items; i++) {
                    seedMeans[s] += values[s][i] / items;
                    itemMeans[i] += values[s][i] / seeds;
                }
            }
            double mean = Arrays.stream(seedMeans).average().orElseThrow();
            double squares = 0;
            for (int s = 0; s < seeds; s++) {
                for (int i = 0; i < items; i++) {
                    double rest = values[s][i] - seedMeans[s] - itemMeans[i] + mean;
                    squares += rest * rest;
                }
            }
            double freedom = (seeds - 1.0) * (items - 1.0);
            return new Side(mean, seeds > 1 ? variance(seedMeans) : 0, freedom > 0 ? squares / freedom : 0, itemMeans);
        }
    }
}
