package org.preferencelearning.gpt2.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.gpt2.weights.Safetensors;
import org.preferencelearning.gpt2.weights.SafetensorsWriter;
import org.preferencelearning.gpt2.weights.WeightsFormatException;

/** GPT-2's relatives, and files of models as other programs leave them; values by transformers and peft in float64. */
class RelativesTest {
    private static final double[] UPSTREAM = {0.7, -1.1, 0.4};

    @TempDir
    Path folder;

    private static JsonNode said() throws IOException {
        return new ObjectMapper()
                .readTree(HuggingFaceModels.FOLDER.resolve("relatives.json").toFile());
    }

    private static double[] doubles(JsonNode numbers) {
        return new ObjectMapper().convertValue(numbers, double[].class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "distil",
                "dialog",
                "cerebras",
                "tanh",
                "untied",
                "unscaled_attention",
                "inverse_layer",
                "unlike_gpt2"
            })
    void valuesAndGradientsAreThoseOfTransformers(String model) throws IOException {
        List<TokenSequence> sequences = HuggingFaceModels.sequences();
        double[] expected = doubles(said().get("log-probabilities").get(model));
        JsonNode gradients = said().get("gradients").get(model);
        try (Gpt2Policy policy = Gpt2Policy.load(HuggingFaceModels.FOLDER.resolve(model), ParameterSelection.all());
                Gpt2Policy exact = policy.inDoublePrecision()) {
            assertThat(policy.logProbabilities(sequences)).containsExactly(expected, within(1e-4));
            assertThat(exact.logProbabilities(sequences)).containsExactly(expected, within(2e-6));
            exact.forward(sequences).backward(UPSTREAM);
            assertThat(exact.parameters().trained()).hasSize(gradients.size());
            for (Parameter parameter : exact.parameters().trained()) {
                double[] gradient = parameter
                        .gradient()
                        .dup('c')
                        .castTo(DataType.DOUBLE)
                        .reshape(-1)
                        .toDoubleVector();
                double[] theirs = doubles(gradients.get(parameter.name()));
                double norm = 0;
                for (double one : gradient) {
                    norm += one * one;
                }
                assertThat(Math.sqrt(norm)).as(parameter.name()).isCloseTo(theirs[0], within(1e-6 * theirs[0] + 1e-9));
                assertThat(gradient[gradient.length / 3])
                        .as(parameter.name())
                        .isCloseTo(theirs[1], within(1e-6 * theirs[0] + 1e-9));
            }
        }
    }

    @Test
    void oneLabelOfSeveralIsTheReward() throws IOException {
        Path labels = HuggingFaceModels.FOLDER.resolve("labels");
        List<TokenSequence> sequences = HuggingFaceModels.sequences();
        JsonNode rewards = said().get("rewards").get("labels");
        for (int label = 0; label < 3; label++) {
            try (Gpt2RewardModel model = Gpt2RewardModel.load(labels, ParameterSelection.none(), label)) {
                double[] found = model.rewards(sequences);
                for (int i = 0; i < found.length; i++) {
                    assertThat(found[i]).isCloseTo(rewards.get(i).get(label).doubleValue(), within(2e-5));
                }
                model.save(folder.resolve("one"));
                try (Gpt2RewardModel again = Gpt2RewardModel.load(folder.resolve("one"), ParameterSelection.none())) {
                    assertThat(again.rewards(sequences)).isEqualTo(found);
                }
            }
        }
        assertThatThrownBy(() -> Gpt2RewardModel.load(labels, ParameterSelection.none(), 3))
                .isInstanceOf(WeightsFormatException.class)
                .hasMessageContaining("score.weight")
                .hasMessageContaining("label 0 to 2");
        assertThatThrownBy(() -> Gpt2RewardModel.load(labels, ParameterSelection.none()))
                .isInstanceOf(WeightsFormatException.class)
                .hasMessageContaining("of 3 labels")
                .hasMessageContaining("label 0 to 2");
        assertThatThrownBy(() -> Gpt2RewardModel.load(labels, ParameterSelection.none(), -1))
                .isInstanceOf(SettingException.class);
        try (Gpt2RewardModel only =
                Gpt2RewardModel.load(HuggingFaceModels.FOLDER.resolve("reward"), ParameterSelection.none(), 0)) {
            assertThat(only.rewards(sequences)).containsExactly(HuggingFaceModels.rewards("base"), within(2e-5));
        }
    }

