package org.preferencelearning.experiments.dual;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.preferencelearning.core.finite.Sampler;
import org.preferencelearning.core.random.RandomSource;

/**
 * A policy that raises or lowers each word wherever it stands, as tables: {@code pi(a | x) ~ pi_ref(a | x) exp(s_a)} and
 * {@code pi(b | x, a) ~ pi_ref(b | x, a) exp(s_b)}.
 *
 * @param log logarithm of its probabilities
 * @param value under the true reward
 */
record WordTilts(double[][] log, double value) {
    private static final int STEPS = 30_000;
    private static final int STARTS = 8;

    /** What is tilted. */
    record Reference(DualTokenText world, Population population) {
        /** Logarithm of {@code pi_ref(a | x)}. */
        private double[] first(int x) {
            double[] first = new double[world.words()];
            for (int a = 0; a < first.length; a++) {
                for (int b = 0; b < first.length; b++) {
                    first[a] += Math.exp(population.referenceLog()[x][world.response(a, b)]);
                }
                first[a] = Math.log(first[a]);
            }
            return first;
        }

        private double[][] log(double[] tilts) {
            double[][] log = new double[world.prompts()][world.responses()];
            for (int x = 0; x < log.length; x++) {
                double[] first = first(x);
                double[] ofFirst = normalised(first, tilts);
                for (int a = 0; a < tilts.length; a++) {
                    double[] second = new double[tilts.length];
                    for (int b = 0; b < tilts.length; b++) {
                        second[b] = population.referenceLog()[x][world.response(a, b)] - first[a];
                    }
                    double[] ofSecond = normalised(second, tilts);
                    for (int b = 0; b < tilts.length; b++) {
                        log[x][world.response(a, b)] = ofFirst[a] + ofSecond[b];
                    }
                }
            }
            return log;
        }

        private static double[] normalised(double[] logs, double[] tilts) {
            double[] tilted = new double[logs.length];
            double sum = 0;
            for (int i = 0; i < logs.length; i++) {
                tilted[i] = logs[i] + tilts[i];
                sum += Math.exp(tilted[i]);
            }
            double normaliser = Math.log(sum);
            return Arrays.stream(tilted).map(value -> value - normaliser).toArray();
        }

        /** By the tilts, from that by the logarithms. */
        private double[] gradient(double[][] log, double[][] byLog) {
            double[] gradient = new double[world.words()];
            for (int x = 0; x < log.length; x++) {
                double total = 0;
                for (int a = 0; a < gradient.length; a++) {
                    double ofFirst = 0;
                    double probability = 0;
                    for (int b = 0; b < gradient.length; b++) {
                        ofFirst += byLog[x][world.response(a, b)];
                        probability += Math.exp(log[x][world.response(a, b)]);
                    }
                    total += ofFirst;
                    gradient[a] += ofFirst;
                    for (int b = 0; b < gradient.length; b++) {
                        int y = world.response(a, b);
                        gradient[b] += byLog[x][y] - ofFirst * Math.exp(log[x][y]) / probability;
                    }
                }
                for (int a = 0; a < gradient.length; a++) {
                    for (int b = 0; b < gradient.length; b++) {
                        gradient[a] -= total * Math.exp(log[x][world.response(a, b)]);
                    }
                }
            }
            return gradient;
        }
    }

    private static WordTilts descend(
            Reference reference, double[] tilts, double rate, UnaryOperator<double[][]> gradient) {
        for (int i = 0; i < STEPS; i++) {
            double[][] log = reference.log(tilts);
            double[] step = reference.gradient(log, gradient.apply(log));
            for (int k = 0; k < tilts.length; k++) {
                tilts[k] -= rate * step[k];
            }
        }
        double[][] log = reference.log(tilts);
        Population population = reference.population();
        return new WordTilts(log, population.value(log, population.reward()));
    }

    /** Where the flow of the preference loss leads from the reference. */
    static WordTilts direct(Reference reference, Sampler sampler) {
        Population population = reference.population();
        return descend(
                reference,
                new double[reference.world().words()],
                10,
                log -> population.preferenceGradient(population.implicitReward(log), sampler, log));
    }

    /** The best under a reward of what ascents from several starts find. */
    static WordTilts best(Reference reference, double[][] reward) {
        Population population = reference.population();
        RandomSource random = RandomSource.of(6);
        WordTilts best = null;
        for (int start = 0; start < STARTS; start++) {
            double[] tilts = new double[reference.world().words()];
            double spread = start == 0 ? 0 : 2;
            Arrays.setAll(tilts, k -> spread * random.nextGaussian());
            WordTilts found =
                    descend(reference, tilts, 0.3, log -> Population.scaled(population.valueGradient(log, reward), -1));
            if (best == null || population.value(found.log, reward) > population.value(best.log, reward)) {
                best = found;
            }
        }
        return best;
    }
}
