package org.preferencelearning.gpt2.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.NonFiniteException;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.Rollout;
import org.preferencelearning.core.model.SamplingRequest;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.weights.WeightsFormatException;

class NonFiniteResultsTest {
    private static final int BROKEN = 17;
    private static final Gpt2Config CONFIG = new Gpt2Config(40, 32, 16, 1, 2, 1e-5, 39);

    @TempDir
    Path folder;

    private final Gpt2Policy policy = Gpt2Policy.random(CONFIG, RandomSource.of(1));

    @AfterEach
    void close() {
        policy.close();
    }

    private void breakRow(float value) {
        policy.parameters().get("wte.weight").value().putScalar(BROKEN, 3, value);
    }

    @Test
    void brokenWeightsGiveNoNumbers() {
        breakRow(Float.NaN);
        TokenSequence sound = new TokenSequence(new int[] {1, 2, 3}, 1);
        assertThatThrownBy(() -> policy.logProbabilities(List.of(sound, sound)))
                .isInstanceOf(NonFiniteException.class)
                .hasMessageContaining("the log-probability of sequence 0 is ");
        assertThatThrownBy(() -> policy.nextTokenProbabilities(new int[] {1}, 1))
                .isInstanceOf(NonFiniteException.class)
                .hasMessageContaining("the probability of token ");
        List<SamplingRequest> requests = SamplingRequest.of(List.of(new int[] {1, 2}), 3);
        SamplingSettings ordinary = SamplingSettings.of(4);
        for (SamplingSettings settings : List.of(
                ordinary,
                ordinary.withTemperature(0),
                ordinary.withTemperature(0.5),
                ordinary.withTemperature(2),
                ordinary.withTopK(3),
                ordinary.withTopP(0.5),
                ordinary.withTopK(3).withTopP(0.5).withTemperature(0.7))) {
            assertThatThrownBy(() -> policy.sample(requests, settings))
                    .as(settings.toString())
                    .isInstanceOf(NonFiniteException.class)
                    .hasMessageContaining("the log-probability of token 0 of a response to prompt 0 is ");
        }
    }

    @Test
    void theSequenceOrPromptThatIsBrokenIsNamed() {
        try (Gpt2RewardModel rewards = Gpt2RewardModel.from(policy, RandomSource.of(2))) {
            rewards.parameters().get("wte.weight").value().putScalar(BROKEN, 3, Float.NaN);
            TokenSequence sound = new TokenSequence(new int[] {1, 2, 3, 4, 5, 6}, 1);
            TokenSequence broken = new TokenSequence(new int[] {1, BROKEN}, 1);
            assertThat(rewards.rewards(List.of(sound))).hasSize(1);
            assertThatThrownBy(() -> rewards.rewards(List.of(sound, sound, broken, sound)))
                    .isInstanceOf(NonFiniteException.class)
                    .hasMessageContaining("the reward of sequence 2 is NaN");
        }
        // a position that only the longer prompt has
        policy.parameters().get("wpe.weight").value().putScalar(5, 0, Float.NaN);
        List<SamplingRequest> requests = SamplingRequest.of(List.of(new int[] {1, 2, 3, 4, 5, 6}, new int[] {1, 2}), 3);
        assertThatThrownBy(() -> policy.sample(requests, SamplingSettings.of(2)))
                .isInstanceOf(NonFiniteException.class)
                .hasMessageContaining("token 0 of a response to prompt 0");
        assertThat(policy.sample(requests.subList(1, 2), SamplingSettings.of(2)))
                .hasSize(1);
    }

    @Test
    void savedWeightsThatAreBrokenAreNotLoaded() {
        breakRow(Float.POSITIVE_INFINITY);
        policy.save(folder.resolve("model"));
        assertThatThrownBy(() -> Gpt2Policy.load(folder.resolve("model"), ParameterSelection.none()))
                .isInstanceOf(WeightsFormatException.class)
                .hasMessageContaining("model.safetensors: tensor 'transformer.wte.weight': element "
                        + (BROKEN * CONFIG.width() + 3) + " of " + 40 * 16 + " is Infinity");
    }

    /** Where the likeliest token is a thousand times likelier than all others, a cold draw is that one. */
    @Test
    void theColdestTemperatureDrawsTheLikeliestToken() {
        policy.parameters().get("wte.weight").value().muli(1e4);
        List<SamplingRequest> requests = SamplingRequest.of(List.of(new int[] {1, 2}, new int[] {5}), 3);
        List<List<Rollout>> greedy = policy.sample(requests, SamplingSettings.greedy(8));
        for (double temperature : new double[] {SamplingSettings.MIN_TEMPERATURE, 1e-10}) {
            List<List<Rollout>> cold =
                    policy.sample(requests, SamplingSettings.of(8).withTemperature(temperature));
            for (int i = 0; i < cold.size(); i++) {
                assertThat(cold.get(i).get(0).sequence())
                        .isEqualTo(greedy.get(i).get(0).sequence());
            }
        }
        List<Rollout> hot = policy.sample(
                        requests, SamplingSettings.of(8).withTemperature(SamplingSettings.MAX_TEMPERATURE))
                .get(0);
        assertThat(hot.get(0).logProbability()).isNegative();
        for (double temperature : new double[] {1e-300, 1e-21, 1e4, Double.POSITIVE_INFINITY, Double.NaN, -1}) {
            assertThatThrownBy(() -> SamplingSettings.of(8).withTemperature(temperature))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining("setting 'temperature' is " + temperature)
                    .hasMessageContaining("0 for the likeliest token always, or 1.0E-20 to 1000.0");
            assertThatThrownBy(() -> policy.nextTokenProbabilities(new int[] {1}, temperature))
                    .isInstanceOf(SettingException.class);
        }
    }

    /** Logits beyond what a float can be divided into are no reason to draw token 0. */
    @Test
    void logitsThatOverflowWhenDividedAreRefused() {
        policy.parameters().get("wte.weight").value().muli(1e20);
        List<SamplingRequest> requests = SamplingRequest.of(List.of(new int[] {1, 2}), 3);
        SamplingSettings cold = SamplingSettings.of(2).withTemperature(SamplingSettings.MIN_TEMPERATURE);
        for (SamplingSettings settings : List.of(cold, cold.withTopK(2), cold.withTopP(0.5))) {
            assertThatThrownBy(() -> policy.sample(requests, settings)).isInstanceOf(NonFiniteException.class);
        }
    }

    @Test
    void moreTokensThanThereArePositionsBlameTheirSetting() {
        List<SamplingRequest> requests = SamplingRequest.of(List.of(new int[] {1, 2}), 3);
        assertThatThrownBy(() -> policy.sample(requests, SamplingSettings.of(32)))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'maxNewTokens' is 32; allowed: 1 to 31");
        assertThatThrownBy(() -> policy.sample(requests, SamplingSettings.of(31)))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'prompt' is 2 tokens; allowed: at most 1 tokens");
    }
}
