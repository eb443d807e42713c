package org.preferencelearning.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.common.primitives.ImmutableDoubleArray;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.preferencelearning.core.data.TokenResponse;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.finite.FeatureMap;
import org.preferencelearning.core.finite.LogLinearPolicy;
import org.preferencelearning.core.loss.Advantages;
import org.preferencelearning.core.loss.PolicyGradientLosses;
import org.preferencelearning.core.loss.PreferenceLosses;
import org.preferencelearning.core.loss.TokenPolicyGradientLosses;
import org.preferencelearning.core.loss.UnpairedLosses;
import org.preferencelearning.core.model.ForwardPass;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.model.ReferencePolicy;
import org.preferencelearning.core.model.Rollout;
import org.preferencelearning.core.model.TokenPolicy;
import org.preferencelearning.core.model.TrainablePolicy;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.testkit.MemoryState;

/** Objectives over single responses train a policy over finite sets. */
class ResponseObjectivesTest {
    private static final FeatureMap FEATURES = FeatureMap.tabular(2, 4);

    /** Of each prompt, the first two responses are wanted. */
    private static List<TokenResponse> responses() {
        List<TokenResponse> responses = new ArrayList<>();
        for (int y = 0; y < 4; y++) {
            for (int prompt = 0; prompt < 2; prompt++) {
                responses.add(TokenResponse.of(FeatureMap.sequence(prompt, y), y < 2));
            }
        }
        return TokenResponse.mismatching(responses, 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"kto", "kto_1.33_1.0", "apo_zero_unpaired", "bco"})
    void wantedResponsesBecomeLikelier(String loss) {
        TrainingSettings settings =
                TrainingSettings.defaults().withEpochs(25).withBatchSize(8, 8).withLearningRate(0.15);
        try (LogLinearPolicy policy = LogLinearPolicy.uniform(FEATURES);
                LogLinearPolicy uniform = LogLinearPolicy.uniform(FEATURES)) {
            UnpairedObjective objective =
                    new UnpairedObjective(policy, ReferencePolicy.of(uniform), UnpairedLosses.named(loss, 0.5));
            double first = objective.evaluate(responses()).value(MetricNames.LOSS);
            StepReport last =
                    Trainer.train(objective, responses(), settings, RandomSource.of(1), TrainingListener.none());
            assertThat(last.metrics().get(MetricNames.LOSS)).isLessThan(first);
            assertThat(last.metrics().get(MetricNames.REWARDS_MARGINS)).isPositive();
            for (int prompt = 0; prompt < 2; prompt++) {
                double[] p = policy.probabilities(prompt);
                assertThat(p[0] + p[1]).isGreaterThan(0.8);
            }
        }
    }

    @Test
    void aRunGoesOnWithTheMeanAndTheScoresThatItHad() {
        TrainingSettings settings =
                TrainingSettings.defaults().withEpochs(4).withBatchSize(3, 3).withLearningRate(0.05);
        for (String loss : UnpairedLosses.names()) {
            double[] whole = trained(loss, settings, 12);
            assertThat(trained(loss, settings, 5)).as(loss).isEqualTo(whole);
        }
    }

    /** The parameters after a training that was stopped and gone on with. */
    private static double[] trained(String loss, TrainingSettings settings, int stop) {
        MemoryState saved;
        try (LogLinearPolicy policy = LogLinearPolicy.uniform(FEATURES);
                LogLinearPolicy uniform = LogLinearPolicy.uniform(FEATURES);
                TrainingRun<TokenResponse> run = run(policy, uniform, loss, settings)) {
            while (run.stepsMade() < stop) {
                run.step();
            }
            if (run.done()) {
                return policy.theta();
            }
            saved = MemoryState.of(run);
        }
        try (LogLinearPolicy policy = LogLinearPolicy.uniform(FEATURES);
                LogLinearPolicy uniform = LogLinearPolicy.uniform(FEATURES);
                TrainingRun<TokenResponse> run = run(policy, uniform, loss, settings)) {
            saved.loadInto(run);
            while (!run.done()) {
                run.step();
            }
            return policy.theta();
        }
    }

    private static TrainingRun<TokenResponse> run(
            LogLinearPolicy policy, LogLinearPolicy reference, String loss, TrainingSettings settings) {
        return TrainingRun.start(
                new UnpairedObjective(policy, ReferencePolicy.of(reference), UnpairedLosses.named(loss, 0.5)),
                responses(),
                settings,
                RandomSource.of(3));
    }

