package org.preferencelearning.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.DoubleConsumer;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.data.TokenResponse;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.loss.BatchLosses;
import org.preferencelearning.core.loss.CombinedLosses;
import org.preferencelearning.core.loss.DivergenceLosses;
import org.preferencelearning.core.loss.LengthNormalisedLosses;
import org.preferencelearning.core.loss.NoisyLabelLosses;
import org.preferencelearning.core.loss.PolicyGradientLosses;
import org.preferencelearning.core.loss.PreferenceLosses;
import org.preferencelearning.core.loss.RewardLosses;
import org.preferencelearning.core.loss.TokenPolicyGradientLosses;
import org.preferencelearning.core.loss.UnpairedLosses;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.core.train.LearningRateSchedule;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.core.train.TrainingSettings.AdamConstants;

/** Every number that a user sets has a range in which what it is used for is finite and not silently nothing. */
class SettingRangesTest {
    private static final TrainingSettings TRAINING = TrainingSettings.defaults();
    private static final SamplingSettings SAMPLING = SamplingSettings.of(8);
    private static final double[] NEVER = {Double.NaN, Double.NEGATIVE_INFINITY, -1, -1e-300};

    static Stream<Arguments> settings() {
        TokenSequence tokens = new TokenSequence(new int[] {1, 2}, 1);
        return Stream.of(
                setting(
                        "temperature",
                        SAMPLING::withTemperature,
                        List.of(0.0, 1e-20, 1e-10, 1.0, 1e3),
                        1e-300,
                        1e-21,
                        1e4),
                setting("topP", SAMPLING::withTopP, List.of(1e-300, 0.5, 1.0), 0, 1.0001),
                setting("learningRate", TRAINING::withLearningRate, List.of(0.0, 1e-300, 1e-4, 100.0), 101, 1e300),
                setting("weightDecay", TRAINING::withWeightDecay, List.of(0.0, 0.1, 1e4), 1.1e4, 1e308),
                setting(
                        "warmupSteps",
                        steps -> TRAINING.withSchedule(LearningRateSchedule.COSINE, steps),
                        List.of(0.0, 150.5),
                        Double.POSITIVE_INFINITY),
                setting(
                        "maxGradientNorm",
                        TRAINING::withMaxGradientNorm,
                        List.of(1e-12, 1.0, Double.POSITIVE_INFINITY),
                        0,
                        1e-13),
                setting("beta1", value -> new AdamConstants(value, 0.9, 1e-8), List.of(0.0, 0.9), 1, 1 - 1e-9),
                setting("beta2", value -> new AdamConstants(0.9, value, 1e-8), List.of(0.0, 0.999), 1, 1 - 1e-9),
                setting("epsilon", value -> new AdamConstants(0.9, 0.9, value), List.of(1e-30, 1e-8, 1.0), 0, 1e-31, 2),
                setting(
                        "beta",
                        PreferenceLosses::dpo,
                        List.of(1e-6, 0.1, 1e6),
                        0,
                        1e-7,
                        1e38,
                        Double.POSITIVE_INFINITY),
                setting("beta", beta -> PreferenceLosses.named("ipo", beta), List.of(0.1), 0, 1e38),
                setting(
                        "alpha",
                        alpha -> DivergenceLosses.alphaDivergenceDpo(0.1, alpha),
                        List.of(1e-6, 0.5),
                        0,
                        1e-300,
                        1),
                setting(
                        "weight",
                        weight -> PreferenceLosses.multiObjectiveDpo(0.1, weight),
                        List.of(1e-6, 1.0),
                        0,
                        1e-300,
                        2),
                setting(
                        "coefficient",
                        value -> RewardLosses.centred(RewardLosses.bradleyTerry(), value),
                        List.of(1e-12, 0.01, 1e6),
                        0,
                        1e-300,
                        1e38),
                setting("noise", e -> NoisyLabelLosses.conservativeDpo(0.1, e), List.of(0.0, 0.49), 0.5, 1),
                setting("noise", e -> NoisyLabelLosses.robustDpo(0.1, e), List.of(0.0, 0.49), 0.5, 1),
                setting("noise", e -> BatchLosses.aot(0.1, e), List.of(0.0, 0.49), 0.5),
                setting("noise", e -> BatchLosses.aotUnpaired(0.1, e), List.of(0.0, 0.49), 0.5),
                setting("smoothing", e -> NoisyLabelLosses.exoPair(0.1, e), List.of(1e-12, 0.49), 0, 0.5),
                setting("gamma", gamma -> LengthNormalisedLosses.simpo(2, gamma), List.of(0.0, 1.6), 1e7),
                setting("tau", tau -> PreferenceLosses.discoPop(0.1, tau), List.of(1e-6, 0.05, 1.0), 0, 1.1),
                setting("beta", beta -> UnpairedLosses.kto(beta, 1, 1), List.of(0.1), 0, 1e38),
                setting("desirable weight", u -> UnpairedLosses.kto(0.1, u, 1), List.of(0.0, 1.33), 1e7),
                setting("undesirable weight", v -> UnpairedLosses.kto(0.1, 1, v), List.of(0.0, 1.0), 1e7),
                setting("desirable weight", u -> UnpairedLosses.apoZero(0.1, u, 1), List.of(0.0, 1.33), 1e7),
                setting("beta", UnpairedLosses::bco, List.of(0.1), 0, 1e38),
                setting(
                        "alpha",
                        alpha -> CombinedLosses.lengthDesensitised(PreferenceLosses.dpo(0.1), alpha),
                        List.of(0.0, 0.5),
                        1),
                setting("epsilon", TokenPolicyGradientLosses::clipped, List.of(1e-3, 0.2), 0, 1),
                setting("epsilon", TokenPolicyGradientLosses::grpo, List.of(1e-3, 0.2), 0, 1),
                setting("epsilon", e -> TokenPolicyGradientLosses.drGrpo(e, 8), List.of(1e-3, 0.2), 0, 1),
                setting("low", e -> TokenPolicyGradientLosses.dapo(e, 0.28), List.of(1e-3, 0.2), 0, 1),
                setting("high", e -> TokenPolicyGradientLosses.dapo(0.2, e), List.of(1e-3, 0.28), 0, 1),
                setting(
                        "weight",
                        weight -> new TokenResponse(tokens, Optional.empty(), true, weight),
                        List.of(0.0, 1.0),
                        Double.POSITIVE_INFINITY),
                setting("epsilon", PolicyGradientLosses::clipped, List.of(1e-3, 0.2), 0, 1),
                setting("epsilon", PolicyGradientLosses::grpo, List.of(1e-3, 0.2), 0, 1),
                setting("epsilon", e -> PolicyGradientLosses.drGrpo(e, 8), List.of(1e-3, 0.2), 0, 1),
                setting(
                        "coefficient",
                        value -> CombinedLosses.withLikelihood(PreferenceLosses.dpo(0.1), value),
                        List.of(1e-12, 1.0, 1e6),
                        0,
                        1e38),
                setting(
                        "weight",
                        value -> CombinedLosses.weightedSum(Map.of(PreferenceLosses.dpo(0.1), value)),
                        List.of(1e-12, 1.0, 1e6),
                        0,
                        1e38),
                setting(
                        "weight",
                        weight -> new TokenPair(tokens, tokens, OptionalDouble.empty(), weight),
                        List.of(0.0, 1.0),
                        Double.POSITIVE_INFINITY));
    }

