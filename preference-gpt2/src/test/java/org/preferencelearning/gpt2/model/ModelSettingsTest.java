package org.preferencelearning.gpt2.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.loss.PreferenceLosses;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.ReferencePolicy;
import org.preferencelearning.core.model.Rollout;
import org.preferencelearning.core.model.SamplingRequest;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.LearningRateSchedule;
import org.preferencelearning.core.train.PreferenceObjective;
import org.preferencelearning.core.train.Trainer;
import org.preferencelearning.core.train.TrainingListener;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.gpt2.weights.HuggingFaceWeights;
import org.preferencelearning.gpt2.weights.Safetensors;
import org.preferencelearning.gpt2.weights.WeightsFormatException;

/** Models whose settings are not GPT-2's: untied, otherwise scaled, of another GELU or feed-forward width. */
class ModelSettingsTest {
    @TempDir
    Path folder;

    private static Gpt2Policy load(String model) {
        return Gpt2Policy.load(HuggingFaceModels.FOLDER.resolve(model), ParameterSelection.all());
    }

    @ParameterizedTest
    @ValueSource(strings = {"base", "untied", "unscaled_attention", "inverse_layer", "unlike_gpt2"})
    void logProbabilitiesAreThoseOfTransformers(String model) throws IOException {
        double[] expected = HuggingFaceModels.logProbabilities(model);
        List<TokenSequence> sequences = HuggingFaceModels.sequences();
        try (Gpt2Policy policy = load(model);
                Gpt2Policy exact = policy.inDoublePrecision()) {
            assertThat(policy.logProbabilities(sequences)).containsExactly(expected, within(1e-4));
            assertThat(exact.logProbabilities(sequences)).containsExactly(expected, within(2e-6));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "unscaled_attention, scale_attn_weights, true",
        "inverse_layer, scale_attn_by_inverse_layer_idx, false",
        "unlike_gpt2, scale_attn_weights, true",
        "unlike_gpt2, scale_attn_by_inverse_layer_idx, false",
        "unlike_gpt2, layer_norm_epsilon, 1e-5",
        "unlike_gpt2, activation_function, '\"gelu_new\"'"
    })
    void everySettingMatters(String model, String field, String value) throws IOException {
        List<TokenSequence> sequences = HuggingFaceModels.sequences();
        Path other = HuggingFaceModels.with(folder, model, "config.json", field, value);
        try (Gpt2Policy policy = Gpt2Policy.load(other, ParameterSelection.none())) {
            double[] expected = HuggingFaceModels.logProbabilities(model);
            double[] found = policy.logProbabilities(sequences);
            assertThat(Arrays.stream(new int[] {0, 1, 2})
                            .mapToDouble(i -> Math.abs(found[i] - expected[i]))
                            .max()
                            .orElseThrow())
                    .isGreaterThan(2e-4);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"untied", "inverse_layer", "unlike_gpt2"})
    void gradientsAreCentralDifferencesInEveryKernel(String model) throws IOException {
        List<TokenSequence> sequences = HuggingFaceModels.sequences();
        double[] upstream = {0.7, -1.1, 0.4};
        try (Gpt2Policy policy = load(model);
                Gpt2Policy exact = policy.inDoublePrecision()) {
            policy.forward(sequences).backward(upstream);
            exact.forward(sequences).backward(upstream);
            RandomSource random = RandomSource.of(3);
            for (Parameter parameter : exact.parameters().trained()) {
                INDArray flat = parameter.value().reshape(parameter.value().length());
                double[] gradient = doubles(parameter.gradient());
                for (int i = 0; i < 4; i++) {
                    long index = random.nextInt((int) flat.length());
                    double value = flat.getDouble(index);
                    double step = 1e-5;
                    flat.putScalar(index, value + step);
                    double above = weighted(exact.logProbabilities(sequences), upstream);
                    flat.putScalar(index, value - step);
                    double below = weighted(exact.logProbabilities(sequences), upstream);
                    flat.putScalar(index, value);
                    assertThat(gradient[(int) index])
                            .as(parameter.name())
                            .isCloseTo((above - below) / (2 * step), within(1e-7));
                }
                double[] inFloat =
                        doubles(policy.parameters().get(parameter.name()).gradient());
                double largest = Arrays.stream(gradient).map(Math::abs).max().orElseThrow();
                assertThat(largest).as(parameter.name()).isPositive();
                assertThat(inFloat).as(parameter.name()).containsExactly(gradient, within(2e-5 * largest + 1e-6));
            }
        }
    }

    private static double[] doubles(INDArray array) {
        return array.dup('c').castTo(DataType.DOUBLE).reshape(-1).toDoubleVector();
    }