    @Test
    void whatALossDoesNotHaveIsRefused() {
        try (LogLinearPolicy policy = LogLinearPolicy.uniform(FEATURES)) {
            UnpairedObjective kto = new UnpairedObjective(policy, policy, UnpairedLosses.kto(0.5, 1, 1));
            TokenResponse alone = TokenResponse.of(FeatureMap.sequence(0, 1), true);
            assertThatThrownBy(() -> kto.check(alone))
                    .isInstanceOf(SettingException.class)
                    .hasMessage(
                            "setting 'mismatched' is missing; allowed: a mismatched sequence on every response: loss"
                                    + " 'kto' reads it");
            new UnpairedObjective(policy, policy, UnpairedLosses.bco(0.5)).check(alone);
            assertThatThrownBy(() -> TrainingRun.start(
                            kto, responses(), TrainingSettings.defaults().withBatchSize(8, 4), RandomSource.of(1)))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining("'microBatchSize' is 4");
        }
        assertThatThrownBy(() -> UnpairedLosses.named("ktoo", 0.5))
                .isInstanceOf(SettingException.class)
                .hasMessage(
                        "setting 'loss' is ktoo; allowed: kto, apo_zero_unpaired, bco, the first two also with weights,"
                                + " as kto_1.33_1");
        assertThatThrownBy(() -> UnpairedLosses.named("bco_1_2", 0.5)).isInstanceOf(SettingException.class);
        for (String name :
                List.of("ppo_clip", "grpo_1.5", "dr_grpo_0.2_0", "dr_grpo_0.2_1.5", "token_grpo_0.2", "reinforce_1")) {
            assertThatThrownBy(() -> PolicyGradientLosses.named(name)).isInstanceOf(SettingException.class);
        }
        assertThatThrownBy(() -> TokenPolicyGradientLosses.named("token_grpo"))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("token_grpo_0.2, ");
        assertThatThrownBy(() -> TokenPolicyGradientLosses.named("token_dr_grpo_0.2_1.5"))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("maxTokens");
    }

    @Test
    void namesAreThoseOfTheLosses() {
        for (String name : TokenPolicyGradientLosses.names()) {
            assertThat(TokenPolicyGradientLosses.named(name).name()).isEqualTo(name);
        }
        for (String name : PolicyGradientLosses.names()) {
            assertThat(PolicyGradientLosses.named(name).name()).isEqualTo(name);
        }
        for (String name : new String[] {"kto", "kto_1.33_1.0", "apo_zero_unpaired_1.0E-5_2.0", "bco"}) {
            assertThat(UnpairedLosses.named(name, 0.3).name()).isEqualTo(name);
        }
    }

    @Test
    void everyPolicyGradientFindsTheBestResponse() {
        double[] rewards = {2, 0.2, 0, 0.5};
        List<Function<TokenPolicy, TrainingObjective<ScoredRollout>>> objectives = new ArrayList<>();
        for (String name : List.of("reinforce", "ppo_clip_0.2", "grpo_0.2")) {
            objectives.add(policy -> new RolloutObjective(policy, PolicyGradientLosses.named(name)));
        }
        for (String name : TokenPolicyGradientLosses.names()) {
            objectives.add(policy -> new TokenRolloutObjective(policy, TokenPolicyGradientLosses.named(name)));
        }
        for (Function<TokenPolicy, TrainingObjective<ScoredRollout>> made : objectives) {
            try (LogLinearPolicy policy = LogLinearPolicy.uniform(FEATURES)) {
                TrainingObjective<ScoredRollout> objective = made.apply(policy);
                RandomSource random = RandomSource.of(4);
                for (int round = 0; round < 12; round++) {
                    Trainer.train(
                            objective,
                            rollouts(policy, random, rewards),
                            TrainingSettings.defaults()
                                    .withEpochs(2)
                                    .withBatchSize(16, 6)
                                    .withLearningRate(0.2),
                            RandomSource.of(round),
                            TrainingListener.none());
                }
                assertThat(policy.probabilities(0)[0])
                        .as(objective.description())
                        .isGreaterThan(0.6);
            }
        }
    }

    /** Of four responses one has left the interval in its advantage's direction, one has left it against it, and one has no advantage. */
    @Test
    void whatIsClippedHasAnAdvantage() {
        List<ScoredRollout> rollouts =
                List.of(scored(0, 0.25, 1), scored(1, 0.1, 1), scored(2, 0.1, 0), scored(3, 0.1, -1));
        try (LogLinearPolicy policy = LogLinearPolicy.uniform(FEATURES)) {
            assertThat(new RolloutObjective(policy, PolicyGradientLosses.clipped(0.2))
                            .evaluate(rollouts)
                            .value(MetricNames.CLIP_RATIO))
                    .isEqualTo(0.25);
            assertThat(new TokenRolloutObjective(policy, TokenPolicyGradientLosses.clipped(0.2))
                            .evaluate(rollouts)
                            .value(MetricNames.CLIP_RATIO))
                    .isEqualTo(0.25);
        }
    }

    private static ScoredRollout scored(int response, double behaviour, double advantage) {
        return new ScoredRollout(
                FeatureMap.sequence(0, response), ImmutableDoubleArray.of(Math.log(behaviour)), advantage);
    }

