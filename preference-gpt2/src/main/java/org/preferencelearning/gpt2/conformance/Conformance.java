package org.preferencelearning.gpt2.conformance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.loss.LossEvaluator;
import org.preferencelearning.core.loss.LossValues;
import org.preferencelearning.core.loss.PreferenceInputs;
import org.preferencelearning.core.loss.PreferenceLosses;
import org.preferencelearning.core.loss.RewardInputs;
import org.preferencelearning.core.loss.RewardLosses;
import org.preferencelearning.core.model.ForwardPass;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.model.ReferencePolicy;
import org.preferencelearning.core.model.Rollout;
import org.preferencelearning.core.model.SamplingRequest;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.core.model.Trainable;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.LearningRateSchedule;
import org.preferencelearning.core.train.MetricNames;
import org.preferencelearning.core.train.PairBatches;
import org.preferencelearning.core.train.PreferenceObjective;
import org.preferencelearning.core.train.StepReport;
import org.preferencelearning.core.train.Trainer;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.gpt2.compile.MatrixPrecision;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.Gpt2RewardModel;
import org.preferencelearning.gpt2.model.ParameterGroup;
import org.preferencelearning.gpt2.model.ParameterSelection;

/**
 * Recomputes recorded values: logits, log-probability sums, losses, gradients, rewards, training runs and continuations.
 *
 * <p>A directory holds {@code config.json}, {@code policy.safetensors}, {@code reference.safetensors},
 * {@code reward.safetensors} and {@code golden.json}; files and keys that are missing are left out.
 */
public final class Conformance {
    /** Largest absolute error of a float32 logit. */
    public static final double LOGITS = 2e-5;
    /** Largest absolute error of a log-probability sum, in nats. */
    public static final double LOG_PROBABILITIES = 1e-4;
    /** Largest relative error of a loss. */
    public static final double LOSSES = 1e-5;
    /** Largest error of a gradient, relative to the norm of its tensor. */
    public static final double GRADIENTS = 1e-4;
    /** Largest relative error of a value in a training run. */
    public static final double TRAINING = 1e-4;
    /** Largest absolute error of a reward or a probability. */
    public static final double REWARDS = 2e-5;

    /** Of the order within the one batch that all pairs make; it changes nothing but rounding. */
    private static final long ORDER_SEED = 42;

    private static final Set<String> DESCRIPTIONS =
            Set.of("seed", "beta", "eos", "chosen", "rejected", "prompt_lengths", "margins");

    private final Path folder;
    private final MatrixPrecision precision;
    private final JsonNode golden;
    private final Gpt2Config config;
    private final List<TokenPair> pairs;
    private final ErrorTable table = new ErrorTable();

    private Conformance(Path folder, MatrixPrecision precision) {
        this.folder = folder;
        this.precision = precision;
        this.golden = json(folder.resolve("golden.json"));
        this.config = Gpt2Config.read(folder.resolve("config.json"));
        this.pairs = pairs(golden);
    }

    /**
     * Compares everything in {@code folder}.
     *
     * @throws DataFormatException if {@code golden.json} or {@code config.json} cannot be read
     */
    public static ConformanceReport check(Path folder) {
        return check(folder, MatrixPrecision.FLOAT32);
    }

    /**
     * Compares everything in {@code folder} with what models of a precision compute; tolerances stay those of float32, so that
     * lower precision shows what it costs.
     *
     * @throws DataFormatException if {@code golden.json} or {@code config.json} cannot be read
     * @throws org.preferencelearning.core.error.SettingException if this processor does not have the precision
     */
    public static ConformanceReport check(Path folder, MatrixPrecision precision) {
        return new Conformance(folder, precision).run();
    }

    private ConformanceReport run() {
        golden.fieldNames().forEachRemaining(key -> {
            if (DESCRIPTIONS.contains(key)) {
                return;
            }
            switch (key) {
                case "policy_logits_chosen_0" -> logits();
                case "logps" -> logProbabilities();
                case "losses" -> losses();
                case "reward" -> reward();
                case "train_rev_kl" -> training(key, "rev_kl", ParameterSelection.all());
                case "train_regression_frozen" ->
                    training(
                            key,
                            "regression",
                            ParameterSelection.frozen(ParameterGroup.embeddings(), ParameterGroup.blocks(0, 1)));
                case "greedy" -> greedy();
                case "next_token_probabilities_temperature_0.7" -> nextToken(key);
                default -> table.unsupported(key);
            }
        });
        return table.report();
    }

