package org.preferencelearning.gpt2.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.error.PreferenceException;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.Rollout;
import org.preferencelearning.core.model.SamplingRequest;
import org.preferencelearning.core.model.SamplingSettings;

/** Adapters that the peft library wrote say what they say there, or are refused by the field that this library has not. */
class AdapterFilesTest {
    private static final String CONFIG = "adapter_config.json";

    @TempDir
    Path folder;

    private static Gpt2Policy base() {
        return Gpt2Policy.load(HuggingFaceModels.FOLDER.resolve("base"), ParameterSelection.none());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "adapter_plain_control",
                "adapter_rslora",
                "adapter_regex_targets",
                "adapter_save_wte",
                "adapter_patterns",
                "adapter_second_block",
                "adapter_all_linear",
                "adapter_own_biases",
                "adapter_save_head",
                "adapter_save_mlp"
            })
    void logProbabilitiesAreThoseOfPeftHoweverTheyAreComputed(String name) throws IOException {
        double[] expected = HuggingFaceModels.logProbabilities("base + " + name);
        List<TokenSequence> sequences = HuggingFaceModels.sequences();
        try (Gpt2Policy base = base();
                Gpt2Policy adapted = base.withAdapter(HuggingFaceModels.FOLDER.resolve(name));
                Gpt2Policy exact = adapted.inDoublePrecision();
                Gpt2Policy merged = adapted.copy(ParameterSelection.none())) {
            double[] found = adapted.logProbabilities(sequences);
            assertThat(found).containsExactly(expected, within(1e-4));
            assertThat(exact.logProbabilities(sequences)).containsExactly(expected, within(2e-6));
            assertThat(merged.logProbabilities(sequences)).containsExactly(expected, within(1e-4));
            for (Rollout rollout : adapted.sample(
                            SamplingRequest.of(List.of(new int[] {3, 14, 15}), 5),
                            SamplingSettings.of(8).withSamplesPerPrompt(3))
                    .get(0)) {
                assertThat(adapted.logProbabilities(List.of(rollout.sequence()))[0])
                        .isCloseTo(rollout.logProbability(), within(1e-4));
            }
            adapted.saveAdapter(folder.resolve("again"));
            try (Gpt2Policy again = base.withAdapter(folder.resolve("again"))) {
                assertThat(again.lora()).isEqualTo(adapted.lora());
                assertThat(again.logProbabilities(sequences)).isEqualTo(found);
                assertThat(again.parameters().trained())
                        .extracting(Parameter::name)
                        .containsExactlyInAnyOrderElementsOf(adapted.parameters().trained().stream()
                                .map(Parameter::name)
                                .toList());
            }
            merged.save(folder.resolve("merged"));
            try (Gpt2Policy again = Gpt2Policy.load(folder.resolve("merged"), ParameterSelection.none())) {
                assertThat(again.logProbabilities(sequences)).isEqualTo(merged.logProbabilities(sequences));
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "adapter_rslora | use_rslora | false",
                "adapter_patterns | alpha_pattern | {}",
                "adapter_patterns | alpha_pattern | {\"h.1.attn.c_proj\": 3}",
                "adapter_patterns | use_rslora | null",
                "adapter_plain_control | lora_alpha | 9",
            })
    void everySettingMatters(String name, String field, String value) throws IOException {
        double[] expected = HuggingFaceModels.logProbabilities("base + " + name);
        try (Gpt2Policy base = base();
                Gpt2Policy adapted = base.withAdapter(HuggingFaceModels.with(folder, name, CONFIG, field, value))) {
            double[] found = adapted.logProbabilities(HuggingFaceModels.sequences());
            assertThat(IntStream.range(0, 3)
                            .mapToDouble(i -> Math.abs(found[i] - expected[i]))
                            .max()
                            .orElseThrow())
                    .isGreaterThan(1e-2);
        }
    }

    @Test
    void whatIsTrainedBesideTheAdaptersIsWhatTheFileReplaces() {
        try (Gpt2Policy base = base();
                Gpt2Policy embeddings = base.withAdapter(HuggingFaceModels.FOLDER.resolve("adapter_save_wte"));
                Gpt2Policy biases = base.withAdapter(HuggingFaceModels.FOLDER.resolve("adapter_own_biases"))) {
            assertThat(embeddings.parameters().trained())
                    .extracting(Parameter::name)
                    .contains("wte.weight", "h.1.attn.c_attn.lora_A.weight")
                    .doesNotContain("lm_head.weight", "wpe.weight");
            // the head keeps the values that it was tied to
            assertThat(embeddings.config().tiedHead()).isFalse();
            assertThat(embeddings.parameters().get("lm_head.weight").value())
                    .isEqualTo(base.parameters().get("wte.weight").value())
                    .isNotEqualTo(embeddings.parameters().get("wte.weight").value());
            assertThat(biases.config()).isEqualTo(base.config());
            assertThat(biases.parameters().trained())
                    .extracting(Parameter::name)
                    .contains("h.0.mlp.c_fc.bias", "h.1.mlp.c_proj.bias")
                    .doesNotContain("h.0.attn.c_attn.bias", "ln_f.bias");
        }
    }

    @Test
    void aRewardModelsAdapterBringsItsHead() throws IOException {
        List<TokenSequence> sequences = HuggingFaceModels.sequences();
        try (Gpt2RewardModel base =
                        Gpt2RewardModel.load(HuggingFaceModels.FOLDER.resolve("reward"), ParameterSelection.none());
                Gpt2RewardModel adapted = base.withAdapter(HuggingFaceModels.FOLDER.resolve("adapter_score"));
                Gpt2Policy policy = base()) {
            assertThat(adapted.rewards(sequences))
                    .containsExactly(HuggingFaceModels.rewards("base + adapter_score"), within(2e-5));
            // a policy has no use for the head
            assertThatThrownBy(() -> policy.withAdapter(HuggingFaceModels.FOLDER.resolve("adapter_score")))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageContaining("score.weight");
        }
    }

    @Test
    void doraIsRefusedByName() {
        try (Gpt2Policy base = base()) {
            assertThatThrownBy(() -> base.withAdapter(HuggingFaceModels.FOLDER.resolve("adapter_dora")))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageContaining(CONFIG + ": field 'use_dora' is true; allowed: ");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "r | 4.7",
                "r | 0",
                "r | \"4\"",
                "lora_alpha | 1e308",
                "lora_alpha | 1e-308",
                "lora_alpha | -8",
                "lora_alpha | \"x\"",
                "use_rslora | \"yes\"",
                "rank_pattern | {\"c_attn\": 2.5}",
                "rank_pattern | {\"c_attn\": 0}",
                "rank_pattern | [2]",
                "alpha_pattern | {\"c_attn\": \"x\"}",
                "alpha_pattern | {\"c_attn\": 1e300}",
                "alpha_pattern | {\"(c_attn\": 8}",
                "target_modules | [\"c_attn\", \"wte\"]",
                "target_modules | [\"lm_head\"]",
                "target_modules | [\"attn\"]",
                "target_modules | [\"q_proj\"]",
                "target_modules | [3]",
                "target_modules | \".*\"",
                "target_modules | \"(c_attn\"",
                "target_modules | \"(.*.*.*.*.*.*.*.*.*.*)*x\"",
                "exclude_modules | [\"c_attn\"]",
                "layers_to_transform | [2]",
                "layers_to_transform | \"x\"",
                "layers_pattern | \"h\"",
                "bias | \"some\"",
                "peft_type | \"IA3\"",
                "init_lora_weights | \"pissa\"",
                "init_lora_weights | \"olora\"",
                "lora_bias | true",
                "use_qalora | true",
                "ensure_weight_tying | true",
                "trainable_token_indices | [3]",
                "target_parameters | [\"wte.weight\"]",
                "layer_replication | [[0, 1]]",
                "alora_invocation_tokens | [1, 2]",
                "megatron_config | {\"a\": 1}",
                "velora_config | {\"num_groups\": 1}",
                "a_field_of_tomorrow | 3",
            })
    void aFieldThatThisLibraryHasNotIsRefused(String field, String value) throws IOException {
        Path adapter = HuggingFaceModels.with(folder, "adapter_plain_control", CONFIG, field, value);
        try (Gpt2Policy base = base()) {
            assertThatThrownBy(() -> base.withAdapter(adapter))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageContaining(CONFIG + ": ")
                    .hasMessageContaining("; allowed: ");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "target_modules | [\"transformer.h.0.attn.c_attn\", \"h.1.attn.c_attn\"]",
                "target_modules | [\"attn.c_attn\", \"q_proj\"]",
                "target_modules | null",
                "layers_to_transform | [0, 1]",
                "alpha_pattern | {\"attn\": 3}",
                "rank_pattern | null",
                "modules_to_save | [\"classifier\"]",
                "fan_in_fan_out | false",
                "lora_dropout | 0.1",
                "init_lora_weights | \"gaussian\"",
                "a_field_of_tomorrow | null",
                "another | false",
            })
    void whatPeftReadsAlikeIsReadAlike(String field, String value) throws IOException {
        double[] expected = HuggingFaceModels.logProbabilities("base + adapter_plain_control");
        Path adapter = HuggingFaceModels.with(folder, "adapter_plain_control", CONFIG, field, value);
        try (Gpt2Policy base = base();
                Gpt2Policy adapted = base.withAdapter(adapter)) {
            assertThat(adapted.logProbabilities(HuggingFaceModels.sequences())).containsExactly(expected, within(1e-4));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "adapter_plain_control | r | 3 | [3, 8]",
                "adapter_plain_control | r | 2000000000 | [2000000000, 8]",
                "adapter_plain_control | target_modules | [\"c_fc\"] | h.0.mlp.c_fc.lora_A.weight",
                "adapter_plain_control | layers_to_transform | [0] | h.1.attn.c_attn.lora_A.weight",
                "adapter_plain_control | modules_to_save | [\"ln_f\"] | ln_f.weight",
                "adapter_plain_control | bias | \"all\" | h.0.ln_1.bias",
                "adapter_save_wte | modules_to_save | null | wte.weight",
                "adapter_own_biases | bias | \"none\" | h.0.mlp.c_fc.base_layer.bias",
            })
    void tensorsThatContradictTheConfigurationAreRefused(String name, String field, String value, String named)
            throws IOException {
        Path adapter = HuggingFaceModels.with(folder, name, CONFIG, field, value);
        try (Gpt2Policy base = base()) {
            assertThatThrownBy(() -> base.withAdapter(adapter))
                    .isInstanceOf(PreferenceException.class)
                    .hasMessageContaining("adapter_model.safetensors")
                    .hasMessageContaining(named);
        }
    }

    @Test
    void ownSettingsByModuleAreSavedAsPeftsPatterns() throws IOException {
        try (Gpt2Policy base = base();
                Gpt2Policy adapted = base.withAdapter(HuggingFaceModels.FOLDER.resolve("adapter_patterns"))) {
            adapted.saveAdapter(folder.resolve("saved"));
        }
        var json = new ObjectMapper()
                .readTree(Files.readString(folder.resolve("saved").resolve(CONFIG)));
        assertThat(json.get("use_rslora").booleanValue()).isTrue();
        assertThat(json.get("rank_pattern").get("h\\.0\\.attn\\.c_attn").intValue())
                .isEqualTo(2);
        assertThat(json.get("alpha_pattern").get("h\\.1\\.attn\\.c_proj").doubleValue())
                .isEqualTo(3);
        assertThat(json.get("target_modules").toString())
                .contains("transformer.h.0.mlp.c_proj")
                .doesNotContain("h.1.mlp.c_proj");
    }

    /** With ranks, scales, biases and saved parts that differ: float and double agree, and double with differences. */
    @ParameterizedTest
    @ValueSource(strings = {"adapter_patterns", "adapter_own_biases", "adapter_save_wte", "adapter_save_head"})
    void gradientsAreCentralDifferences(String name) throws IOException {
        List<TokenSequence> sequences = HuggingFaceModels.sequences();
        double[] upstream = {1, 1, 1};
        try (Gpt2Policy base = base();
                Gpt2Policy adapted = base.withAdapter(HuggingFaceModels.FOLDER.resolve(name));
                Gpt2Policy exact = adapted.inDoublePrecision()) {
            adapted.forward(sequences).backward(upstream);
            exact.forward(sequences).backward(upstream);
            for (Parameter parameter : exact.parameters().trained()) {
                INDArray flat = parameter.value().reshape(parameter.value().length());
                double[] gradient = parameter.gradient().dup('c').reshape(-1).toDoubleVector();
                int index = IntStream.range(0, gradient.length)
                        .reduce((a, b) -> Math.abs(gradient[a]) >= Math.abs(gradient[b]) ? a : b)
                        .orElseThrow();
                double value = flat.getDouble(index);
                double step = 1e-5;
                flat.putScalar(index, value + step);
                double above = Arrays.stream(exact.logProbabilities(sequences)).sum();
                flat.putScalar(index, value - step);
                double below = Arrays.stream(exact.logProbabilities(sequences)).sum();
                flat.putScalar(index, value);
                assertThat(gradient[index]).as(parameter.name()).isCloseTo((above - below) / (2 * step), within(1e-7));
                double inFloat = adapted.parameters()
                        .get(parameter.name())
                        .gradient()
                        .dup('c')
                        .reshape(gradient.length)
                        .getDouble(index);
                assertThat(inFloat)
                        .as(parameter.name())
                        .isCloseTo(gradient[index], within(2e-5 * Math.abs(gradient[index]) + 1e-6));
            }
        }
    }
}
