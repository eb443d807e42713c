package org.preferencelearning.gpt2.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.loss.PreferenceLosses;
import org.preferencelearning.core.loss.RewardLosses;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.ReferencePolicy;
import org.preferencelearning.core.model.Rollout;
import org.preferencelearning.core.model.SamplingRequest;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.core.model.Trainable;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.testkit.SharedFiles;
import org.preferencelearning.core.train.LanguageModellingObjective;
import org.preferencelearning.core.train.LearningRateSchedule;
import org.preferencelearning.core.train.MetricNames;
import org.preferencelearning.core.train.PreferenceObjective;
import org.preferencelearning.core.train.RewardObjective;
import org.preferencelearning.core.train.StepReport;
import org.preferencelearning.core.train.Trainer;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.Gpt2RewardModel;
import org.preferencelearning.gpt2.model.ParameterSelection;
import org.preferencelearning.gpt2.weights.Safetensors;

/** Against values of Hugging Face transformers 5.18 with PyTorch 2.13, in float64. */
class HuggingFaceReferenceTest {
    private Path folder;
    private JsonNode expected;
    private Gpt2Config config;
    private List<TokenPair> pairs;

    @BeforeEach
    void load() throws IOException {
        folder = SharedFiles.require("fixtures/hf-ref");
        expected = new ObjectMapper().readTree(folder.resolve("expected.json").toFile());
        config = Gpt2Config.read(folder.resolve("policy/config.json"));
        List<TokenSequence> rows = new ArrayList<>();
        for (int row = 0; row < 6; row++) {
            int[] ids = integers(expected.get("input_ids").get(row));
            int length = Arrays.stream(integers(expected.get("attention_mask").get(row)))
                    .sum();
            int[] labels = integers(expected.get("labels").get(row));
            int prompt = 0;
            while (labels[prompt] == -100) {
                prompt++;
            }
            rows.add(new TokenSequence(Arrays.copyOf(ids, length), prompt));
        }
        pairs = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            pairs.add(TokenPair.of(rows.get(i), rows.get(i + 3)));
        }
    }

    @Test
    void logitsLossAndGradientsOfDpoAreTheirs() {
        try (Gpt2Policy policy = policy("policy/model.safetensors", true);
                Gpt2Policy reference = policy("ref/model.safetensors", false);
                Safetensors values = Safetensors.open(folder.resolve("expected_f64.safetensors"))) {
            List<TokenSequence> rows = sequences();
            assertThat(policy.logProbabilities(rows))
                    .containsExactly(numbers(expected.get("dpo_f64").get("policy_logps")), within(1e-4));
            assertThat(reference.logProbabilities(rows))
                    .containsExactly(numbers(expected.get("dpo_f64").get("ref_logps")), within(1e-4));
            try (INDArray all = values.read("policy_logits")) {
                for (int row = 0; row < 6; row++) {
                    try (INDArray logits = policy.logits(rows.get(row).tokens())) {
                        for (int t = 0; t < rows.get(row).length(); t++) {
                            for (int v = 0; v < config.vocabulary(); v++) {
                                assertThat(logits.getDouble(t, v)).isCloseTo(all.getDouble(row, t, v), within(2e-5));
                            }
                        }
                    }
                }
            }
            PreferenceObjective objective =
                    new PreferenceObjective(policy, ReferencePolicy.of(reference), PreferenceLosses.dpo(0.1));
            policy.parameters().clearGradients();
            var metrics = objective.accumulate(pairs, 1 / 3.0);
            assertThat(metrics.value(MetricNames.LOSS))
                    .isCloseTo(expected.get("dpo_f64").get("loss").doubleValue(), within(1e-6));
            assertThat(metrics.value(MetricNames.REWARDS_ACCURACIES)).isCloseTo(2 / 3.0, within(1e-12));
            assertGradients(policy, values, "dpo_grad.");
        }
    }

    @Test
    void scoresLossAndGradientsOfTheRewardModelAreTheirs() {
        try (Gpt2RewardModel model =
                        Gpt2RewardModel.load(config, folder.resolve("rm/model.safetensors"), ParameterSelection.all());
                Safetensors values = Safetensors.open(folder.resolve("expected_f64.safetensors"))) {
            assertThat(model.rewards(withoutEnd()))
                    .containsExactly(numbers(expected.get("rm_f64").get("scores")), within(2e-5));
            RewardObjective objective = new RewardObjective(model, RewardLosses.bradleyTerry());
            List<TokenSequence> rows = withoutEnd();
            List<TokenPair> rewardPairs = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                rewardPairs.add(TokenPair.of(rows.get(i), rows.get(i + 3)));
            }
            assertThat(objective.accumulate(rewardPairs, 1 / 3.0).value(MetricNames.LOSS))
                    .isCloseTo(expected.get("rm_f64").get("loss").doubleValue(), within(1e-6));
            assertGradients(model, values, "rm_grad.");
        }
    }

    @Test
    void greedyContinuationsOfLeftPaddedPromptsAreTheirs() {
        JsonNode generated = expected.get("greedy_left_padded");
        List<int[]> prompts = new ArrayList<>();
        List<int[]> continuations = new ArrayList<>();
        for (int row = 0; row < 3; row++) {
            int[] ids = integers(generated.get("input_ids").get(row));
            int length = Arrays.stream(integers(generated.get("attention_mask").get(row)))
                    .sum();
            prompts.add(Arrays.copyOfRange(ids, ids.length - length, ids.length));
            int[] output = integers(generated.get("output").get(row));
            continuations.add(Arrays.copyOfRange(output, ids.length, output.length));
        }
        try (Gpt2Policy policy = policy("policy/model.safetensors", false)) {
            List<List<Rollout>> rollouts = policy.sample(SamplingRequest.of(prompts, 1), SamplingSettings.greedy(10));
            for (int row = 0; row < 3; row++) {
                // after the end of text transformers fills up with padding, which is the same token
                int[] found = rollouts.get(row).get(0).response();
                int[] theirs = continuations.get(row);
                assertThat(found).isEqualTo(Arrays.copyOf(theirs, found.length));
                assertThat(found.length == theirs.length || config.ends().contains(theirs[found.length]))
                        .isTrue();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pytorch_model.bin", "pytorch_model.legacy.bin", "model.noprefix_oldbuffers.safetensors"})
    void everyOtherLayoutLoadsTheSameBits(String name) {
        try (Gpt2Policy policy = policy("policy/model.safetensors", false);
                Gpt2Policy other = policy("policy/" + name, false)) {
            assertSameBits(policy, other);
        }
    }

    @Test
    void aSavedFolderLoadsTheSameBitsSingleOrSharded(@TempDir Path saved) throws IOException {
        try (Gpt2Policy policy = Gpt2Policy.load(folder.resolve("policy"), ParameterSelection.none())) {
            policy.save(saved.resolve("single"));
            policy.save(saved.resolve("sharded"), 12_000);
            assertThat(saved.resolve("sharded/model.safetensors.index.json")).exists();
            assertThat(saved.resolve("single").toFile().list())
                    .containsExactlyInAnyOrder(
                            "config.json", "model.safetensors", "preference-output.json", "tokenizer_config.json");
            for (String name : List.of("single", "sharded")) {
                try (Gpt2Policy loaded = Gpt2Policy.load(saved.resolve(name), ParameterSelection.none())) {
                    assertThat(loaded.config()).isEqualTo(policy.config());
                    assertSameBits(policy, loaded);
                }
            }
        }
        try (Gpt2RewardModel model = Gpt2RewardModel.load(folder.resolve("rm"), ParameterSelection.none())) {
            model.save(saved.resolve("rm"));
            try (Gpt2RewardModel loaded = Gpt2RewardModel.load(saved.resolve("rm"), ParameterSelection.none())) {
                assertSameBits(model, loaded);
            }
        }
    }

    private static void assertSameBits(Trainable one, Trainable other) {
        assertThat(other.parameters().all()).hasSameSizeAs(one.parameters().all());
        for (Parameter parameter : one.parameters().all()) {
            INDArray value = parameter.value();
            INDArray found = other.parameters().get(parameter.name()).value();
            assertThat(found.reshape(found.length()).toFloatVector())
                    .as(parameter.name())
                    .isEqualTo(value.reshape(value.length()).toFloatVector());
        }
    }

    @Test
    void theLanguageModellingLossIsTheirs() {
        try (Gpt2Policy policy = policy("policy/model.safetensors", false)) {
            assertThat(new LanguageModellingObjective(policy)
                            .evaluate(sequences())
                            .value(MetricNames.LOSS))
                    .isCloseTo(expected.get("lm_loss_f64").doubleValue(), within(1e-5));
        }
    }

    /**
     * Weight decay, clipping and a warm-up of 0.1 steps, in float32 and in float64. In float64 the recorded values differ
     * by 5e-8 from ours, which agree with PyTorch's own to 1e-12 in {@link DoublePrecisionTest}: transformers computes a
     * part in float32 whatever the weights are.
     */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void sixAdamWStepsAreTheirs(boolean doublePrecision) {
        double tolerance = doublePrecision ? 2e-6 : 1e-4;
        List<StepReport> reports = new ArrayList<>();
        try (Gpt2Policy single = policy("policy/model.safetensors", true);
                Gpt2Policy policy = doublePrecision ? single.inDoublePrecision() : single;
                Gpt2Policy singleReference = policy("ref/model.safetensors", false);
                Gpt2Policy reference = doublePrecision ? singleReference.inDoublePrecision() : singleReference;
                Safetensors after = Safetensors.open(folder.resolve("after6_f64.safetensors"))) {
            Trainer.train(
                    new PreferenceObjective(policy, ReferencePolicy.of(reference), PreferenceLosses.dpo(0.1)),
                    pairs,
                    TrainingSettings.defaults()
                            .withEpochs(6)
                            .withBatchSize(3, 3)
                            .withLearningRate(1e-2)
                            .withWeightDecay(0.05)
                            .withSchedule(LearningRateSchedule.COSINE, 0.1),
                    RandomSource.of(42),
                    reports::add);
            JsonNode run = expected.get("train_dpo_f64");
            for (int step = 0; step < 6; step++) {
                var metrics = reports.get(step).metrics();
                assertRelative(metrics.get(MetricNames.LOSS), run.get("losses").get(step), tolerance);
                assertRelative(
                        metrics.get(MetricNames.LEARNING_RATE), run.get("lrs").get(step), 1e-12);
                assertRelative(
                        metrics.get(MetricNames.GRAD_NORM),
                        run.get("grad_norms_before_clip").get(step),
                        tolerance);
            }
            if (doublePrecision) {
                for (Parameter parameter : policy.parameters().all()) {
                    // the file is read as float
                    try (INDArray expectedValue = after.read("transformer." + parameter.name())) {
                        assertThat(distance(parameter.value(), expectedValue))
                                .as(parameter.name())
                                .isLessThan(1e-5);
                    }
                }
            }
        }
    }

    @Test
    void olderNamesAndBuffersLoadToTheSameModel() {
        try (Gpt2Policy policy = policy("policy/model.safetensors", false);
                Gpt2Policy older = policy("policy/model.noprefix_oldbuffers.safetensors", false);
                Gpt2Policy rounded = policy("policy/model.bf16.safetensors", false)) {
            assertThat(older.logProbabilities(sequences())).isEqualTo(policy.logProbabilities(sequences()));
            assertThat(rounded.logProbabilities(sequences()))
                    .containsExactly(policy.logProbabilities(sequences()), within(0.5))
                    .isNotEqualTo(policy.logProbabilities(sequences()));
        }
    }

    @Test
    void shardsAndFoldersLoadToTheSameModel() {
        try (Gpt2Policy policy = policy("policy/model.safetensors", false);
                Gpt2Policy sharded = policy("policy_sharded", false);
                Gpt2Policy folderOnly = policy("policy", false)) {
            double[] expected = policy.logProbabilities(sequences());
            assertThat(sharded.logProbabilities(sequences())).isEqualTo(expected);
            assertThat(folderOnly.logProbabilities(sequences())).isEqualTo(expected);
        }
    }

    private void assertGradients(Trainable model, Safetensors values, String prefix) {
        for (Parameter parameter : model.parameters().all()) {
            String name = parameter.name().equals("score.weight") ? "score.weight" : "transformer." + parameter.name();
            try (INDArray recorded = values.read(prefix + name)) {
                if (recorded.norm2Number().doubleValue() < 1e-12) {
                    // chosen and rejected cancel exactly, as in ln_f.bias of a reward model
                    assertThat(parameter.gradient().norm2Number().doubleValue())
                            .as(name)
                            .isLessThan(1e-6);
                } else {
                    assertThat(distance(parameter.gradient(), recorded))
                            .as(name)
                            .isLessThan(1e-4);
                }
            }
        }
    }

    /** Norm of the difference over the norm of what is expected. */
    private static double distance(INDArray found, INDArray expected) {
        double[] a = found.reshape(found.length()).toDoubleVector();
        double[] b = expected.reshape(expected.length()).toDoubleVector();
        double squares = 0;
        double size = 0;
        for (int i = 0; i < a.length; i++) {
            squares += (a[i] - b[i]) * (a[i] - b[i]);
            size += b[i] * b[i];
        }
        return Math.sqrt(squares / size);
    }

    private static void assertRelative(double found, JsonNode expected, double tolerance) {
        assertThat(found).isCloseTo(expected.doubleValue(), within(tolerance * Math.abs(expected.doubleValue())));
    }

    private Gpt2Policy policy(String file, boolean trained) {
        return Gpt2Policy.load(
                config, folder.resolve(file), trained ? ParameterSelection.all() : ParameterSelection.none());
    }

    private List<TokenSequence> sequences() {
        List<TokenSequence> rows = new ArrayList<>();
        pairs.forEach(pair -> rows.add(pair.chosen()));
        pairs.forEach(pair -> rows.add(pair.rejected()));
        return rows;
    }

    /** The last token is the end of text, which is also the padding: transformers scores the token before it. */
    private List<TokenSequence> withoutEnd() {
        return sequences().stream()
                .map(row -> new TokenSequence(Arrays.copyOf(row.tokens(), row.length() - 1), 0))
                .toList();
    }

    private static double[] numbers(JsonNode array) {
        double[] numbers = new double[array.size()];
        Arrays.setAll(numbers, i -> array.get(i).doubleValue());
        return numbers;
    }

    private static int[] integers(JsonNode array) {
        return Arrays.stream(numbers(array)).mapToInt(value -> (int) value).toArray();
    }
}
