package org.preferencelearning.gpt2.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.model.SamplingRequest;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.LoraSettings;
import org.preferencelearning.gpt2.graph.Projection;

class LoraTest {
    private static final Gpt2Config CONFIG = new Gpt2Config(40, 64, 16, 2, 2, 1e-5, 39);
    private static final LoraSettings EVERYWHERE = LoraSettings.of(
            3, 6, Projection.ATTENTION_INPUT, Projection.ATTENTION_OUTPUT, Projection.MLP_INPUT, Projection.MLP_OUTPUT);
    private static final List<TokenSequence> SEQUENCES =
            List.of(new TokenSequence(new int[] {1, 2, 3, 4, 5}, 2), new TokenSequence(new int[] {9, 8, 7}, 1));

    @TempDir
    Path folder;

    @Test
    void freshAdaptersChangeNothingAndAreAllThatIsTrained() {
        try (Gpt2Policy policy = Gpt2Policy.random(CONFIG, RandomSource.of(1));
                Gpt2Policy adapted = policy.withLora(EVERYWHERE, RandomSource.of(2))) {
            assertThat(adapted.logProbabilities(SEQUENCES)).isEqualTo(policy.logProbabilities(SEQUENCES));
            // per block: rank times (inputs + outputs) of each projection
            assertThat(adapted.parameters().trainedCount())
                    .isEqualTo(2 * 3 * ((16 + 48) + (16 + 16) + (16 + 64) + (64 + 16)));
        }
    }

    @Test
    void theirGradientsAreCentralDifferences() {
        try (Gpt2Policy policy = Gpt2Policy.random(CONFIG, RandomSource.of(1));
                Gpt2Policy single = perturbed(policy);
                Gpt2Policy adapted = single.inDoublePrecision()) {
            adapted.forward(SEQUENCES).backward(new double[] {1, 1});
            RandomSource random = RandomSource.of(4);
            for (Parameter parameter : adapted.parameters().trained()) {
                INDArray flat = parameter.value().reshape(parameter.value().length());
                long index = random.nextInt((int) flat.length());
                double value = flat.getDouble(index);
                double step = 1e-5;
                flat.putScalar(index, value + step);
                double above = sum(adapted);
                flat.putScalar(index, value - step);
                double below = sum(adapted);
                flat.putScalar(index, value);
                assertThat(parameter.gradient().dup('c').reshape(flat.length()).getDouble(index))
                        .as(parameter.name())
                        .isCloseTo((above - below) / (2 * step), within(1e-7));
            }
        }
    }

    private static double sum(Gpt2Policy policy) {
        double[] values = policy.logProbabilities(SEQUENCES);
        return values[0] + values[1];
    }

    @Test
    void mergedWeightsSayTheSame() {
        try (Gpt2Policy policy = Gpt2Policy.random(CONFIG, RandomSource.of(1));
                Gpt2Policy adapted = perturbed(policy);
                Gpt2Policy merged = adapted.copy(ParameterSelection.none())) {
            assertThat(merged.lora()).isEmpty();
            double[] expected = adapted.logProbabilities(SEQUENCES);
            assertThat(expected).isNotEqualTo(policy.logProbabilities(SEQUENCES));
            assertThat(merged.logProbabilities(SEQUENCES)).containsExactly(expected, within(1e-5));
            adapted.save(folder.resolve("merged"));
            try (Gpt2Policy loaded = Gpt2Policy.load(folder.resolve("merged"), ParameterSelection.none())) {
                assertThat(loaded.logProbabilities(SEQUENCES)).isEqualTo(merged.logProbabilities(SEQUENCES));
            }
            List<SamplingRequest> prompts = SamplingRequest.of(List.of(new int[] {1, 2, 3}), 1);
            assertThat(adapted.sample(prompts, SamplingSettings.greedy(10))
                            .get(0)
                            .get(0)
                            .sequence())
                    .isEqualTo(merged.sample(prompts, SamplingSettings.greedy(10))
                            .get(0)
                            .get(0)
                            .sequence());
        }
    }

    @Test
    void savedAdaptersAreTheSameAdapters() throws Exception {
        try (Gpt2Policy policy = Gpt2Policy.random(CONFIG, RandomSource.of(1));
                Gpt2Policy adapted = perturbed(policy)) {
            adapted.saveAdapter(folder.resolve("adapter"));
            try (Gpt2Policy loaded = policy.withAdapter(folder.resolve("adapter"))) {
                assertThat(loaded.lora()).contains(EVERYWHERE);
                assertThat(loaded.logProbabilities(SEQUENCES)).isEqualTo(adapted.logProbabilities(SEQUENCES));
            }
            assertThatThrownBy(() -> policy.saveAdapter(folder.resolve("none")))
                    .isInstanceOf(IllegalStateException.class);
            Path config = folder.resolve("adapter/adapter_config.json");
            Files.writeString(config, Files.readString(config).replace("mlp.c_fc", "lm_head"));
            assertThatThrownBy(() -> policy.withAdapter(folder.resolve("adapter")))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageContaining("lm_head");
        }
    }

    @Test
    void aRewardModelsHeadIsTrainedAndSavedWithItsAdapters() {
        LoraSettings settings = LoraSettings.of(2, 2, Projection.ATTENTION_INPUT);
        try (Gpt2Policy policy = Gpt2Policy.random(CONFIG, RandomSource.of(1));
                Gpt2RewardModel model = Gpt2RewardModel.from(policy, RandomSource.of(2));
                Gpt2RewardModel adapted = model.withLora(settings, RandomSource.of(3))) {
            fill(adapted.parameters());
            adapted.saveAdapter(folder.resolve("rm"));
            try (Gpt2RewardModel loaded = model.withAdapter(folder.resolve("rm"))) {
                assertThat(loaded.rewards(SEQUENCES))
                        .isEqualTo(adapted.rewards(SEQUENCES))
                        .isNotEqualTo(model.rewards(SEQUENCES));
            }
        }
    }

    private static Gpt2Policy perturbed(Gpt2Policy policy) {
        Gpt2Policy adapted = policy.withLora(EVERYWHERE, RandomSource.of(2));
        fill(adapted.parameters());
        return adapted;
    }

    private static void fill(ParameterStore parameters) {
        RandomSource random = RandomSource.of(5);
        for (Parameter parameter : parameters.trained()) {
            INDArray flat = parameter.value().reshape(parameter.value().length());
            for (long i = 0; i < flat.length(); i++) {
                flat.putScalar(i, 0.1 * random.nextGaussian());
            }
        }
    }
}
