package org.preferencelearning.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.finite.FeatureMap;
import org.preferencelearning.core.finite.LinearReward;
import org.preferencelearning.core.finite.LogLinearPolicy;
import org.preferencelearning.core.loss.BatchLosses;
import org.preferencelearning.core.loss.PreferenceInputs;
import org.preferencelearning.core.loss.PreferenceLosses;
import org.preferencelearning.core.loss.RewardLosses;
import org.preferencelearning.core.model.ReferencePolicy;
import org.preferencelearning.core.random.RandomSource;

class TrainerTest {
    private static final double[] REWARDS = {1.5, 0, -1, 0.5};

    @Test
    void dpoRecoversTheRewardOfAFiniteWorld() {
        double beta = 0.5;
        FeatureMap features = FeatureMap.tabular(1, 4);
        try (LogLinearPolicy policy = LogLinearPolicy.uniform(features);
                LogLinearPolicy uniform = LogLinearPolicy.uniform(features)) {
            Trainer.train(
                    new PreferenceObjective(policy, ReferencePolicy.of(uniform), PreferenceLosses.softLabelDpo(beta)),
                    everyPair(),
                    TrainingSettings.defaults()
                            .withEpochs(2000)
                            .withBatchSize(6, 6)
                            .withLearningRate(0.05)
                            .withMaxGradientNorm(Double.POSITIVE_INFINITY),
                    RandomSource.of(42),
                    TrainingListener.none());
            double[] p = policy.probabilities(0);
            for (int y = 1; y < 4; y++) {
                // pi* is proportional to exp(r / beta)
                assertThat(beta * Math.log(p[0] / p[y])).isCloseTo(REWARDS[0] - REWARDS[y], within(1e-3));
            }
        }
    }