    private boolean has(String file) {
        return Files.exists(folder.resolve(file));
    }

    private Gpt2Policy policy(String file, ParameterSelection trained) {
        Gpt2Policy policy = Gpt2Policy.load(config, folder.resolve(file), trained);
        policy.precision(precision);
        return policy;
    }

    private void logits() {
        if (!has("policy.safetensors")) {
            return;
        }
        try (Gpt2Policy policy = policy("policy.safetensors", ParameterSelection.none());
                INDArray logits = policy.logits(pairs.get(0).chosen().tokens())) {
            double[][] rows = logits.toDoubleMatrix();
            double[] flat = Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
            JsonNode expected = golden.get("policy_logits_chosen_0");
            List<Double> recorded = new ArrayList<>();
            expected.forEach(row -> row.forEach(value -> recorded.add(value.doubleValue())));
            table.absolute(
                    "policy_logits_chosen_0",
                    flat,
                    recorded.stream().mapToDouble(Double::doubleValue).toArray(),
                    LOGITS);
        }
    }

    private void logProbabilities() {
        for (String side : List.of("policy", "reference")) {
            if (has(side + ".safetensors")) {
                try (Gpt2Policy policy = policy(side + ".safetensors", ParameterSelection.none())) {
                    double[] sums = policy.logProbabilities(PairBatches.sequences(pairs));
                    for (boolean chosen : new boolean[] {true, false}) {
                        String key = side + (chosen ? "_chosen" : "_rejected");
                        table.absolute(
                                "logps." + key,
                                chosen ? PairBatches.chosen(sums) : PairBatches.rejected(sums),
                                numbers(golden.get("logps").get(key)),
                                LOG_PROBABILITIES);
                    }
                }
            }
        }
    }

    private void losses() {
        if (!has("policy.safetensors") || !has("reference.safetensors")) {
            return;
        }
        double beta = golden.get("beta").doubleValue();
        try (Gpt2Policy policy = policy("policy.safetensors", ParameterSelection.all());
                Gpt2Policy reference = policy("reference.safetensors", ParameterSelection.none())) {
            double[] referenceSums = reference.logProbabilities(PairBatches.sequences(pairs));
            golden.get("losses").properties().forEach(entry -> {
                String name = "losses." + entry.getKey();
                if (PreferenceLosses.names().contains(entry.getKey())) {
                    ForwardPass pass = policy.forward(PairBatches.sequences(pairs));
                    LossValues values = LossEvaluator.of(PreferenceLosses.named(entry.getKey(), beta))
                            .evaluate(inputs(pass.values(), referenceSums));
                    loss(name, entry.getValue(), values);
                    policy.parameters().clearGradients();
                    pass.backward(PairBatches.upstream(values, 1.0 / pairs.size()));
                    gradients(name, entry.getValue(), policy.parameters());
                } else {
                    table.unsupported(name);
                }
            });
        }
    }

    private void loss(String name, JsonNode expected, LossValues values) {
        table.relative(name + ".per_example", values.perPair(), numbers(expected.get("per_example")), LOSSES);
        table.relative(
                name + ".d_policy_chosen", values.chosenGradient(), numbers(expected.get("d_policy_chosen")), LOSSES);
        table.relative(
                name + ".d_policy_rejected",
                values.rejectedGradient(),
                numbers(expected.get("d_policy_rejected")),
                LOSSES);
        double mean = Arrays.stream(values.perPair()).average().orElseThrow();
        table.relative(name + ".mean", new double[] {mean}, numbers(expected.get("mean")), LOSSES);
    }

