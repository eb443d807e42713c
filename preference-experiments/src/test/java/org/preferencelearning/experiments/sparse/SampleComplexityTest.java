package org.preferencelearning.experiments.sparse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.preferencelearning.experiments.sparse.SampleComplexityStudy.smallerError;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.experiments.result.Judgement;
import org.preferencelearning.experiments.result.Row;
import org.preferencelearning.experiments.result.Slope;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.result.Summary;
import org.preferencelearning.experiments.result.Verdict;
import org.preferencelearning.experiments.run.Runners;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.StudyJson;

class SampleComplexityTest {
    private static final int SEEDS = 12;

    /** Means of four seeds each, computed apart; columns in the order of {@link Estimator}. */
    private static final Map<Integer, double[]> RECORDED = Map.of(
            500, new double[] {.313, .0945, 15.1, 1.013, 27.6},
            1000, new double[] {.209, .0302, 1.62, .649, 1.74},
            2000, new double[] {.163, .0182, .538, .351, .537},
            4000, new double[] {.0563, .0063, .208, .165, .240},
            8000, new double[] {.0409, .0033, .108, .0951, .110});

    @Test
    void meansAgreeWithTheRecordedOnesAndSparsityPaysForRewardsOnly() {
        StudyResult result = run(SampleComplexityStudy.of("recorded")
                .seeds(LongStream.range(0, SEEDS).toArray())
                .expect(
                        smallerError(Estimator.REWARD_REFIT, Estimator.POLICY_L1, "test"),
                        smallerError(Estimator.POLICY_L1, Estimator.REWARD_REFIT, "test"),
                        smallerError(Estimator.REWARD_DENSE, Estimator.POLICY_DENSE, "test")));
        Map<String, Judgement> judged =
                result.judgements().stream().collect(Collectors.toMap(j -> j.claim() + " at " + j.at(), j -> j));
        RECORDED.forEach((size, recorded) -> {
            for (Estimator estimator : Estimator.values()) {
                Summary found = summary(result, estimator, size, SampleComplexityStudy.ERROR);
                // the difference of a mean of 4 and a mean of SEEDS
                double error = found.deviation().orElseThrow() * Math.sqrt(1 / 4.0 + 1.0 / SEEDS);
                assertThat(found.mean())
                        .as("%s, n = %d", estimator, size)
                        .isCloseTo(recorded[estimator.ordinal()], within(3 * error));
            }
            assertThat(summary(result, Estimator.REWARD_REFIT, size, SampleComplexityStudy.ERROR)
                            .mean())
                    .isLessThan(summary(result, Estimator.REWARD_L1, size, SampleComplexityStudy.ERROR)
                            .mean());
            assertThat(summary(result, Estimator.REWARD_L1, size, SampleComplexityStudy.ERROR)
                            .mean())
                    .isLessThan(summary(result, Estimator.POLICY_L1, size, SampleComplexityStudy.ERROR)
                            .mean());
            assertThat(summary(result, Estimator.POLICY_L1, size, SampleComplexityStudy.ERROR)
                            .mean())
                    .isLessThan(summary(result, Estimator.REWARD_DENSE, size, SampleComplexityStudy.ERROR)
                            .mean());
            assertThat(judged.get("RLHF l1+refit < DPO l1 at size " + size).verdict())
                    .isEqualTo(Verdict.SUPPORTED);
            assertThat(judged.get("DPO l1 < RLHF l1+refit at size " + size).verdict())
                    .isEqualTo(Verdict.CONTRADICTED);
            assertThat(summary(result, Estimator.REWARD_REFIT, size, SampleComplexityStudy.VALUE_GAP)
                            .mean())
                    .isBetween(
                            0.0,
                            summary(result, Estimator.POLICY_L1, size, SampleComplexityStudy.VALUE_GAP)
                                    .mean());
        });
        // dense estimators are alike where there are many pairs for each parameter
        assertThat(Math.exp(judged.get("RLHF dense < DPO dense at size 8000").difference()))
                .isBetween(0.8, 1.25);
        assertThat(slope(result, Estimator.REWARD_REFIT).value()).isBetween(-1.4, -0.7);
        assertThat(slope(result, Estimator.POLICY_L1).halfWidth()).isBetween(0.0, 0.2);
    }

    private static StudyResult run(SampleComplexityStudy study) {
        return Runners.inMemory().run(study);
    }

    private static Summary summary(StudyResult result, Estimator estimator, int size, String metric) {
        return result.summary(CellId.method(estimator.label()).and(CellId.SIZE, size), metric);
    }

