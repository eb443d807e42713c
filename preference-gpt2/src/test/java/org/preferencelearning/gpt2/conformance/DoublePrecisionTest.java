package org.preferencelearning.gpt2.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.loss.PreferenceLosses;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.LearningRateSchedule;
import org.preferencelearning.core.train.MetricNames;
import org.preferencelearning.core.train.PreferenceObjective;
import org.preferencelearning.core.train.StepReport;
import org.preferencelearning.core.train.Trainer;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.ParameterSelection;

/** The whole model in float64: against PyTorch's float64 values, and its gradient against central differences. */
class DoublePrecisionTest {
    private static final Path FOLDER = Path.of("src/test/resources/golden-tiny");

    private JsonNode golden;
    private Gpt2Config config;
    private List<TokenPair> pairs;

    @BeforeEach
    void load() throws IOException {
        golden = new ObjectMapper().readTree(FOLDER.resolve("golden.json").toFile());
        config = Gpt2Config.read(FOLDER.resolve("config.json"));
        pairs = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            pairs.add(new TokenPair(
                    sequence("chosen", i),
                    sequence("rejected", i),
                    OptionalDouble.of(golden.get("margins").get(i).doubleValue()),
                    1));
        }
    }

    @Test
    void logProbabilitiesEqualPyTorchsToTwelveDigits() {
        try (Gpt2Policy policy = policy("policy.safetensors")) {
            double[] chosen = policy.logProbabilities(
                    pairs.stream().map(TokenPair::chosen).toList());
            for (int i = 0; i < 3; i++) {
                assertThat(chosen[i])
                        .isCloseTo(
                                golden.get("logps").get("policy_chosen").get(i).doubleValue(), within(1e-12));
            }
        }
    }

    @Test
    void aTrainingRunEqualsPyTorchsToNineDigits() {
        JsonNode hyper = golden.get("train_rev_kl").get("hyper");
        List<StepReport> reports = new ArrayList<>();
        try (Gpt2Policy policy = policy("policy.safetensors");
                Gpt2Policy reference = policy("reference.safetensors")) {
            Trainer.train(
                    new PreferenceObjective(policy, reference, PreferenceLosses.softLabelDpo(0.1)),
                    pairs,
                    TrainingSettings.defaults()
                            .withEpochs(hyper.get("total_steps").intValue())
                            .withBatchSize(3, 2)
                            .withLearningRate(hyper.get("lr").doubleValue())
                            .withSchedule(
                                    LearningRateSchedule.COSINE,
                                    hyper.get("warmup").doubleValue())
                            .withWeightDecay(hyper.get("weight_decay").doubleValue()),
                    RandomSource.of(42),
                    reports::add);
            JsonNode steps = golden.get("train_rev_kl").get("steps");
            for (int step = 0; step < steps.size(); step++) {
                JsonNode expected = steps.get(step);
                assertThat(reports.get(step).metrics().get(MetricNames.LOSS))
                        .isCloseTo(expected.get("loss").doubleValue(), within(1e-9));
                assertThat(reports.get(step).metrics().get(MetricNames.GRAD_NORM))
                        .isCloseTo(expected.get("grad_norm_before_clip").doubleValue(), within(1e-9));
            }
            JsonNode sums = golden.get("train_rev_kl").get("final_sum_by_tensor");
            for (Parameter parameter : policy.parameters().all()) {
                assertThat(parameter.value().sumNumber().doubleValue())
                        .as(parameter.name())
                        .isCloseTo(sums.get(parameter.name()).doubleValue(), within(1e-7));
            }
        }
    }

    @Test
    void theGradientOfEveryTensorEqualsCentralDifferences() {
        double step = 1e-5;
        RandomSource random = RandomSource.of(17);
        List<TokenSequence> rows = pairs.stream()
                .flatMap(pair -> List.of(pair.chosen(), pair.rejected()).stream())
                .toList();
        double[] upstream = new double[rows.size()];
        for (int i = 0; i < upstream.length; i++) {
            upstream[i] = random.nextGaussian();
        }
        try (Gpt2Policy policy = policy("policy.safetensors")) {
            policy.forward(rows).backward(upstream);
            for (Parameter parameter : policy.parameters().all()) {
                INDArray value = parameter.value().reshape(parameter.value().length());
                INDArray gradient = parameter.gradient().reshape(value.length());
                for (int probe = 0; probe < 3; probe++) {
                    int i = random.nextInt((int) value.length());
                    double kept = value.getDouble(i);
                    value.putScalar(i, kept + step);
                    double up = weighted(policy.logProbabilities(rows), upstream);
                    value.putScalar(i, kept - step);
                    double down = weighted(policy.logProbabilities(rows), upstream);
                    value.putScalar(i, kept);
                    double numeric = (up - down) / (2 * step);
                    assertThat(gradient.getDouble(i))
                            .as("%s[%d]", parameter.name(), i)
                            .isCloseTo(numeric, within(1e-7 * Math.max(1, Math.abs(numeric))));
                }
            }
        }
    }

    private static double weighted(double[] values, double[] weights) {
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            sum += values[i] * weights[i];
        }
        return sum;
    }

    private Gpt2Policy policy(String file) {
        try (Gpt2Policy single = Gpt2Policy.load(config, FOLDER.resolve(file), ParameterSelection.all())) {
            return single.inDoublePrecision();
        }
    }

    private TokenSequence sequence(String side, int index) {
        int[] tokens = new ObjectMapper().convertValue(golden.get(side).get(index), int[].class);
        return new TokenSequence(tokens, golden.get("prompt_lengths").get(index).intValue());
    }
}