    @Test
    void bradleyTerryRanksAsTheTruthDoes() {
        try (LinearReward reward = new LinearReward(FeatureMap.tabular(1, 4), new double[4])) {
            StepReport last = Trainer.train(
                    new RewardObjective(reward, RewardLosses.bradleyTerry()),
                    everyPair(),
                    TrainingSettings.defaults().withEpochs(50).withLearningRate(0.1),
                    RandomSource.of(42),
                    TrainingListener.none());
            double[] learned = reward.rewards(List.of(
                    FeatureMap.sequence(0, 0),
                    FeatureMap.sequence(0, 3),
                    FeatureMap.sequence(0, 1),
                    FeatureMap.sequence(0, 2)));
            assertThat(learned[0]).isGreaterThan(learned[1]);
            assertThat(learned[1]).isGreaterThan(learned[2]);
            assertThat(learned[2]).isGreaterThan(learned[3]);
            assertThat(last.metrics()).containsEntry(MetricNames.ACCURACY, 1.0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 5})
    void accumulationDoesNotChangeTheResult(int microBatch) {
        assertThat(trainedPolicy(microBatch, 7)).containsExactly(trainedPolicy(6, 7), within(1e-12));
    }

    @Test
    void theSeedDecidesTheResult() {
        assertThat(trainedPolicy(2, 7)).isEqualTo(trainedPolicy(2, 7));
        assertThat(trainedPolicy(2, 8)).isNotEqualTo(trainedPolicy(2, 7));
    }

    @Test
    void aStepReportsTrlsMetricsOfTheBatchBeforeTheUpdate() {
        List<StepReport> reports = new ArrayList<>();
        FeatureMap features = FeatureMap.tabular(1, 4);
        try (LogLinearPolicy policy = LogLinearPolicy.uniform(features)) {
            Trainer.train(
                    new PreferenceObjective(
                            policy, ReferencePolicy.of(LogLinearPolicy.uniform(features)), PreferenceLosses.dpo(0.1)),
                    everyPair(),
                    TrainingSettings.defaults()
                            .withEpochs(2)
                            .withBatchSize(4, 4)
                            .withLearningRate(0.01),
                    RandomSource.of(42),
                    reports::add);
        }
        assertThat(reports).hasSize(4);
        assertThat(reports.get(0).metrics())
                .containsEntry(MetricNames.NUM_TOKENS, 16.0)
                .containsEntry(MetricNames.REWARDS_CHOSEN, 0.0)
                .containsEntry(MetricNames.REWARDS_ACCURACIES, 0.0)
                .containsEntry(MetricNames.LEARNING_RATE, 0.01);
        assertThat(reports.get(0).metrics().get(MetricNames.LOSS)).isCloseTo(Math.log(2), within(1e-12));
        assertThat(reports.get(0).metrics().get(MetricNames.LOGPS_CHOSEN)).isCloseTo(-Math.log(4), within(1e-12));
        assertThat(reports.get(0).metrics().get(MetricNames.NLL_LOSS)).isCloseTo(Math.log(4), within(1e-12));
        assertThat(reports.get(0).metrics().get(MetricNames.LOGPS_MARGINS)).isZero();
        assertThat(reports.get(3).metrics().get(MetricNames.LOGPS_MARGINS)).isPositive();
        assertThat(reports.get(3).metrics()).containsEntry(MetricNames.GLOBAL_STEP, 4.0);
        assertThat(reports.get(3).step()).isEqualTo(reports.get(3).totalSteps()).isEqualTo(4);
        assertThat(reports.get(3).metrics()).containsEntry(MetricNames.EPOCH, 2.0);
    }

    /** A mean over tokens, not over responses. */
    @Test
    void theLikelihoodOfChosenIsThatOfAToken() {
        TokenPair shortOne = TokenPair.of(tokens(1), tokens(3));
        TokenPair longOne = TokenPair.of(tokens(3), tokens(1));
        FeatureMap features = FeatureMap.tabular(1, 4);
        try (LogLinearPolicy policy = LogLinearPolicy.uniform(features)) {
            PreferenceObjective objective = new PreferenceObjective(
                    policy, sequences -> new double[sequences.size()], PreferenceLosses.dpo(0.1));
            List<TokenPair> batch = List.of(shortOne, longOne);
            SequenceValues said = SequenceValues.of(-1, -9, -2, -4);
            PreferenceInputs inputs = objective.inputs(batch, said);
            Metrics metrics = objective.metrics(batch, inputs, said, objective.loss(inputs));
            assertThat(metrics.value(MetricNames.NLL_LOSS)).isCloseTo(10 / 4.0, within(1e-12));
            assertThat(metrics.value(MetricNames.LOGPS_MARGINS)).isCloseTo((1 - 5) / 2.0, within(1e-12));
        }
    }

    private static TokenSequence tokens(int responseLength) {
        return new TokenSequence(new int[1 + responseLength], 1);
    }

    @Test
    void aLossThatComparesPairsRefusesPartsOfBatchesAndWeights() {
        FeatureMap features = FeatureMap.tabular(1, 4);
        TrainingSettings settings = TrainingSettings.defaults().withLearningRate(0.01);
        try (LogLinearPolicy policy = LogLinearPolicy.uniform(features)) {
            PreferenceObjective objective = new PreferenceObjective(
                    policy, ReferencePolicy.of(LogLinearPolicy.uniform(features)), BatchLosses.aot(0.5, 0));
            assertThatThrownBy(() ->
                            TrainingRun.start(objective, everyPair(), settings.withBatchSize(6, 5), RandomSource.of(1)))
                    .isInstanceOf(SettingException.class)
                    .hasMessage(
                            "setting 'microBatchSize' is 5; allowed: the batch size, 6: 'aot, beta 0.5' compares the"
                                    + " examples of a batch");
            TokenPair pair = everyPair().get(0);
            assertThatThrownBy(() -> objective.check(new TokenPair(pair.chosen(), pair.rejected(), pair.margin(), 2)))
                    .isInstanceOf(SettingException.class)
                    .hasMessage("setting 'weight' is 2.0; allowed: 1: loss 'aot' compares the pairs of a batch");
            Trainer.train(
                    objective,
                    everyPair(),
                    settings.withBatchSize(6, 6).withEpochs(50),
                    RandomSource.of(1),
                    TrainingListener.none());
            assertThat(policy.probabilities(0)[0]).isGreaterThan(policy.probabilities(0)[2]);
        }
    }

    @Test
    void aLossThatNeedsAMarginRefusesPairsWithout() {
        FeatureMap features = FeatureMap.tabular(1, 2);
        TokenPair pair = TokenPair.of(FeatureMap.sequence(0, 0), FeatureMap.sequence(0, 1));
        try (LogLinearPolicy policy = LogLinearPolicy.uniform(features)) {
            PreferenceObjective objective =
                    new PreferenceObjective(policy, policy, PreferenceLosses.squaredMargin(0.1));
            assertThatThrownBy(() -> objective.evaluate(List.of(pair)))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining("margin")
                    .hasMessageContaining("regression");
        }
    }

    @Test
    void pairsThatTeachNothingStopTheRun() {
        FeatureMap features = FeatureMap.tabular(1, 2);
        TokenPair equal = TokenPair.of(FeatureMap.sequence(0, 0), FeatureMap.sequence(0, 0));
        try (LogLinearPolicy policy = LogLinearPolicy.uniform(features)) {
            PreferenceObjective objective = new PreferenceObjective(policy, policy, PreferenceLosses.dpo(0.1));
            assertThatThrownBy(() -> Trainer.train(
                            objective,
                            List.of(equal),
                            TrainingSettings.defaults(),
                            RandomSource.of(42),
                            TrainingListener.none()))
                    .isInstanceOf(TrainingException.class)
                    .hasMessageContaining("gradient is exactly 0");
        }
    }

    @Test
    void languageModellingWeighsEveryTokenAlike() {
        FeatureMap features = FeatureMap.tabular(1, 3);
        List<TokenSequence> examples =
                List.of(FeatureMap.sequence(0, 0), FeatureMap.sequence(0, 0), FeatureMap.sequence(0, 1));
        try (LogLinearPolicy policy = LogLinearPolicy.uniform(features)) {
            LanguageModellingObjective objective = new LanguageModellingObjective(policy);
            assertThat(objective.evaluate(examples).value(MetricNames.LOSS)).isCloseTo(Math.log(3), within(1e-12));
            Trainer.train(
                    objective,
                    examples,
                    TrainingSettings.defaults().withEpochs(3000).withLearningRate(0.02),
                    RandomSource.of(42),
                    TrainingListener.none());
            assertThat(policy.probabilities(0)[0]).isCloseTo(2 / 3.0, within(1e-2));
        }
    }

    private static double[] trainedPolicy(int microBatch, long seed) {
        FeatureMap features = FeatureMap.tabular(1, 4);
        try (LogLinearPolicy policy = LogLinearPolicy.uniform(features);
                LogLinearPolicy uniform = LogLinearPolicy.uniform(features)) {
            Trainer.train(
                    new PreferenceObjective(policy, ReferencePolicy.of(uniform), PreferenceLosses.dpo(0.5)),
                    noisyPairs(),
                    TrainingSettings.defaults()
                            .withEpochs(3)
                            .withBatchSize(6, microBatch)
                            .withLearningRate(0.1)
                            .withWeightDecay(0.01),
                    RandomSource.of(seed),
                    TrainingListener.none());
            return policy.theta();
        }
    }

    private static List<TokenPair> everyPair() {
        List<TokenPair> pairs = new ArrayList<>();
        for (int y = 0; y < 4; y++) {
            for (int other = 0; other < 4; other++) {
                if (REWARDS[y] > REWARDS[other]) {
                    pairs.add(new TokenPair(
                            FeatureMap.sequence(0, y),
                            FeatureMap.sequence(0, other),
                            OptionalDouble.of(REWARDS[y] - REWARDS[other]),
                            1));
                }
            }
        }
        return pairs;
    }

    private static List<TokenPair> noisyPairs() {
        RandomSource random = RandomSource.of(4);
        List<TokenPair> pairs = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            int y = random.nextInt(4);
            int other = (y + 1 + random.nextInt(3)) % 4;
            pairs.add(new TokenPair(
                    FeatureMap.sequence(0, y),
                    FeatureMap.sequence(0, other),
                    OptionalDouble.empty(),
                    0.5 + random.nextDouble()));
        }
        return pairs;
    }
}
