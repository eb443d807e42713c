package org.preferencelearning.core.finite;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.TreeSet;

/**
 * A proven upper bound of the regularised value over a log-linear class of one parameter, by interval subdivision.
 *
 * <p>The derivative of the value is the covariance of psi and {@code r - beta log(pi / ref)} under the policy, at most the
 * product of their deviations. The second is at most half the range. For theta above 0 the first is at most the root of
 * {@code E (max psi - psi)^2}, which falls with theta (a covariance of oppositely ordered functions); below 0 likewise with
 * the minimum. Beyond {@code 40 / gap}, with the gap between the two extreme values of psi, a policy equals its limit to 17
 * digits, so the search ends there. The bound is valid, if less tight, where the subdivisions run out.
 */
final class OneDimensionalBound {
    private static final int MAX_SUBDIVISIONS = 20_000;

    private OneDimensionalBound() {}

    static double of(FiniteProblem problem, PolicyFamily family, double[][] reward, double tolerance) {
        double limit = limit(family.features());
        Slopes slopes = new Slopes(problem, family, reward);
        PriorityQueue<Interval> open = new PriorityQueue<>(Comparator.comparingDouble(i -> -i.bound));
        double best = Double.NEGATIVE_INFINITY;
        int pieces = 64;
        for (int i = 0; i < pieces; i++) {
            Interval interval = interval(family, reward, slopes, -limit + 2 * limit * i / pieces, 2 * limit / pieces);
            best = Math.max(best, interval.value);
            open.add(interval);
        }
        for (int i = 0; i < MAX_SUBDIVISIONS && open.peek().bound > best + tolerance; i++) {
            Interval widest = open.poll();
            for (int half = 0; half < 2; half++) {
                double width = widest.width / 2;
                Interval part = interval(family, reward, slopes, widest.low + half * width, width);
                best = Math.max(best, part.value);
                open.add(part);
            }
        }
        return open.peek().bound;
    }

    private static Interval interval(PolicyFamily family, double[][] reward, Slopes slopes, double low, double width) {
        double value = family.value(new double[] {low + width / 2}, reward);
        return new Interval(low, width, value, value + slopes.largest(low, low + width) * width / 2);
    }

    private static double limit(FeatureMap features) {
        double gap = Double.POSITIVE_INFINITY;
        for (int x = 0; x < features.prompts(); x++) {
            TreeSet<Double> values = new TreeSet<>();
            for (int y = 0; y < features.responses(); y++) {
                values.add(features.get(x, y, 0));
            }
            if (values.size() > 1) {
                gap = Math.min(gap, values.last() - values.lower(values.last()));
                gap = Math.min(gap, values.higher(values.first()) - values.first());
            }
        }
        return Double.isInfinite(gap) ? 1 : 40 / gap;
    }

    /** Bounds of the derivative over intervals of theta. */
    private static final class Slopes {
        private final FiniteProblem problem;
        private final PolicyFamily family;
        private final Range[] psi;
        private final Range[] tilted;

        Slopes(FiniteProblem problem, PolicyFamily family, double[][] reward) {
            this.problem = problem;
            this.family = family;
            psi = new Range[problem.prompts()];
            tilted = new Range[problem.prompts()];
            for (int x = 0; x < psi.length; x++) {
                psi[x] = new Range();
                tilted[x] = new Range();
                for (int y = 0; y < problem.responses(); y++) {
                    psi[x].add(family.features().get(x, y, 0));
                    tilted[x].add(reward[x][y] + problem.beta() * Math.log(problem.referenceAt(x, y)));
                }
            }
        }

        double largest(double low, double high) {
            double farthest = Math.max(Math.abs(low), Math.abs(high));
            double slope = 0;
            for (int x = 0; x < psi.length; x++) {
                double half = (tilted[x].size() + problem.beta() * farthest * psi[x].size()) / 2;
                slope += problem.promptWeight(x) * deviation(x, low, high) * half;
            }
            return slope;
        }

        private double deviation(int prompt, double low, double high) {
            double most = psi[prompt].size() / 2;
            if (low < 0 && high > 0) {
                return most;
            }
            double extreme = low >= 0 ? psi[prompt].high : psi[prompt].low;
            double[] log = family.logPolicy(new double[] {low >= 0 ? low : high}, prompt);
            double square = 0;
            for (int y = 0; y < log.length; y++) {
                double distance = extreme - family.features().get(prompt, y, 0);
                square += Math.exp(log[y]) * distance * distance;
            }
            return Math.min(most, Math.sqrt(square));
        }
    }

    private record Interval(double low, double width, double value, double bound) {}

    private static final class Range {
        private double low = Double.POSITIVE_INFINITY;
        private double high = Double.NEGATIVE_INFINITY;

        void add(double value) {
            low = Math.min(low, value);
            high = Math.max(high, value);
        }

        double size() {
            return high - low;
        }
    }
}
