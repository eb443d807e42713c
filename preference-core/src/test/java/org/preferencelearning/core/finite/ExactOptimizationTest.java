package org.preferencelearning.core.finite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.random.RandomSource;

/** Recorded values were computed apart, by other programs, and are given to four digits. */
class ExactOptimizationTest {
    private static final FeatureMap SYMMETRIC = FeatureMap.of(new double[][] {{1}, {-1}, {0}});

    @ParameterizedTest
    @CsvSource({
        "1, false, false, .9196, .9196, .9196, .9196",
        "1, true,  false, .7817, .6667, .7817, .7817",
        "1, false, true,  .6667, .9196, .9196, .9196",
        "1, true,  true,  .6667, .6667, .7817, .7817"
    })
    void theFourConditions(
            double reward,
            boolean restrictedPolicies,
            boolean restrictedRewards,
            double rlhf,
            double dpo,
            double online,
            double best) {
        FiniteProblem problem = FiniteProblem.bandit(new double[] {reward, reward, 0}, uniform(3), 0.2);
        ExactOptimization exact = new ExactOptimization(
                problem, restricted(restrictedPolicies, SYMMETRIC), restricted(restrictedRewards, SYMMETRIC));
        double[] start = new double[exact.dimension()];
        start[0] = 0.1;
        assertThat(problem.optimalValue()).isCloseTo(.9196, within(5e-5));
        assertThat(problem.value(exact.rlhf().table())).isCloseTo(rlhf, within(5e-5));
        assertThat(problem.value(exact.dpo().table())).isCloseTo(dpo, within(5e-5));
        assertThat(problem.value(exact.onlineDpo(Sampler.PILAF, start).table())).isCloseTo(online, within(5e-4));
        assertThat(problem.value(exact.classOptimum().table())).isCloseTo(best, within(5e-5));
    }

    /** Both classes restricted and isomorphic; columns: R, beta, offline, PILAF, on-policy, best of the class. */
    @ParameterizedTest
    @CsvSource({
        "1, .1, .6667, .8901, .8901, .8901",
        "1, .3, .6667, .6765, .6864, .6864",
        "2, .5, 1.3333, 1.3467, 1.4618, 1.4618",
        "4, .5, 2.6667, 3.4137, 3.4507, 3.4509",
        "1, .5, .6667, .6667, .6667, .6667"
    })
    void theIsomorphicCase(double reward, double beta, double offline, double pilaf, double onPolicy, double best) {
        FiniteProblem problem = FiniteProblem.bandit(new double[] {reward, reward, 0}, uniform(3), beta);
        ExactOptimization exact =
                new ExactOptimization(problem, FunctionClass.linear(SYMMETRIC), FunctionClass.linear(SYMMETRIC));
        double[] start = {0.1};
        assertThat(problem.value(exact.rlhf().table())).isCloseTo(offline, within(5e-4));
        assertThat(problem.value(exact.dpo().table())).isCloseTo(offline, within(5e-4));
        assertThat(problem.value(exact.onlineDpo(Sampler.PILAF, start).table())).isCloseTo(pilaf, within(5e-4));
        assertThat(problem.value(exact.onlineDpo(Sampler.ON_POLICY, start).table()))
                .isCloseTo(onPolicy, within(5e-4));
        assertThat(problem.value(exact.classOptimum().table())).isCloseTo(best, within(5e-4));
    }

    /** RLHF's optimum as beta grows: value and probability of the third response. */
    @ParameterizedTest
    @CsvSource({".05, .9451, 0", ".1, .8901, .00005", ".2, .7817, .0078", ".3, .6864, .0798", ".35, .6667, .3333"})
    void rlhfLeavesTheUniformPolicyBelowAThirdOfTheReward(double beta, double value, double third) {
        FiniteProblem problem = FiniteProblem.bandit(new double[] {1, 1, 0}, uniform(3), beta);
        ExactOptimization exact =
                new ExactOptimization(problem, FunctionClass.linear(SYMMETRIC), FunctionClass.unrestricted());
        ExactFit fit = exact.rlhf();
        assertThat(problem.value(fit.table())).isCloseTo(value, within(5e-5));
        assertThat(fit.table()[0][2]).isCloseTo(third, within(5e-5));
        assertThat(fit.certificate().upperBound().orElseThrow())
                .isBetween(problem.value(fit.table()), problem.value(fit.table()) + 2e-6);
    }