    private static Arguments setting(String name, DoubleConsumer set, List<Double> allowed, double... refused) {
        return Arguments.of(name, set, allowed, refused);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("settings")
    void whatIsOutsideIsRefusedWithTheRange(String name, DoubleConsumer set, List<Double> allowed, double[] refused) {
        DoubleStream.concat(DoubleStream.of(NEVER), DoubleStream.of(refused))
                .forEach(value -> assertThatThrownBy(() -> set.accept(value))
                        .as("%s = %s", name, value)
                        .isInstanceOf(SettingException.class)
                        .hasMessageContaining("setting '" + name + "' is " + value + "; allowed: "));
        allowed.forEach(value -> assertThatCode(() -> set.accept(value))
                .as("%s = %s", name, value)
                .doesNotThrowAnyException());
    }

    @Test
    void aMarginIsFinite() {
        TokenSequence tokens = new TokenSequence(new int[] {1, 2}, 1);
        for (double margin : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            assertThatThrownBy(() -> new TokenPair(tokens, tokens, OptionalDouble.of(margin), 1))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining("margin");
        }
    }

    @Test
    void theLargestBatchMakesOneStepAnEpoch() {
        assertThat(TRAINING.withBatchSize(Integer.MAX_VALUE, Integer.MAX_VALUE).totalSteps(100))
                .isEqualTo(1);
        assertThat(TRAINING.withEpochs(Integer.MAX_VALUE).withBatchSize(1, 1).totalSteps(Integer.MAX_VALUE))
                .isEqualTo((long) Integer.MAX_VALUE * Integer.MAX_VALUE);
        assertThat(TRAINING.withBatchSize(8, 8).totalSteps(17)).isEqualTo(3);
    }

    @Test
    void moreSamplesThanAnyMachineHoldsAreRefused() {
        assertThatThrownBy(() -> SAMPLING.withSamplesPerPrompt(Integer.MAX_VALUE))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'samplesPerPrompt' is 2147483647; allowed: a whole number from 1 to 65536");
    }
}
