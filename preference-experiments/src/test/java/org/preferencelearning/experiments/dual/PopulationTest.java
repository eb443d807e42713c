package org.preferencelearning.experiments.dual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.finite.FiniteProblem;
import org.preferencelearning.core.finite.Sampler;
import org.preferencelearning.core.random.RandomSource;

/** Sums over pairs against the same sums written out, the finite engine, and differences. */
class PopulationTest {
    private static final int PROMPTS = 2;
    private static final int RESPONSES = 5;
    private static final double BETA = 0.4;
    private static final RandomSource RANDOM = RandomSource.of(11);
    private static final double[][] REWARD = table(RANDOM.stream("reward"), 2);
    private static final double[][] REFERENCE = logs(RANDOM.stream("reference"));
    private static final double[][] POLICY = logs(RANDOM.stream("policy"));
    private static final Population POPULATION = new Population(REWARD, REFERENCE, BETA);

    private static double[][] table(RandomSource random, double scale) {
        double[][] table = new double[PROMPTS][RESPONSES];
        for (double[] row : table) {
            Arrays.setAll(row, y -> scale * random.nextGaussian());
        }
        return table;
    }

    private static double[][] logs(RandomSource random) {
        return normalised(table(random, 1));
    }

    private static double[][] normalised(double[][] logits) {
        double[][] logs = new double[logits.length][];
        for (int x = 0; x < logits.length; x++) {
            double log = Math.log(Arrays.stream(logits[x]).map(Math::exp).sum());
            logs[x] = Arrays.stream(logits[x]).map(logit -> logit - log).toArray();
        }
        return logs;
    }

    private static double[][] exponentials(double[][] logs) {
        return Arrays.stream(logs)
                .map(row -> Arrays.stream(row).map(Math::exp).toArray())
                .toArray(double[][]::new);
    }

    private static FiniteProblem problem() {
        return new FiniteProblem(REWARD, exponentials(REFERENCE), new double[] {0.5, 0.5}, BETA);
    }

    @Test
    void valuesAreThoseOfTheFiniteEngine() {
        FiniteProblem problem = problem();
        assertThat(POPULATION.value(POLICY, REWARD)).isCloseTo(problem.value(exponentials(POLICY)), within(1e-12));
        assertThat(POPULATION.optimum()).isCloseTo(problem.optimalValue(), within(1e-12));
        assertThat(POPULATION.divergence(POLICY))
                .isCloseTo(problem.divergence(exponentials(POLICY), exponentials(REFERENCE)), within(1e-12));
        double[][] other = table(RANDOM.stream("other"), 1);
        assertThat(POPULATION.value(POLICY, other))
                .isCloseTo(problem.value(exponentials(POLICY), other), within(1e-12));
    }