    /** Responses of the policy to each prompt. */
    private static List<ScoredRollout> rollouts(LogLinearPolicy policy, RandomSource random, double... rewards) {
        List<List<Rollout>> rollouts = new ArrayList<>();
        List<double[]> all = new ArrayList<>();
        for (int prompt = 0; prompt < 2; prompt++) {
            List<Rollout> some = new ArrayList<>();
            double[] found = new double[8];
            double[] p = policy.probabilities(prompt);
            for (int draw = 0; draw < found.length; draw++) {
                int y = random.nextCategorical(p);
                some.add(new Rollout(FeatureMap.sequence(prompt, y), ImmutableDoubleArray.of(Math.log(p[y])), true));
                found[draw] = rewards[y] + 1e-3 * random.nextGaussian();
            }
            rollouts.add(some);
            all.add(found);
        }
        return ScoredRollout.of(rollouts, all, Advantages::leaveOneOut);
    }

    @Test
    void rolloutsHaveARewardEach() {
        Rollout rollout = new Rollout(FeatureMap.sequence(0, 1), ImmutableDoubleArray.of(-1), true);
        assertThatThrownBy(() -> ScoredRollout.of(
                        List.of(List.of(rollout, rollout)), List.of(new double[1]), Advantages::centred))
                .isInstanceOf(SettingException.class)
                .hasMessage("setting 'rewards of prompt 0' is 1; allowed: 2, one a response");
        assertThatThrownBy(() -> ScoredRollout.of(List.of(List.of(rollout)), List.of(), Advantages::centred))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'rewards' is 0");
        assertThatThrownBy(() -> new ScoredRollout(FeatureMap.sequence(0, 1), ImmutableDoubleArray.of(-1, -1), 1))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'behaviour' is 2 entries");
        for (double advantage : new double[] {Double.NaN, Double.NEGATIVE_INFINITY}) {
            assertThatThrownBy(
                            () -> new ScoredRollout(FeatureMap.sequence(0, 1), ImmutableDoubleArray.of(-1), advantage))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining("'advantage' is " + advantage);
        }
        List<ScoredRollout> scored = ScoredRollout.of(
                List.of(List.of(rollout, rollout), List.of(rollout, rollout)),
                List.of(new double[] {1, 3}, new double[] {5, 5}),
                Advantages::centred);
        assertThat(scored.stream().mapToDouble(ScoredRollout::advantage)).containsExactly(-1.0, 1.0, 0.0, 0.0);
    }

    /** What a policy says of its distributions, by hand. */
    @Test
    void distributionsAreOfTheScores() {
        try (LogLinearPolicy policy = new LogLinearPolicy(FEATURES, 0.2, 0, -1, 3, 0, 0, 0, 0)) {
            var scores = policy.tokenScores(List.of(FeatureMap.sequence(0, 1), FeatureMap.sequence(0, 3)), true);
            var said = scores.distributions().orElseThrow();
            double[] p = policy.probabilities(0);
            double entropy = 0;
            double squares = 0;
            for (double one : p) {
                entropy -= one * Math.log(one);
                squares += one * one;
            }
            assertThat(scores.logProbabilities()[1]).isCloseTo(Math.log(p[3]), within(1e-15));
            assertThat(said.entropies()).containsExactly(new double[] {entropy, entropy}, within(1e-14));
            assertThat(said.collisions()[0]).isCloseTo(Math.log(squares), within(1e-14));
            assertThat(said.meanLogits()[1]).isCloseTo(0.55, within(1e-14));
            assertThat(said.likeliest()).containsExactly(false, true);
            assertThat(policy.forwardTokens(List.of(FeatureMap.sequence(0, 1)), false)
                            .distributions())
                    .isEmpty();
        }
    }

    @Test
    void aPolicyOfSumsHasNoTokenMetrics() {
        try (LogLinearPolicy policy = LogLinearPolicy.uniform(FEATURES)) {
            TrainablePolicy sums = new Sums(policy);
            assertThatThrownBy(() -> new LanguageModellingObjective(sums).withTokenMetrics())
                    .isInstanceOf(SettingException.class)
                    .hasMessage("setting 'policy' is Sums; allowed: a TokenPolicy, which tells of each token: token"
                            + " metrics are made of it");
            assertThatThrownBy(() -> new PreferenceObjective(sums, policy, PreferenceLosses.named("ld_sigmoid_0.5", 1)))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining("loss 'ld_sigmoid_0.5' reads it");
        }
    }

    /** A policy that tells no tokens apart. */
    private record Sums(LogLinearPolicy policy) implements TrainablePolicy {
        @Override
        public double[] logProbabilities(List<TokenSequence> sequences) {
            return policy.logProbabilities(sequences);
        }

        @Override
        public ParameterStore parameters() {
            return policy.parameters();
        }

        @Override
        public ForwardPass forward(List<TokenSequence> sequences) {
            return policy.forward(sequences);
        }

        @Override
        public void close() {}
    }
}
