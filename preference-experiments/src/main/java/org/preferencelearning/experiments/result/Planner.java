package org.preferencelearning.experiments.result;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.IntToDoubleFunction;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * Predicts how often a claim would be answered with other numbers of seeds and items, if seeds, items and the rest varied as they
 * are estimated to. The prediction is the judgement's own rule averaged over what the seeds' spread may turn out to be, or, of
 * one seed each, the items'.
 *
 * @param variation how the difference varies today
 * @param test what is to be shown
 * @param level at which it is to be shown
 */
record Planner(Crossed variation, Test test, double level) {
    private static final double POWER = 0.8;
    /** Quantiles that stand for a sample variance's distribution where it is wide and skewed. */
    private static final int POINTS = 8;

    /** From so many degrees of freedom three points of the right mean and variance do (Chebyshev's rule of equal weights). */
    private static final int NEARLY_NORMAL = 30;

    private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);

    Planner {
        requireNonNull(variation, "variation");
        requireNonNull(test, "test");
    }

    /** What is tested of a mean. */
    sealed interface Test {
        /** That it is not 0, at a level in both directions. */
        record Different() implements Test {}

        /** That it is beyond a margin, at a level in both directions. */
        record Beyond(double margin) implements Test {}

        /** That it is within a margin, by a test at the level on each side. */
        record Within(double margin) implements Test {}
    }

    /** The fewest seeds, not below today's, with the items of today. */
    OptionalInt seeds(double difference) {
        return variation.seedVariances().isEmpty()
                ? OptionalInt.empty()
                : fewest(variation.seeds(), seeds -> power(difference, seeds, variation.items()));
    }

    /** The fewest items, not below today's, with the seeds of today. */
    OptionalInt items(double difference) {
        return variation.items() < 2
                ? OptionalInt.empty()
                : fewest(variation.items(), items -> power(difference, variation.seeds(), items));
    }

    private static OptionalInt fewest(int least, IntToDoubleFunction power) {
        if (power.applyAsDouble(Needed.MOST) < POWER) {
            return OptionalInt.empty();
        }
        int low = least;
        int high = least;
        while (power.applyAsDouble(high) < POWER) {
            low = high + 1;
            high = Math.min(2 * high, Needed.MOST);
        }
        while (low < high) {
            int middle = low + (high - low) / 2;
            if (power.applyAsDouble(middle) < POWER) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return OptionalInt.of(high);
    }

    /** The share of studies of so many seeds and items that would show it, if the true difference is this. */
    double power(double difference, int seeds, int items) {
        List<Double> bySeed = variation.seedVariancesWith(items);
        double byItems = variation.itemEffect() / items;
        double byRest = variation.rest() / seeds / items;
        double deviation =
                Math.sqrt(bySeed.stream().mapToDouble(Double::doubleValue).sum() / seeds + byItems);
        if (bySeed.isEmpty()) {
            return Arrays.stream(quantiles(items - 1))
                    .map(spread -> answered(difference, deviation, Crossed.error(0, spread * byItems), items - 1))
                    .average()
                    .orElseThrow();
        }
        double[] spreads = quantiles(seeds - 1);
        double total = 0;
        // one side's spread, or both sides' in all combinations
        double[] others = bySeed.size() == 1 ? new double[] {0} : spreads;
        for (double spread : spreads) {
            for (double other : others) {
                List<Double> drawn = bySeed.size() == 1
                        ? List.of(spread * bySeed.get(0))
                        : List.of(spread * bySeed.get(0), other * bySeed.get(1));
                double seedsPart = Crossed.bySeeds(drawn, seeds, byRest);
                total += answered(
                        difference,
                        deviation,
                        Crossed.error(seedsPart, byItems),
                        Crossed.freedom(drawn, seeds, seedsPart, byItems, items));
            }
        }
        return total / spreads.length / others.length;
    }

    /** Spreads of a sample variance about its expectation, each as likely as the others. */
    private static double[] quantiles(int freedom) {
        if (freedom >= NEARLY_NORMAL) {
            double away = Math.sqrt(1.5 * 2 / freedom);
            return new double[] {1 - away, 1, 1 + away};
        }
        ChiSquaredDistribution spread = ChiSquaredDistribution.of(freedom);
        double[] quantiles = new double[POINTS];
        for (int i = 0; i < POINTS; i++) {
            quantiles[i] = spread.inverseCumulativeProbability((i + 0.5) / POINTS) / freedom;
        }
        return quantiles;
    }

    /** The probability of the answer if the estimated standard error is {@code error}, whatever the true one is. */
    private double answered(double difference, double deviation, double error, double freedom) {
        TDistribution student = TDistribution.of(freedom);
        if (test instanceof Test.Within within) {
            double reach = within.margin - student.inverseSurvivalProbability(level) * error;
            return reach <= 0 ? 0 : below(reach, difference, deviation) - below(-reach, difference, deviation);
        }
        double margin = test instanceof Test.Beyond beyond ? beyond.margin : 0;
        double reach = margin + student.inverseSurvivalProbability(level / 2) * error;
        return 1 - below(reach, Math.abs(difference), deviation);
    }

    private static double below(double value, double mean, double deviation) {
        if (deviation == 0) {
            return value < mean ? 0 : 1;
        }
        return NORMAL.cumulativeProbability((value - mean) / deviation);
    }
}