    @Test
    void onlineDpoImprovesOnDpoWithoutAnySymmetry() {
        FeatureMap features = FeatureMap.of(new double[][] {{1}, {-2}, {0}});
        FiniteProblem problem = FiniteProblem.bandit(new double[] {4, 2, 0}, uniform(3), 0.5);
        ExactOptimization exact =
                new ExactOptimization(problem, FunctionClass.linear(features), FunctionClass.linear(features));
        ExactFit dpo = exact.dpo();
        assertThat(dpo.parameters()[0]).isCloseTo(.512, within(5e-4));
        assertThat(problem.value(dpo.table())).isCloseTo(2.3656, within(5e-5));
        assertThat(problem.value(exact.rlhf().table())).isCloseTo(2.3656, within(5e-5));
        ExactFit online = exact.onlineDpo(Sampler.PILAF, dpo.parameters());
        // recorded: 7.268 after a fixed number of steps; the equilibrium lies farther on the same plateau
        assertThat(online.parameters()[0]).isGreaterThan(7);
        assertThat(online.certificate().gradientNorm()).isLessThan(1e-10);
        assertThat(problem.value(online.table())).isCloseTo(3.4508, within(5e-4));
        assertThat(problem.value(exact.classOptimum().table())).isCloseTo(3.4509, within(5e-5));
    }

    record Nested(String name, double[][] psi, double[] reward, boolean rewardsNarrow, double[] expected) {}

    static Nested[] nested() {
        return new Nested[] {
            new Nested(
                    "rlhf wins, F narrow",
                    new double[][] {{1, 0}, {2, 0}, {-1, 1}, {0, 1}},
                    new double[] {0, 2, 3, 2},
                    true,
                    new double[] {2.1790, 2.0155, 2.3676, 2.3729}),
            new Nested(
                    "dpo wins, F narrow",
                    new double[][] {{0, -1}, {1, -1}, {-2, 1}, {-1, 2}},
                    new double[] {0, 0, 0, 3},
                    true,
                    new double[] {.7896, 2.2919, 2.3097, 2.3097}),
            new Nested(
                    "rlhf wins, Pi narrow",
                    new double[][] {{1, -2}, {-2, 0}, {-1, 0}, {2, 1}},
                    new double[] {0, 3, 0, 3},
                    false,
                    new double[] {2.3007, 1.5000, 2.3081, 2.3081}),
            new Nested(
                    "dpo wins, Pi narrow",
                    new double[][] {{1, 1}, {0, -2}, {2, -1}, {-1, 1}},
                    new double[] {3, 1, 0, 2},
                    false,
                    new double[] {1.3641, 1.6154, 1.6151, 1.6178})
        };
    }

    @ParameterizedTest
    @MethodSource("nested")
    void nestedClassesAllowEveryOrder(Nested c) {
        FeatureMap wide = FeatureMap.of(c.psi);
        FeatureMap narrow = FeatureMap.of(
                Arrays.stream(c.psi).map(row -> new double[] {row[0]}).toArray(double[][]::new));
        FiniteProblem problem = FiniteProblem.bandit(c.reward, uniform(4), 0.5);
        ExactOptimization exact = new ExactOptimization(
                problem,
                FunctionClass.linear(c.rewardsNarrow ? wide : narrow),
                FunctionClass.linear(c.rewardsNarrow ? narrow : wide));
        ExactFit dpo = exact.dpo();
        assertThat(problem.value(exact.rlhf().table())).isCloseTo(c.expected[0], within(1e-3));
        assertThat(problem.value(dpo.table())).isCloseTo(c.expected[1], within(1e-3));
        // DPO may end where the flow stands still by symmetry, so it starts a little beside it
        double[] start = Arrays.stream(dpo.parameters()).map(v -> v + 0.1).toArray();
        assertThat(problem.value(exact.onlineDpo(Sampler.PILAF, start).table())).isCloseTo(c.expected[2], within(2e-3));
        assertThat(problem.value(exact.classOptimum().table())).isCloseTo(c.expected[3], within(1e-3));
    }