    /** Norms of gradients, and every gradient that is recorded in full. */
    private void gradients(String name, JsonNode expected, ParameterStore parameters) {
        double total = expected.get("grad_norm").doubleValue();
        double squares = 0;
        for (var parameter : parameters.trained()) {
            double norm = parameter.gradient().norm2Number().doubleValue();
            squares += norm * norm;
        }
        table.scaled(name + ".grad_norm", new double[] {Math.sqrt(squares)}, new double[] {total}, total, GRADIENTS);
        expected.path("grad_norm_by_tensor").properties().forEach(entry -> {
            double recorded = entry.getValue().doubleValue();
            double norm =
                    parameters.get(entry.getKey()).gradient().norm2Number().doubleValue();
            // A gradient that is exactly 0 can only be compared with the whole gradient's size.
            double scale = recorded == 0 ? total : recorded;
            table.scaled(
                    name + ".grad_norm_by_tensor." + entry.getKey(),
                    new double[] {norm},
                    new double[] {recorded},
                    scale,
                    GRADIENTS);
        });
        expected.properties().forEach(entry -> {
            if (entry.getKey().startsWith("grad_") && entry.getValue().isArray()) {
                double[] recorded = numbers(entry.getValue());
                INDArray gradient = parameters
                        .get(entry.getKey().substring("grad_".length()))
                        .gradient();
                table.scaled(
                        name + "." + entry.getKey(),
                        gradient.reshape(gradient.length()).toDoubleVector(),
                        recorded,
                        norm(recorded),
                        GRADIENTS);
            }
        });
    }

    private void reward() {
        if (!has("reward.safetensors")) {
            return;
        }
        JsonNode expected = golden.get("reward");
        try (Gpt2RewardModel model =
                Gpt2RewardModel.load(config, folder.resolve("reward.safetensors"), ParameterSelection.all())) {
            model.precision(precision);
            ForwardPass pass = model.forward(PairBatches.sequences(pairs));
            double[] chosen = PairBatches.chosen(pass.values());
            double[] rejected = PairBatches.rejected(pass.values());
            table.absolute("reward.chosen", chosen, numbers(expected.get("chosen")), REWARDS);
            table.absolute("reward.rejected", rejected, numbers(expected.get("rejected")), REWARDS);
            RewardInputs inputs = new RewardInputs(chosen, rejected, margins(), ones(pairs.size()));
            LossValues values = LossEvaluator.of(RewardLosses.bradleyTerry()).evaluate(inputs);
            table.relative("reward.bradley_terry", values.perPair(), numbers(expected.get("bradley_terry")), LOSSES);
            table.relative(
                    "reward.bradley_terry_margin",
                    LossEvaluator.of(RewardLosses.bradleyTerryWithMargin())
                            .evaluate(inputs)
                            .perPair(),
                    numbers(expected.get("bradley_terry_margin")),
                    LOSSES);
            pass.backward(PairBatches.upstream(values, 1.0 / pairs.size()));
            gradients("reward", expected, model.parameters());
        }
    }

    private void training(String key, String loss, ParameterSelection trained) {
        if (!has("policy.safetensors") || !has("reference.safetensors")) {
            return;
        }
        JsonNode expected = golden.get(key);
        JsonNode hyper = expected.get("hyper");
        TrainingSettings settings = TrainingSettings.defaults()
                .withEpochs(hyper.get("total_steps").intValue())
                .withBatchSize(pairs.size(), pairs.size())
                .withLearningRate(hyper.get("lr").doubleValue())
                .withSchedule(LearningRateSchedule.COSINE, hyper.get("warmup").doubleValue())
                .withWeightDecay(hyper.get("weight_decay").doubleValue())
                .withMaxGradientNorm(hyper.get("clip").doubleValue());
        try (Gpt2Policy policy = policy("policy.safetensors", trained);
                Gpt2Policy reference = policy("reference.safetensors", ParameterSelection.none())) {
            PreferenceObjective objective = new PreferenceObjective(
                    policy,
                    ReferencePolicy.of(reference),
                    PreferenceLosses.named(loss, golden.get("beta").doubleValue()));
            Trainer.train(
                    objective,
                    pairs,
                    settings,
                    RandomSource.of(ORDER_SEED),
                    report -> step(key, expected.get("steps"), report));
            parameterSums(key, expected, policy);
        }
    }

    private void step(String key, JsonNode steps, StepReport report) {
        JsonNode expected = steps.get((int) report.step() - 1);
        String name = key + ".steps." + (report.step() - 1);
        Map<String, String> recorded = Map.of(
                "loss", MetricNames.LOSS,
                "grad_norm_before_clip", MetricNames.GRAD_NORM,
                "lr", MetricNames.LEARNING_RATE);
        recorded.forEach((field, metric) -> table.relative(
                name + "." + field,
                new double[] {report.metrics().get(metric)},
                numbers(expected.get(field)),
                TRAINING));
    }