    private static Slope slope(StudyResult result, Estimator estimator) {
        return Slope.of(result, CellId.method(estimator.label()), SampleComplexityStudy.ERROR);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theGradientOfTheLikelihoodEqualsCentralDifferences(boolean implicit) {
        PairLikelihood likelihood = likelihood(implicit, 300);
        RandomSource random = RandomSource.of(5);
        double[] theta = new double[likelihood.parameters()];
        Arrays.setAll(theta, k -> 0.5 * random.nextGaussian());
        double[] gradient = likelihood.gradient(theta);
        for (int k = 0; k < theta.length; k++) {
            double kept = theta[k];
            theta[k] = kept + 1e-6;
            double up = likelihood.loss(theta);
            theta[k] = kept - 1e-6;
            double down = likelihood.loss(theta);
            theta[k] = kept;
            assertThat(gradient[k]).as("coordinate %d", k).isCloseTo((up - down) / 2e-6, within(1e-8));
        }
    }

    /** The true parameters give the true reward differences: sparse for the reward, dense for the policy. */
    @Test
    void thePolicysParameterIsDenseWhereTheRewardsIsSparse() {
        DualTokenWorld world = new DualTokenWorld(12, 2, 30, 0.7, 0);
        DualTokenWorld.Instance instance = world.draw(RandomSource.of(2));
        DualTokenWorld.Pairs pairs = instance.sample(200, RandomSource.of(3));
        double[] reward = solve(instance, pairs, false);
        double[] policy = solve(instance, pairs, true);
        assertThat(Arrays.stream(reward).filter(v -> Math.abs(v) > 1e-3).count())
                .isEqualTo(3);
        // w_s + w_d has d entries, and e_1 one
        assertThat(Arrays.stream(policy).filter(v -> Math.abs(v) > 1e-3).count())
                .isEqualTo(13);
    }

    /** Fits the true margins by gradient descent on the squared error, through the scores' own parametrisation. */
    private static double[] solve(DualTokenWorld.Instance instance, DualTokenWorld.Pairs pairs, boolean implicit) {
        PairLikelihood likelihood = new PairLikelihood(instance, pairs, implicit);
        double[] theta = new double[likelihood.parameters()];
        theta = org.preferencelearning.core.finite.ConjugateGradients.minimise(
                likelihood::error, t -> numericGradient(likelihood, t), theta);
        assertThat(likelihood.error(theta)).isLessThan(1e-8);
        return theta;
    }

    private static double[] numericGradient(PairLikelihood likelihood, double[] theta) {
        double[] gradient = new double[theta.length];
        for (int k = 0; k < theta.length; k++) {
            double[] up = theta.clone();
            double[] down = theta.clone();
            up[k] += 1e-5;
            down[k] -= 1e-5;
            gradient[k] = (likelihood.error(up) - likelihood.error(down)) / 2e-5;
        }
        return gradient;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void thePenalisedFitSatisfiesTheOptimalityConditions(boolean implicit) {
        PairLikelihood likelihood = likelihood(implicit, 500);
        double penalty = 0.02;
        double[] theta = Lasso.fit(likelihood, penalty, new double[likelihood.parameters()]);
        double[] gradient = likelihood.gradient(theta);
        int zeros = 0;
        for (int k = 0; k < theta.length; k++) {
            if (theta[k] == 0) {
                zeros++;
                assertThat(Math.abs(gradient[k])).isLessThan(penalty + 1e-5);
            } else {
                assertThat(gradient[k]).isCloseTo(-Math.signum(theta[k]) * penalty, within(1e-5));
            }
        }
        assertThat(zeros).isBetween(1, theta.length - 1);
    }

    @Test
    void aCellDependsOnItselfAlone() {
        SampleComplexityStudy study = SampleComplexityStudy.of("a").sizes(500).seeds(7);
        List<Row> all = run(study).rows();
        List<Row> one = run(study.compare(Estimator.POLICY_L1)).rows();
        assertThat(one).isNotEmpty();
        assertThat(all).containsAll(one);
        assertThat(StudyJson.read("test", StudyJson.write(study))).isEqualTo(study);
    }

    @Test
    void noisierLabelsGiveLargerErrors() {
        SampleComplexityStudy study =
                SampleComplexityStudy.of("noise").sizes(1000).compare(Estimator.REWARD_L1);
        DualTokenWorld noise = new DualTokenWorld(60, 3, 400, 1, 0.2);
        double clean = summary(run(study), Estimator.REWARD_L1, 1000, SampleComplexityStudy.ERROR)
                .mean();
        double noisy = summary(run(study.world(noise)), Estimator.REWARD_L1, 1000, SampleComplexityStudy.ERROR)
                .mean();
        assertThat(noisy).isGreaterThan(clean);
    }

    @Test
    void settingsOutsideTheirRangeAreRefused() {
        assertThatThrownBy(() -> new DualTokenWorld(60, 61, 400, 1, 0))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("sparsity");
        assertThatThrownBy(() -> new DualTokenWorld(60, 3, 400, 0, 0))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("beta");
        assertThatThrownBy(() -> new DualTokenWorld(60, 3, 400, 1, 0.5))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("labelNoise");
        assertThatThrownBy(() -> SampleComplexityStudy.of("a").sizes(1))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("sizes");
        StudyResult one = run(SampleComplexityStudy.of("a").sizes(500).compare(Estimator.REWARD_L1));
        assertThatThrownBy(() -> slope(one, Estimator.REWARD_L1))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("two sizes");
    }

    private static PairLikelihood likelihood(boolean implicit, int n) {
        DualTokenWorld.Instance instance = new DualTokenWorld(8, 2, 20, 0.6, 0).draw(RandomSource.of(1));
        return new PairLikelihood(instance, instance.sample(n, RandomSource.of(2)), implicit);
    }
}