    @Test
    void withTheTruthAmongTheRewardsRlhfIsTheBestOfItsClass() {
        RandomSource random = RandomSource.of(31);
        for (int i = 0; i < 25; i++) {
            FiniteProblem problem = random(random, 1 + random.nextInt(2), 3 + random.nextInt(3));
            FeatureMap features = features(random, problem, 1 + random.nextInt(2));
            ExactOptimization exact =
                    new ExactOptimization(problem, FunctionClass.linear(features), FunctionClass.unrestricted());
            assertThat(problem.value(exact.rlhf().table()))
                    .as("instance %d", i)
                    .isCloseTo(problem.value(exact.classOptimum().table()), within(1e-8));
        }
    }

    @Test
    void withTheOptimumAmongThePoliciesDpoReachesIt() {
        RandomSource random = RandomSource.of(32);
        for (int i = 0; i < 25; i++) {
            FiniteProblem problem = random(random, 1 + random.nextInt(2), 2 + random.nextInt(4));
            // features of every function: the search must find what the closed form says
            FeatureMap all = FeatureMap.tabular(problem.prompts(), problem.responses());
            ExactOptimization exact =
                    new ExactOptimization(problem, FunctionClass.linear(all), FunctionClass.unrestricted());
            assertThat(problem.value(exact.dpo().table()))
                    .as("instance %d", i)
                    .isCloseTo(problem.optimalValue(), within(1e-7));
        }
    }

    @Test
    void withIsomorphicClassesRlhfEqualsDpo() {
        RandomSource random = RandomSource.of(33);
        for (int i = 0; i < 25; i++) {
            int responses = 3 + random.nextInt(3);
            double[] reward = gaussians(random, responses, 2);
            FiniteProblem problem = FiniteProblem.bandit(reward, uniform(responses), 0.2 + random.nextDouble());
            FeatureMap features = features(random, problem, 1 + random.nextInt(2));
            ExactOptimization exact =
                    new ExactOptimization(problem, FunctionClass.linear(features), FunctionClass.linear(features));
            assertThat(problem.value(exact.rlhf().table()))
                    .as("instance %d", i)
                    .isCloseTo(problem.value(exact.dpo().table()), within(1e-6));
        }
    }

    @Test
    void noValueExceedsTheOptimum() {
        RandomSource random = RandomSource.of(34);
        for (int i = 0; i < 25; i++) {
            FiniteProblem problem = random(random, 1 + random.nextInt(2), 3 + random.nextInt(3));
            FeatureMap features = features(random, problem, 1 + random.nextInt(2));
            ExactOptimization exact =
                    new ExactOptimization(problem, FunctionClass.linear(features), FunctionClass.linear(features));
            double[] start = gaussians(random, features.dimension(), 0.3);
            double classBest = problem.value(exact.classOptimum().table());
            for (ExactFit fit : new ExactFit[] {
                exact.rlhf(),
                exact.dpo(),
                exact.policyGradient(start),
                exact.onlineDpo(Sampler.PILAF, start),
                exact.onlineDpo(Sampler.ON_POLICY, start),
                exact.onlineDpo(Sampler.REFERENCE, start)
            }) {
                assertThat(problem.value(fit.table())).isLessThanOrEqualTo(classBest + 1e-9);
            }
            assertThat(classBest).isLessThanOrEqualTo(problem.optimalValue() + 1e-9);
        }
    }

    @Test
    void onlineDpoWithPairsFromTheReferenceIsOfflineDpo() {
        RandomSource random = RandomSource.of(35);
        for (int i = 0; i < 10; i++) {
            FiniteProblem problem = random(random, 1, 4);
            FeatureMap features = features(random, problem, 2);
            ExactOptimization exact =
                    new ExactOptimization(problem, FunctionClass.linear(features), FunctionClass.unrestricted());
            assertThat(exact.onlineDpo(Sampler.REFERENCE, new double[2]).parameters())
                    .containsExactly(exact.dpo().parameters(), within(1e-4));
        }
    }