    @Test
    void theBestPolicyIsThatOfTheFiniteEngineAndCoversItself() {
        double[][] best = POPULATION.best(REWARD);
        double[][] expected = problem().optimalPolicy(REWARD);
        for (int x = 0; x < PROMPTS; x++) {
            assertThat(exponentials(best)[x]).containsExactly(expected[x], within(1e-12));
        }
        assertThat(POPULATION.value(best, REWARD)).isCloseTo(POPULATION.optimum(), within(1e-12));
        assertThat(POPULATION.coverage(best)).isCloseTo(0, within(1e-12));
        double ratio = 0;
        for (int y = 0; y < RESPONSES; y++) {
            ratio += Math.pow(expected[1][y], 2) / exponentials(POLICY)[1][y];
        }
        double[][] half = {best[0], POLICY[1]};
        assertThat(POPULATION.coverage(half)).isCloseTo(Math.log(ratio) / 2, within(1e-12));
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** Density of a pair at a prompt, as written in the papers. */
    private static double pair(Sampler sampler, int x, int y, int z) {
        double[] policy = exponentials(POLICY)[x];
        double[] reference = exponentials(REFERENCE)[x];
        return switch (sampler) {
            case REFERENCE -> reference[y] * reference[z];
            case ON_POLICY -> policy[y] * policy[z];
            case PILAF -> {
                double up = 0;
                double down = 0;
                for (int i = 0; i < RESPONSES; i++) {
                    up += policy[i] * Math.pow(policy[i] / reference[i], BETA);
                    down += policy[i] * Math.pow(policy[i] / reference[i], -BETA);
                }
                double margin = BETA * (Math.log(policy[y] / reference[y]) - Math.log(policy[z] / reference[z]));
                yield policy[y] * policy[z] * (1 + Math.cosh(margin)) / (1 + up * down);
            }
        };
    }

    private static double loss(Sampler sampler, double[][] scores) {
        double loss = 0;
        for (int x = 0; x < PROMPTS; x++) {
            double total = 0;
            for (int y = 0; y < RESPONSES; y++) {
                for (int z = 0; z < RESPONSES; z++) {
                    double margin = scores[x][y] - scores[x][z];
                    double p = sigmoid(REWARD[x][y] - REWARD[x][z]);
                    double density = pair(sampler, x, y, z);
                    total += density;
                    loss -= density * (p * Math.log(sigmoid(margin)) + (1 - p) * Math.log(sigmoid(-margin))) / PROMPTS;
                }
            }
            assertThat(total).isCloseTo(1, within(1e-12));
        }
        return loss;
    }

    @Test
    void thePreferenceLossIsTheSumOverPairs() {
        double[][] scores = table(RANDOM.stream("scores"), 1);
        assertThat(POPULATION.preferenceLoss(scores)).isCloseTo(loss(Sampler.REFERENCE, scores), within(1e-12));
    }

    @Test
    void preferenceGradientsAreSlopesOfTheSumOverPairsForEverySampler() {
        double[][] scores = table(RANDOM.stream("scores"), 1);
        for (Sampler sampler : Sampler.values()) {
            double[][] gradient = POPULATION.preferenceGradient(scores, sampler, POLICY);
            assertSlopes(gradient, scores, at -> loss(sampler, at));
        }
    }

    private static void assertSlopes(double[][] gradient, double[][] at, ToDoubleFunction<double[][]> function) {
        for (int x = 0; x < PROMPTS; x++) {
            for (int y = 0; y < RESPONSES; y++) {
                double[][] more = copy(at);
                double[][] less = copy(at);
                more[x][y] += 1e-5;
                less[x][y] -= 1e-5;
                double slope = (function.applyAsDouble(more) - function.applyAsDouble(less)) / 2e-5;
                assertThat(gradient[x][y]).isCloseTo(slope, within(1e-8));
            }
        }
    }

    private static double[][] copy(double[][] table) {
        return Arrays.stream(table).map(double[]::clone).toArray(double[][]::new);
    }

    /** By the logits, whose softmax is the policy, as the gradient is only right along policies. */
    @Test
    void theValuesGradientIsItsSlope() {
        double[][] logits = copy(POLICY);
        assertSlopes(POPULATION.valueGradient(POLICY, REWARD), logits, at -> POPULATION.value(normalised(at), REWARD));
    }

    @Test
    void theSquaredMarginsGradientIsMinusTwiceBetaThatOfTheValue() {
        double[][] squared = POPULATION.squaredMarginGradient(POLICY, REWARD);
        double[][] value = POPULATION.valueGradient(POLICY, REWARD);
        for (int x = 0; x < PROMPTS; x++) {
            for (int y = 0; y < RESPONSES; y++) {
                assertThat(squared[x][y]).isCloseTo(-2 * BETA * value[x][y], within(1e-14));
            }
        }
    }

    @Test
    void rolloutsAreRightOnAverage() {
        DualTokenMethod.Slope gradient =
                DualMethod.REINFORCE.start(new DualTokenMethod.Given(POPULATION, REWARD, 4, RandomSource.of(5)));
        int draws = 40_000;
        double[][] sum = new double[PROMPTS][RESPONSES];
        double[][] squares = new double[PROMPTS][RESPONSES];
        for (int i = 0; i < draws; i++) {
            // what moves the normalisation is taken out, as the policy's softmax does
            double[][] one = gradient.at(POLICY);
            for (int x = 0; x < PROMPTS; x++) {
                double total = Arrays.stream(one[x]).sum();
                for (int y = 0; y < RESPONSES; y++) {
                    double moved = one[x][y] - Math.exp(POLICY[x][y]) * total;
                    sum[x][y] += moved;
                    squares[x][y] += moved * moved;
                }
            }
        }
        double[][] expected = POPULATION.valueGradient(POLICY, REWARD);
        for (int x = 0; x < PROMPTS; x++) {
            for (int y = 0; y < RESPONSES; y++) {
                double mean = sum[x][y] / draws;
                double error = Math.sqrt((squares[x][y] / draws - mean * mean) / draws);
                assertThat(mean).isCloseTo(-expected[x][y], within(4 * error));
            }
        }
    }

    @Test
    void scoresFarBelowTheLargestAreNoTrouble() {
        double[][] scores = {{0, -2000, 5, 1, 2}, {0, 0, 0, 0, -1e6}};
        for (double[] row : POPULATION.preferenceGradient(scores, Sampler.REFERENCE, POLICY)) {
            assertThat(row).doesNotContain(Double.NaN);
        }
    }
}