    private void parameterSums(String key, JsonNode expected, Trainable model) {
        expected.path("final_norm_by_tensor").properties().forEach(entry -> {
            double norm = entry.getValue().doubleValue();
            INDArray value = model.parameters().get(entry.getKey()).value();
            table.relative(
                    key + ".final_norm." + entry.getKey(),
                    new double[] {value.norm2Number().doubleValue()},
                    new double[] {norm},
                    TRAINING);
            double sum = expected.get("final_sum_by_tensor").get(entry.getKey()).doubleValue();
            // A tensor within the tolerance of its norm has a sum within sqrt(n) times that (Cauchy and Schwarz). Keys'
            // biases have a gradient of exactly 0, of which float32 leaves noise that Adam scales up to steps.
            table.scaled(
                    key + ".final_sum." + entry.getKey(),
                    new double[] {value.sumNumber().doubleValue()},
                    new double[] {sum},
                    Math.sqrt(value.length()) * norm,
                    TRAINING);
        });
    }

    private void greedy() {
        if (!has("policy.safetensors")) {
            return;
        }
        try (Gpt2Policy policy = policy("policy.safetensors", ParameterSelection.none())) {
            int index = 0;
            for (JsonNode entry : golden.get("greedy")) {
                int[] tokens = integers(entry.get("prompt"));
                double[] expected = numbers(entry.get("continuation"));
                Rollout rollout = policy.sample(
                                SamplingRequest.of(List.of(tokens), 0),
                                SamplingSettings.greedy(expected.length).withStopAtEndOfText(false))
                        .get(0)
                        .get(0);
                double[] found =
                        Arrays.stream(rollout.response()).asDoubleStream().toArray();
                table.absolute("greedy." + index++, found, expected, 0);
            }
        }
    }

    private void nextToken(String key) {
        if (!has("policy.safetensors")) {
            return;
        }
        try (Gpt2Policy policy = policy("policy.safetensors", ParameterSelection.none())) {
            TokenSequence first = pairs.get(0).chosen();
            int[] prompt = Arrays.copyOf(first.tokens(), first.promptLength());
            table.absolute(key, policy.nextTokenProbabilities(prompt, 0.7), numbers(golden.get(key)), REWARDS);
        }
    }

    private PreferenceInputs inputs(double[] policySums, double[] referenceSums) {
        return new PreferenceInputs(
                PairBatches.chosen(policySums),
                PairBatches.rejected(policySums),
                PairBatches.chosen(referenceSums),
                PairBatches.rejected(referenceSums),
                pairs.stream()
                        .mapToDouble(pair -> pair.chosen().responseLength())
                        .toArray(),
                pairs.stream()
                        .mapToDouble(pair -> pair.rejected().responseLength())
                        .toArray(),
                margins(),
                ones(pairs.size()));
    }

    private double[] margins() {
        return pairs.stream().mapToDouble(pair -> pair.margin().orElse(0)).toArray();
    }

    private static List<TokenPair> pairs(JsonNode golden) {
        List<TokenPair> pairs = new ArrayList<>();
        for (int i = 0; i < golden.path("chosen").size(); i++) {
            int promptLength = golden.get("prompt_lengths").get(i).intValue();
            pairs.add(new TokenPair(
                    new TokenSequence(integers(golden.get("chosen").get(i)), promptLength),
                    new TokenSequence(integers(golden.get("rejected").get(i)), promptLength),
                    OptionalDouble.of(golden.get("margins").get(i).doubleValue()),
                    1));
        }
        return pairs;
    }

    private static JsonNode json(Path file) {
        try {
            return new ObjectMapper().readTree(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            throw new DataFormatException(file.toString(), 0, "no such file", e);
        } catch (JsonProcessingException e) {
            throw new DataFormatException(file.toString(), 0, "not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": " + e.getMessage(), e);
        }
    }

    private static double[] numbers(JsonNode node) {
        if (node.isNumber()) {
            return new double[] {node.doubleValue()};
        }
        double[] numbers = new double[node.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = node.get(i).doubleValue();
        }
        return numbers;
    }

    private static int[] integers(JsonNode node) {
        return Arrays.stream(numbers(node)).mapToInt(value -> (int) value).toArray();
    }

    private static double norm(double[] values) {
        return Math.sqrt(Arrays.stream(values).map(v -> v * v).sum());
    }

    private static double[] ones(int n) {
        double[] ones = new double[n];
        Arrays.fill(ones, 1);
        return ones;
    }
}