    @Test
    void theOptimumHasTheClosedFormsOfTheTheory() {
        FiniteProblem problem = random(RandomSource.of(36), 2, 4);
        double[][] best = problem.optimalPolicy(problem.reward());
        assertThat(problem.value(best)).isCloseTo(problem.optimalValue(), within(1e-12));
        double[][] other = problem.reference();
        // V* - V = beta KL(pi || pi*)
        assertThat(problem.optimalValue() - problem.value(other))
                .isCloseTo(problem.beta() * problem.divergence(other, best), within(1e-12));
    }

    @Test
    void samplersAreDistributionsOverPairs() {
        double[] policy = {.7, .2, .1};
        for (Sampler sampler : Sampler.values()) {
            double[][] pairs = sampler.pairs(policy, uniform(3), 0.7);
            assertThat(Arrays.stream(pairs).flatMapToDouble(Arrays::stream).sum())
                    .isCloseTo(1, within(1e-12));
            assertThat(pairs[0][2]).isCloseTo(pairs[2][0], within(1e-15));
        }
    }

    @Test
    void whatIsNoProblemIsRefusedBySetting() {
        double[] r = {1, 2};
        assertRefused(() -> FiniteProblem.bandit(r, new double[] {1, 0}, 1), "reference", "0.0");
        assertRefused(() -> FiniteProblem.bandit(r, new double[] {.5, .6}, 1), "reference", "sum to 1");
        assertRefused(() -> FiniteProblem.bandit(r, new double[] {1}, 1), "reference", "1 responses");
        assertRefused(() -> FiniteProblem.bandit(r, uniform(2), 0), "beta", "0.0");
        assertRefused(() -> FiniteProblem.bandit(r, uniform(2), -1), "beta", "-1.0");
        assertRefused(() -> FiniteProblem.bandit(new double[] {1, Double.NaN}, uniform(2), 1), "trueReward", "NaN");
        assertRefused(() -> FiniteProblem.bandit(new double[0], uniform(2), 1), "trueReward", "empty");
        FiniteProblem problem = FiniteProblem.bandit(r, uniform(2), 1);
        assertRefused(
                () -> new ExactOptimization(problem, FunctionClass.linear(SYMMETRIC), FunctionClass.unrestricted()),
                "features",
                "1 x 3");
        assertRefused(() -> FeatureMap.of(new double[0][0]), "features", "empty");
    }

    private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String... parts) {
        assertThatThrownBy(call).isInstanceOf(SettingException.class).hasMessageContainingAll(parts);
    }

    private static FunctionClass restricted(boolean restricted, FeatureMap features) {
        return restricted ? FunctionClass.linear(features) : FunctionClass.unrestricted();
    }

    private static double[] uniform(int n) {
        return IntStream.range(0, n).mapToDouble(i -> 1.0 / n).toArray();
    }

    private static FiniteProblem random(RandomSource random, int prompts, int responses) {
        double[][] reward = new double[prompts][];
        double[][] reference = new double[prompts][];
        double[] weights = new double[prompts];
        Arrays.fill(weights, 1.0 / prompts);
        for (int x = 0; x < prompts; x++) {
            reward[x] = gaussians(random, responses, 1.5);
            double[] p = gaussians(random, responses, 0.5);
            double sum = Arrays.stream(p).map(Math::exp).sum();
            reference[x] = Arrays.stream(p).map(v -> Math.exp(v) / sum).toArray();
        }
        return new FiniteProblem(reward, reference, weights, 0.3 + random.nextDouble());
    }

    private static FeatureMap features(RandomSource random, FiniteProblem problem, int dimension) {
        double[][][] features = new double[problem.prompts()][problem.responses()][];
        for (double[][] prompt : features) {
            for (int y = 0; y < prompt.length; y++) {
                prompt[y] = gaussians(random, dimension, 1);
            }
        }
        return FeatureMap.ofPrompts(features);
    }

    private static double[] gaussians(RandomSource random, int n, double deviation) {
        double[] values = new double[n];
        Arrays.setAll(values, i -> deviation * random.nextGaussian());
        return values;
    }
}