    private static double weighted(double[] values, double[] weights) {
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            sum += weights[i] * values[i];
        }
        return sum;
    }

    @ParameterizedTest
    @ValueSource(strings = {"untied", "unscaled_attention", "inverse_layer", "unlike_gpt2"})
    void whatIsSampledHasTheLogProbabilitiesOfScoring(String model) {
        SamplingSettings settings = SamplingSettings.of(8).withSamplesPerPrompt(3);
        List<SamplingRequest> prompts = SamplingRequest.of(List.of(new int[] {3, 14, 15}, new int[] {9, 2}), 5);
        try (Gpt2Policy policy = load(model);
                Gpt2Policy exact = policy.inDoublePrecision()) {
            for (Gpt2Policy one : List.of(policy, exact)) {
                for (List<Rollout> rollouts : one.sample(prompts, settings)) {
                    for (Rollout rollout : rollouts) {
                        assertThat(one.logProbabilities(List.of(rollout.sequence()))[0])
                                .isCloseTo(rollout.logProbability(), within(1e-4));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"untied", "unscaled_attention", "inverse_layer", "unlike_gpt2"})
    void whatIsSavedIsTheSameFunction(String model) throws IOException {
        List<TokenSequence> sequences = HuggingFaceModels.sequences();
        try (Gpt2Policy policy = load(model)) {
            policy.save(folder.resolve("saved"));
            try (Gpt2Policy loaded = Gpt2Policy.load(folder.resolve("saved"), ParameterSelection.none())) {
                assertThat(loaded.config()).isEqualTo(policy.config());
                assertThat(loaded.logProbabilities(sequences)).isEqualTo(policy.logProbabilities(sequences));
            }
            // what transformers reads: the fields by their names, and the head's tensor by its own
            JsonNode theirs = json(HuggingFaceModels.FOLDER.resolve(model));
            JsonNode ours = json(folder.resolve("saved"));
            for (String field : List.of(
                    "tie_word_embeddings",
                    "scale_attn_weights",
                    "scale_attn_by_inverse_layer_idx",
                    "activation_function",
                    "layer_norm_epsilon")) {
                assertThat(ours.get(field)).as(field).isEqualTo(theirs.get(field));
            }
            assertThat(ours.path("n_inner").asInt(32))
                    .isEqualTo(theirs.get("n_inner").asInt(32));
            try (Safetensors file = Safetensors.open(folder.resolve("saved/model.safetensors"))) {
                assertThat(file.tensors().containsKey("lm_head.weight"))
                        .isEqualTo(!theirs.get("tie_word_embeddings").booleanValue());
            }
        }
    }

    private static JsonNode json(Path folder) throws IOException {
        return new ObjectMapper().readTree(folder.resolve("config.json").toFile());
    }

    @Test
    void aHeadOfItsOwnIsTrainedAndFrozenByItself() throws IOException {
        List<TokenSequence> rows = HuggingFaceModels.sequences();
        TokenPair pair = new TokenPair(
                rows.get(0), new TokenSequence(new int[] {3, 14, 15, 7, 8}, 3), OptionalDouble.empty(), 1);
        for (ParameterSelection selection : List.of(
                ParameterSelection.all(),
                ParameterSelection.only(ParameterGroup.head()),
                ParameterSelection.frozen(ParameterGroup.head()))) {
            try (Gpt2Policy policy = Gpt2Policy.load(HuggingFaceModels.FOLDER.resolve("untied"), selection);
                    Gpt2Policy before = policy.copy(ParameterSelection.none())) {
                Trainer.train(
                        new PreferenceObjective(policy, ReferencePolicy.of(before), PreferenceLosses.dpo(0.1)),
                        List.of(pair),
                        TrainingSettings.defaults()
                                .withEpochs(2)
                                .withLearningRate(1e-2)
                                .withSchedule(LearningRateSchedule.CONSTANT, 0),
                        RandomSource.of(1),
                        TrainingListener.none());
                Map<String, Boolean> moved = new LinkedHashMap<>();
                for (String name : List.of("wte.weight", "lm_head.weight", "h.1.mlp.c_fc.weight")) {
                    moved.put(
                            name,
                            !policy.parameters()
                                    .get(name)
                                    .value()
                                    .equals(before.parameters().get(name).value()));
                }
                boolean head = !selection.toString().startsWith("frozen");
                boolean body = !selection.toString().startsWith("only");
                assertThat(moved)
                        .isEqualTo(Map.of("wte.weight", body, "lm_head.weight", head, "h.1.mlp.c_fc.weight", body));
            }
        }
    }

    @Test
    void rewardsAreThoseOfTransformersAndHaveNoOutputHead() throws IOException {
        List<TokenSequence> sequences = HuggingFaceModels.sequences();
        try (Gpt2RewardModel model =
                        Gpt2RewardModel.load(HuggingFaceModels.FOLDER.resolve("reward"), ParameterSelection.all());
                Gpt2Policy untied = load("untied");
                Gpt2RewardModel fresh = Gpt2RewardModel.from(untied, RandomSource.of(1))) {
            assertThat(model.rewards(sequences)).containsExactly(HuggingFaceModels.rewards("base"), within(2e-5));
            assertThat(fresh.parameters().all()).extracting(Parameter::name).doesNotContain("lm_head.weight");
            fresh.save(folder.resolve("fresh"));
            try (Gpt2RewardModel loaded = Gpt2RewardModel.load(folder.resolve("fresh"), ParameterSelection.none())) {
                assertThat(loaded.rewards(sequences)).isEqualTo(fresh.rewards(sequences));
            }
        }
    }

    @Test
    void anyOfTheEndsEndsAndNoneNeverDoes() throws IOException {
        List<SamplingRequest> prompts = SamplingRequest.of(List.of(new int[] {3, 14, 15}), 5);
        SamplingSettings settings = SamplingSettings.greedy(6);
        int likeliest;
        try (Gpt2Policy policy = Gpt2Policy.load(
                HuggingFaceModels.with(folder, "base", "config.json", "eos_token_id", "null"),
                ParameterSelection.none())) {
            Rollout rollout = policy.sample(prompts, settings).get(0).get(0);
            likeliest = rollout.response()[0];
            assertThat(rollout.response()).hasSize(6);
            assertThat(rollout.ended()).isFalse();
        }
        String ends = "[" + (likeliest + 1) % 60 + ", " + likeliest + "]";
        try (Gpt2Policy policy = Gpt2Policy.load(
                HuggingFaceModels.with(folder, "base", "config.json", "eos_token_id", ends),
                ParameterSelection.none())) {
            Rollout rollout = policy.sample(prompts, settings).get(0).get(0);
            assertThat(rollout.response()).containsExactly(likeliest);
            assertThat(rollout.ended()).isTrue();
            policy.save(folder.resolve("ends"));
            assertThat(json(folder.resolve("ends")).get("eos_token_id")).isEqualTo(new ObjectMapper().readTree(ends));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "base | n_layer | 3 | h.2.ln_1.weight | 2 blocks",
                "base | n_layer | 10000 | h.2.ln_1.weight | 2 blocks",
                "base | n_layer | 1 | h.1. | 2 blocks",
                "base | n_embd | 4 | [60, 8] | [60, 4]",
                "base | n_inner | 12 | [8, 32] | [8, 12]",
                "base | n_inner | 2000000000 | [8, 32] | [8, 2000000000]",
                "base | vocab_size | 2000000000 | [60, 8] | [2000000000, 8]",
                "base | n_positions | 1000000000 | [16, 8] | [1000000000, 8]",
                "base | tie_word_embeddings | false | lm_head.weight | [60, 8]",
                "untied | tie_word_embeddings | true | lm_head.weight | tie_word_embeddings",
            })
    void tensorsThatContradictTheConfigurationAreRefusedWithBoth(
            String model, String field, String value, String first, String second) throws IOException {
        Path other = HuggingFaceModels.with(folder, model, "config.json", field, value);
        assertThatThrownBy(() -> Gpt2Policy.load(other, ParameterSelection.none()))
                .isInstanceOf(WeightsFormatException.class)
                .hasMessageContaining(first)
                .hasMessageContaining(second);
    }

    /** As PyTorch's own files store it. */
    @Test
    void aTiedHeadMayBeStoredAsWell() throws IOException {
        Path base = HuggingFaceModels.with(folder, "base", "config.json", "use_cache", "true");
        List<TokenSequence> sequences = HuggingFaceModels.sequences();
        try (Gpt2Policy policy = Gpt2Policy.load(base, ParameterSelection.none())) {
            Map<String, INDArray> tensors = new LinkedHashMap<>();
            policy.parameters().all().forEach(parameter -> tensors.put(parameter.name(), parameter.value()));
            tensors.put("lm_head.weight", policy.parameters().get("wte.weight").value());
            tensors.put("attn.unheard_of", policy.parameters().get("ln_f.bias").value());
            HuggingFaceWeights.write(base.resolve("model.safetensors"), tensors);
            assertThatThrownBy(() -> Gpt2Policy.load(base, ParameterSelection.none()))
                    .isInstanceOf(WeightsFormatException.class)
                    .hasMessageContaining("transformer.attn.unheard_of");
            tensors.remove("attn.unheard_of");
            HuggingFaceWeights.write(base.resolve("model.safetensors"), tensors);
            try (Gpt2Policy again = Gpt2Policy.load(base, ParameterSelection.none())) {
                assertThat(again.logProbabilities(sequences)).isEqualTo(policy.logProbabilities(sequences));
            }
        }
    }
}