    @Test
    void namesAreReadThroughWrappers() throws IOException {
        try (Gpt2Policy policy =
                Gpt2Policy.load(HuggingFaceModels.FOLDER.resolve("wrapped"), ParameterSelection.none())) {
            assertThat(policy.logProbabilities(HuggingFaceModels.sequences()))
                    .containsExactly(HuggingFaceModels.logProbabilities("base"), within(1e-4));
        }
        Path base = HuggingFaceModels.with(folder, "base", "config.json", "use_cache", "true");
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        try (Safetensors file = Safetensors.open(base.resolve("model.safetensors"))) {
            for (String name : file.tensors().keySet()) {
                tensors.put(name, file.read(name));
            }
        }
        tensors.put("module.transformer.wte.weight", tensors.get("transformer.wte.weight"));
        SafetensorsWriter.write(base.resolve("model.safetensors"), tensors);
        assertThatThrownBy(() -> Gpt2Policy.load(base, ParameterSelection.none()))
                .isInstanceOf(WeightsFormatException.class)
                .hasMessageContaining("'module.transformer.wte.weight'")
                .hasMessageContaining("are both 'transformer.wte.weight'");
    }

    /** As folders of adapters have it that were saved with what their model says of itself. */
    @Test
    void aFolderOfAdaptersMayHoldTheModelsConfigButNotItsWeights() throws IOException {
        Path both = folder.resolve("both");
        Files.createDirectories(both);
        for (String file : List.of("adapter_config.json", "adapter_model.bin")) {
            Files.copy(HuggingFaceModels.FOLDER.resolve("adapter_bin").resolve(file), both.resolve(file));
        }
        Files.copy(HuggingFaceModels.FOLDER.resolve("base/config.json"), both.resolve("config.json"));
        assertThat(Gpt2Policy.isAdapter(both)).isTrue();
        Files.copy(HuggingFaceModels.FOLDER.resolve("base/model.safetensors"), both.resolve("model.safetensors"));
        assertThatThrownBy(() -> Gpt2Policy.isAdapter(both))
                .isInstanceOf(SettingException.class)
                .hasMessageContainingAll(
                        "both", "model.safetensors", "adapter_config.json", "a folder of one of the two");
    }

    @Test
    void adaptersOfOlderFilesAreTheSame() throws IOException {
        Path older = HuggingFaceModels.FOLDER.resolve("adapter_bin");
        assertThat(older.resolve("adapter_model.safetensors")).doesNotExist();
        assertThat(Gpt2Policy.isAdapter(older)).isTrue();
        assertThat(Gpt2Policy.isAdapter(HuggingFaceModels.FOLDER.resolve("base")))
                .isFalse();
        try (Gpt2Policy base = Gpt2Policy.load(HuggingFaceModels.FOLDER.resolve("base"), ParameterSelection.none());
                Gpt2Policy adapted = base.withAdapter(older)) {
            assertThat(adapted.logProbabilities(HuggingFaceModels.sequences()))
                    .containsExactly(HuggingFaceModels.logProbabilities("base + adapter_own_biases"), within(1e-4));
        }
        Path named = HuggingFaceModels.with(
                folder, "adapter_bin", "adapter_config.json", "base_model_name_or_path", "\"owner/base\"");
        assertThat(Gpt2Policy.baseOfAdapter(named)).contains("owner/base");
        assertThat(Gpt2Policy.baseOfAdapter(older)).isEmpty();
        Files.delete(named.resolve("adapter_model.bin"));
        try (Gpt2Policy base = Gpt2Policy.load(HuggingFaceModels.FOLDER.resolve("base"), ParameterSelection.none())) {
            assertThatThrownBy(() -> base.withAdapter(named))
                    .isInstanceOf(WeightsFormatException.class)
                    .hasMessageContaining("adapter_model.safetensors");
        }
    }

    /** A classifier's adapters bring the head that the model they are of has not. */
    @Test
    void adaptersOfAClassifierBringItsHead() throws IOException {
        Path adapter = HuggingFaceModels.FOLDER.resolve("adapter_score");
        Path bare = HuggingFaceModels.with(folder, "reward", "config.json", "use_cache", "true");
        for (boolean head : new boolean[] {true, false}) {
            if (!head) {
                Map<String, INDArray> tensors = new LinkedHashMap<>();
                try (Safetensors file = Safetensors.open(bare.resolve("model.safetensors"))) {
                    for (String name : file.tensors().keySet()) {
                        tensors.put(name, file.read(name));
                    }
                }
                tensors.remove("score.weight");
                SafetensorsWriter.write(bare.resolve("model.safetensors"), tensors);
            }
            try (Gpt2RewardModel adapted = Gpt2RewardModel.load(bare, adapter)) {
                assertThat(adapted.rewards(HuggingFaceModels.sequences()))
                        .containsExactly(HuggingFaceModels.rewards("base + adapter_score"), within(2e-5));
            }
        }
        Path headless = HuggingFaceModels.FOLDER.resolve("adapter_plain_control");
        assertThatThrownBy(() -> Gpt2RewardModel.load(bare, headless))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("no tensor 'score.weight'")
                .hasMessageContaining("bring none");
    }
}
