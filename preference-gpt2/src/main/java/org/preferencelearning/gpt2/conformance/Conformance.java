package org.preferencelearning.gpt2.conformance;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.loss.LossEvaluator;
import org.preferencelearning.core.loss.LossValues;
import org.preferencelearning.core.loss.PreferenceInputs;
import org.preferencelearning.core.loss.PreferenceLoss;
import org.preferencelearning.core.loss.PreferenceLosses;
import org.preferencelearning.core.loss.RewardInputs;
import org.preferencelearning.core.loss.RewardLosses;
import org.preferencelearning.core.model.ForwardPass;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.model.ReferencePolicy;
import org.preferencelearning.core.model.Rollout;
import org.preferencelearning.core.model.SamplingRequest;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.LearningRateSchedule;
import org.preferencelearning.core.train.MetricNames;
import org.preferencelearning.core.train.PairBatches;
import org.preferencelearning.core.train.PreferenceObjective;
import org.preferencelearning.core.train.StepReport;
import org.preferencelearning.core.train.Trainer;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.Gpt2RewardModel;
import org.preferencelearning.gpt2.model.ParameterGroup;
import org.preferencelearning.gpt2.model.ParameterSelection;

/**
 * Recomputes recorded values: logits, log-probability sums, losses, gradients, rewards, training runs and continuations.
 *
 * <p>A directory holds {@code config.json}, {@code policy.safetensors}, {@code reference.safetensors},
 * {@code reward.safetensors} and {@code golden.json}. What needs a file or a field that is missing is left out, and so listed
 * in the report.
 */
public final class Conformance {
    /** Largest absolute error of a float32 logit. */
    public static final double LOGITS = 2e-5;
    /** Largest absolute error of a log-probability sum, in nats. */
    public static final double LOG_PROBABILITIES = 1e-4;
    /**
     * Largest relative error of a loss or its derivative by a log-probability or reward, beside what the tolerances of these
     * make of it: the rounding of recorded values.
     */
    public static final double LOSSES = 1e-6;
    /**
     * Largest error of a gradient, relative to the norm of its tensor, beside what the tolerance of the loss's derivatives makes
     * of it.
     */
    public static final double GRADIENTS = 1e-4;
    /** Largest relative error of a value in a training run. */
    public static final double TRAINING = 1e-4;
    /** Largest absolute error of a reward or a probability. */
    public static final double REWARDS = 2e-5;

    /** Of the order within the one batch that all pairs make; it changes nothing but rounding. */
    private static final long ORDER_SEED = 42;

    private static final String POLICY = "policy.safetensors";
    private static final String REFERENCE = "reference.safetensors";
    private static final String REWARD = "reward.safetensors";

    private static final String LOGITS_KEY = "policy_logits_chosen_0";
    private static final String NEXT_TOKEN_KEY = "next_token_probabilities_temperature_0.7";
    private static final List<String> VALUES = List.of(
            LOGITS_KEY,
            "logps",
            "losses",
            "reward",
            "train_rev_kl",
            "train_regression_frozen",
            "greedy",
            NEXT_TOKEN_KEY);
    private static final Set<String> DESCRIPTIONS =
            Set.of("seed", "beta", "eos", "chosen", "rejected", "prompt_lengths", "margins");
    /** Descriptions of a training run that can be in words, and the words for what is done. */
    private static final Map<String, String> TRAINING_IN_WORDS =
            Map.of("schedule", "linear warm-up then cosine to 0", "no_decay", "biases and LayerNorm");

    private static final Set<String> TRAINING_IN_NUMBERS =
            Set.of("lr", "warmup", "total_steps", "weight_decay", "clip");

    private final Path folder;
    private final MatrixPrecision precision;
    private final Golden golden;
    private final Gpt2Config config;
    private final double beta;
    private final List<TokenSequence> chosen;
    private final List<TokenSequence> rejected;
    private final double[] margins;
    private final ErrorTable table = new ErrorTable();

    private Conformance(Path folder, MatrixPrecision precision) {
        this.folder = folder;
        this.precision = precision;
        this.golden = Golden.read(folder.resolve("golden.json"));
        this.config = Gpt2Config.read(folder.resolve("config.json"));
        this.beta = golden.has("beta") ? golden.get("beta").positive() : Double.NaN;
        this.chosen = sequences("chosen");
        this.rejected = sequences("rejected");
        this.margins = has("margins") ? golden.get("margins").numbers() : new double[chosen.size()];
        if (has("chosen", "rejected", "prompt_lengths")) {
            requireOnePerPair("rejected", rejected.size());
            requireOnePerPair("margins", margins.length);
        }
    }

    /**
     * Compares everything in {@code folder}.
     *
     * @throws DataFormatException if {@code golden.json} or {@code config.json} cannot be read, or a recorded value is not what
     *     its field holds
     */
    public static ConformanceReport check(Path folder) {
        return check(folder, MatrixPrecision.FLOAT32);
    }

    /**
     * Compares everything in {@code folder} with what models of a precision compute; tolerances stay those of float32, so that
     * lower precision shows what it costs.
     *
     * @throws DataFormatException as {@link #check(Path)}
     * @throws org.preferencelearning.core.error.SettingException if this processor does not have the precision
     */
    public static ConformanceReport check(Path folder, MatrixPrecision precision) {
        return new Conformance(folder, precision).run();
    }

    private ConformanceReport run() {
        Set<String> keys = new LinkedHashSet<>();
        golden.fields().forEach(field -> keys.add(field.getKey()));
        keys.removeAll(DESCRIPTIONS);
        keys.forEach(this::compare);
        VALUES.stream().filter(key -> !keys.contains(key)).forEach(key -> table.leftOut(key, "not recorded"));
        return table.report();
    }

    private void compare(String key) {
        switch (key) {
            case LOGITS_KEY -> logits();
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
            case NEXT_TOKEN_KEY -> nextToken();
            default -> table.unsupported(key);
        }
    }

    /** Whether all these files or fields are there; lists the value as left out where one is not. */
    private boolean hasNeeds(String value, String... needs) {
        List<String> missing = Arrays.stream(needs).filter(need -> !has(need)).toList();
        if (!missing.isEmpty()) {
            table.leftOut(value, "needs " + String.join(", ", missing));
        }
        return missing.isEmpty();
    }

    private boolean has(String... needs) {
        return Arrays.stream(needs).allMatch(need -> switch (need) {
            case POLICY, REFERENCE, REWARD -> Files.exists(folder.resolve(need));
            case "chosen", "rejected" ->
                golden.has(need) && !golden.get(need).entries().isEmpty();
            default -> golden.has(need);
        });
    }

    /** Whether a part of a value is recorded; lists it as left out where it is not. */
    private boolean isRecorded(Golden value, String name, String part) {
        if (!value.has(part)) {
            table.leftOut(name + "." + part, "not recorded");
        }
        return value.has(part);
    }

    /** Lists parts of a value that are not among those that are compared. */
    private void listOthers(Golden value, String name, Set<String> compared) {
        value.fields().stream()
                .map(Map.Entry::getKey)
                .filter(part -> !compared.contains(part))
                .forEach(part -> table.unsupported(name + "." + part));
    }

    private Gpt2Policy policy(String file, ParameterSelection trained) {
        Gpt2Policy policy = Gpt2Policy.load(config, folder.resolve(file), trained);
        policy.precision(precision);
        return policy;
    }

    private void logits() {
        if (!hasNeeds(LOGITS_KEY, "chosen", "prompt_lengths", POLICY)) {
            return;
        }
        try (Gpt2Policy policy = policy(POLICY, ParameterSelection.none());
                INDArray logits = policy.logits(chosen.get(0).tokens())) {
            double[] found = Arrays.stream(logits.toDoubleMatrix())
                    .flatMapToDouble(Arrays::stream)
                    .toArray();
            double[] expected = golden.get(LOGITS_KEY).entries().stream()
                    .flatMapToDouble(row -> Arrays.stream(row.numbers()))
                    .toArray();
            table.absolute(LOGITS_KEY, found, expected, LOGITS);
        }
    }

    private void logProbabilities() {
        Golden recorded = golden.get("logps");
        listOthers(
                recorded,
                "logps",
                Set.of("policy_chosen", "policy_rejected", "reference_chosen", "reference_rejected"));
        for (String side : List.of("policy", "reference")) {
            List<String> responses = Stream.of("chosen", "rejected")
                    .filter(response -> isRecorded(recorded, "logps", side + "_" + response)
                            && hasNeeds(
                                    "logps." + side + "_" + response,
                                    response,
                                    "prompt_lengths",
                                    side + ".safetensors"))
                    .toList();
            if (responses.isEmpty()) {
                continue;
            }
            try (Gpt2Policy policy = policy(side + ".safetensors", ParameterSelection.none())) {
                // Both responses at once, where both are there: what they share is computed once.
                double[] sums = policy.logProbabilities(
                        Stream.concat(chosen.stream(), rejected.stream()).toList());
                for (String response : responses) {
                    String key = side + "_" + response;
                    double[] found = response.equals("chosen")
                            ? Arrays.copyOf(sums, chosen.size())
                            : Arrays.copyOfRange(sums, chosen.size(), sums.length);
                    table.absolute("logps." + key, found, recorded.get(key).numbers(), LOG_PROBABILITIES);
                }
            }
        }
    }

    private void losses() {
        Golden recorded = golden.get("losses");
        if (!hasNeeds("losses", "beta", "chosen", "rejected", "prompt_lengths", POLICY, REFERENCE)) {
            return;
        }
        List<TokenPair> pairs = pairs();
        try (Gpt2Policy policy = policy(POLICY, ParameterSelection.all());
                Gpt2Policy reference = policy(REFERENCE, ParameterSelection.none())) {
            double[] referenceSums = reference.logProbabilities(PairBatches.sequences(pairs));
            recorded.fields().forEach(entry -> {
                String name = "losses." + entry.getKey();
                if (!PreferenceLosses.names().contains(entry.getKey())) {
                    table.unsupported(name);
                    return;
                }
                PreferenceLoss loss = PreferenceLosses.named(entry.getKey(), beta);
                if (loss.needsMargin() && !hasNeeds(name, "margins")) {
                    return;
                }
                ForwardPass pass = policy.forward(PairBatches.sequences(pairs));
                LossEvaluator evaluator = LossEvaluator.of(loss);
                double[][] inputs = {
                    PairBatches.chosen(pass.values()),
                    PairBatches.rejected(pass.values()),
                    PairBatches.chosen(referenceSums),
                    PairBatches.rejected(referenceSums)
                };
                Function<double[][], LossValues> function = columns -> evaluator.evaluate(inputs(columns));
                LossValues values = function.apply(inputs);
                LossValues tolerances = LossTolerance.of(function, inputs, LOG_PROBABILITIES, LOSSES);
                loss(name, entry.getValue(), values, tolerances);
                policy.parameters().clearGradients();
                pass.backward(PairBatches.upstream(values, 1.0 / pairs.size()));
                double tolerance = GRADIENTS + LossTolerance.relative(tolerances, values);
                gradients(name, entry.getValue(), policy.parameters(), tolerance);
                if (isRecorded(entry.getValue(), name, "grad_norm_by_tensor")) {
                    gradientNorms(name, entry.getValue(), policy.parameters(), tolerance);
                }
                listOthers(
                        entry.getValue(),
                        name,
                        gradientsAnd(
                                entry.getValue(),
                                "per_example",
                                "d_policy_chosen",
                                "d_policy_rejected",
                                "mean",
                                "grad_norm",
                                "grad_norm_by_tensor"));
            });
        }
    }

    private void loss(String name, Golden expected, LossValues values, LossValues tolerances) {
        within(name, expected, "per_example", values.perPair(), tolerances.perPair());
        within(name, expected, "d_policy_chosen", values.chosenGradient(), tolerances.chosenGradient());
        within(name, expected, "d_policy_rejected", values.rejectedGradient(), tolerances.rejectedGradient());
        if (isRecorded(expected, name, "mean")) {
            table.within(
                    name + ".mean",
                    new double[] {mean(values.perPair())},
                    new double[] {expected.get("mean").number()},
                    new double[] {mean(tolerances.perPair())});
        }
    }

    private void within(String name, Golden expected, String part, double[] found, double[] tolerances) {
        if (isRecorded(expected, name, part)) {
            table.within(name + "." + part, found, expected.get(part).numbers(), tolerances);
        }
    }

    /** The norm of the whole gradient, and every gradient that is recorded in full. */
    private void gradients(String name, Golden expected, ParameterStore parameters, double tolerance) {
        if (isRecorded(expected, name, "grad_norm")) {
            double squares = 0;
            for (Parameter parameter : parameters.trained()) {
                double norm = parameter.gradient().norm2Number().doubleValue();
                squares += norm * norm;
            }
            double total = expected.get("grad_norm").number();
            table.scaled(
                    name + ".grad_norm", new double[] {Math.sqrt(squares)}, new double[] {total}, total, tolerance);
        }
        expected.fields().forEach(entry -> {
            if (isGradient(entry)) {
                double[] recorded = entry.getValue().numbers();
                String tensor = entry.getKey().substring("grad_".length());
                INDArray gradient =
                        parameter(parameters, tensor, entry.getValue()).gradient();
                table.scaled(
                        name + "." + entry.getKey(),
                        gradient.reshape(gradient.length()).toDoubleVector(),
                        recorded,
                        norm(recorded),
                        tolerance);
            }
        });
    }

    private void gradientNorms(String name, Golden expected, ParameterStore parameters, double tolerance) {
        Golden norms = expected.get("grad_norm_by_tensor");
        // A gradient that is exactly 0 can only be compared with the whole gradient's size.
        double total = norm(norms.fields().stream()
                .mapToDouble(entry -> entry.getValue().number())
                .toArray());
        norms.fields().forEach(entry -> {
            double recorded = entry.getValue().number();
            INDArray gradient =
                    parameter(parameters, entry.getKey(), entry.getValue()).gradient();
            table.scaled(
                    name + ".grad_norm_by_tensor." + entry.getKey(),
                    new double[] {gradient.norm2Number().doubleValue()},
                    new double[] {recorded},
                    recorded == 0 ? total : recorded,
                    tolerance);
        });
    }

    private static boolean isGradient(Map.Entry<String, Golden> entry) {
        return entry.getKey().startsWith("grad_") && entry.getValue().isArray();
    }

    private static Set<String> gradientsAnd(Golden value, String... parts) {
        Set<String> all = new LinkedHashSet<>(List.of(parts));
        value.fields().stream().filter(Conformance::isGradient).forEach(entry -> all.add(entry.getKey()));
        return all;
    }

    private void reward() {
        Golden expected = golden.get("reward");
        if (!hasNeeds("reward", "chosen", "rejected", "prompt_lengths", REWARD)) {
            return;
        }
        try (Gpt2RewardModel model = Gpt2RewardModel.load(config, folder.resolve(REWARD), ParameterSelection.all())) {
            model.precision(precision);
            ForwardPass pass = model.forward(PairBatches.sequences(pairs()));
            double[][] rewards = {PairBatches.chosen(pass.values()), PairBatches.rejected(pass.values())};
            for (int side = 0; side < 2; side++) {
                String part = side == 0 ? "chosen" : "rejected";
                if (isRecorded(expected, "reward", part)) {
                    table.absolute(
                            "reward." + part, rewards[side], expected.get(part).numbers(), REWARDS);
                }
            }
            LossEvaluator evaluator = LossEvaluator.of(RewardLosses.bradleyTerry());
            Function<double[][], LossValues> function = columns -> evaluator.evaluate(rewardInputs(columns));
            LossValues values = function.apply(rewards);
            LossValues tolerances = LossTolerance.of(function, rewards, REWARDS, LOSSES);
            within("reward", expected, "bradley_terry", values.perPair(), tolerances.perPair());
            if (hasNeeds("reward.bradley_terry_margin", "margins")) {
                LossEvaluator withMargin = LossEvaluator.of(RewardLosses.bradleyTerryWithMargin());
                Function<double[][], LossValues> marginFunction = columns -> withMargin.evaluate(rewardInputs(columns));
                within(
                        "reward",
                        expected,
                        "bradley_terry_margin",
                        marginFunction.apply(rewards).perPair(),
                        LossTolerance.of(marginFunction, rewards, REWARDS, LOSSES)
                                .perPair());
            }
            pass.backward(PairBatches.upstream(values, 1.0 / chosen.size()));
            double tolerance = GRADIENTS + LossTolerance.relative(tolerances, values);
            gradients("reward", expected, model.parameters(), tolerance);
            Set<String> parts =
                    gradientsAnd(expected, "chosen", "rejected", "bradley_terry", "bradley_terry_margin", "grad_norm");
            if (expected.has("grad_norm_by_tensor")) {
                gradientNorms("reward", expected, model.parameters(), tolerance);
                parts.add("grad_norm_by_tensor");
            }
            listOthers(expected, "reward", parts);
        }
    }

    private void training(String key, String loss, ParameterSelection trained) {
        Golden expected = golden.get(key);
        if (!hasNeeds(key, "beta", "chosen", "rejected", "prompt_lengths", "margins", POLICY, REFERENCE)
                || !isRecorded(expected, key, "hyper")
                || !isRecorded(expected, key, "steps")) {
            return;
        }
        Golden hyper = expected.get("hyper");
        Set<String> described = new LinkedHashSet<>(TRAINING_IN_NUMBERS);
        TRAINING_IN_WORDS.forEach((field, words) -> {
            if (!hyper.has(field) || hyper.get(field).isText(words)) {
                described.add(field);
            }
        });
        if (hyper.fields().stream().anyMatch(field -> !described.contains(field.getKey()))) {
            listOthers(hyper, key + ".hyper", described); // another training than can be run here
            return;
        }
        List<Golden> steps = expected.get("steps").entries();
        int total = hyper.get("total_steps").integer(1, Integer.MAX_VALUE);
        expected.get("steps").require(steps.size() == total, total + " entries, as many as hyper.total_steps says");
        TrainingSettings settings = TrainingSettings.defaults()
                .withEpochs(total)
                .withBatchSize(chosen.size(), chosen.size())
                .withLearningRate(hyper.get("lr").number())
                .withSchedule(LearningRateSchedule.COSINE, hyper.get("warmup").number())
                .withWeightDecay(hyper.get("weight_decay").number())
                .withMaxGradientNorm(hyper.get("clip").number());
        try (Gpt2Policy policy = policy(POLICY, trained);
                Gpt2Policy reference = policy(REFERENCE, ParameterSelection.none())) {
            PreferenceObjective objective =
                    new PreferenceObjective(policy, ReferencePolicy.of(reference), PreferenceLosses.named(loss, beta));
            Trainer.train(objective, pairs(), settings, RandomSource.of(ORDER_SEED), report -> {
                int step = (int) report.step() - 1;
                step(key + ".steps." + step, steps.get(step), report);
            });
            finalSums(key, expected, policy.parameters());
        }
        listOthers(expected, key, Set.of("hyper", "steps", "final_norm_by_tensor", "final_sum_by_tensor", "frozen"));
    }

    private void step(String name, Golden expected, StepReport report) {
        Map<String, String> recorded = Map.of(
                "loss", MetricNames.LOSS,
                "grad_norm_before_clip", MetricNames.GRAD_NORM,
                "lr", MetricNames.LEARNING_RATE);
        recorded.forEach((field, metric) -> {
            if (isRecorded(expected, name, field)) {
                table.relative(
                        name + "." + field,
                        new double[] {report.metrics().get(metric)},
                        new double[] {expected.get(field).number()},
                        TRAINING);
            }
        });
        listOthers(expected, name, recorded.keySet());
    }

    private void finalSums(String key, Golden expected, ParameterStore parameters) {
        if (!isRecorded(expected, key, "final_norm_by_tensor")) {
            return;
        }
        boolean sums = isRecorded(expected, key, "final_sum_by_tensor");
        expected.get("final_norm_by_tensor").fields().forEach(entry -> {
            String tensor = entry.getKey();
            double norm = entry.getValue().number();
            INDArray value = parameter(parameters, tensor, entry.getValue()).value();
            table.relative(
                    key + ".final_norm." + tensor,
                    new double[] {value.norm2Number().doubleValue()},
                    new double[] {norm},
                    TRAINING);
            if (sums) {
                // A tensor within the tolerance of its norm has a sum within sqrt(n) times that (Cauchy and Schwarz).
                // Keys'
                // biases have a gradient of exactly 0, of which float32 leaves noise that Adam scales up to steps.
                table.scaled(
                        key + ".final_sum." + tensor,
                        new double[] {value.sumNumber().doubleValue()},
                        new double[] {
                            expected.get("final_sum_by_tensor").get(tensor).number()
                        },
                        Math.sqrt(value.length()) * norm,
                        TRAINING);
            }
        });
    }

    private void greedy() {
        if (!hasNeeds("greedy", POLICY)) {
            return;
        }
        try (Gpt2Policy policy = policy(POLICY, ParameterSelection.none())) {
            int index = 0;
            for (Golden entry : golden.get("greedy").entries()) {
                int[] prompt = tokens(entry.get("prompt"));
                double[] expected = entry.get("continuation").numbers();
                entry.get("continuation")
                        .require(
                                expected.length > 0 && prompt.length + expected.length <= config.positions(),
                                "1 to " + (config.positions() - prompt.length) + " token ids");
                Rollout rollout = policy.sample(
                                SamplingRequest.of(List.of(prompt), 0),
                                SamplingSettings.greedy(expected.length).withStopAtEndOfText(false))
                        .get(0)
                        .get(0);
                double[] found =
                        Arrays.stream(rollout.response()).asDoubleStream().toArray();
                table.absolute("greedy." + index++, found, expected, 0);
            }
        }
    }

    private void nextToken() {
        if (!hasNeeds(NEXT_TOKEN_KEY, "chosen", "prompt_lengths", POLICY)) {
            return;
        }
        try (Gpt2Policy policy = policy(POLICY, ParameterSelection.none())) {
            TokenSequence first = chosen.get(0);
            int[] prompt = Arrays.copyOf(first.tokens(), first.promptLength());
            table.absolute(
                    NEXT_TOKEN_KEY,
                    policy.nextTokenProbabilities(prompt, 0.7),
                    golden.get(NEXT_TOKEN_KEY).numbers(),
                    REWARDS);
        }
    }

    /** Empty where the sequences or the lengths of their prompts are not recorded. */
    private List<TokenSequence> sequences(String key) {
        if (!golden.has(key) || !golden.has("prompt_lengths")) {
            return List.of();
        }
        List<Golden> recorded = golden.get(key).entries();
        List<Golden> lengths = golden.get("prompt_lengths").entries();
        golden.get("prompt_lengths")
                .require(lengths.size() == recorded.size(), recorded.size() + " lengths, as many as '" + key + "' has");
        return IntStream.range(0, recorded.size())
                .mapToObj(i -> {
                    int[] tokens = tokens(recorded.get(i));
                    return new TokenSequence(tokens, lengths.get(i).integer(1, tokens.length - 1));
                })
                .toList();
    }

    private int[] tokens(Golden recorded) {
        return recorded.tokens(config.vocabulary(), config.positions());
    }

    private void requireOnePerPair(String key, int count) {
        if (golden.has(key)) {
            golden.get(key).require(count == chosen.size(), chosen.size() + " entries, as many as 'chosen' has");
        }
    }

    private List<TokenPair> pairs() {
        return IntStream.range(0, chosen.size())
                .mapToObj(i -> new TokenPair(chosen.get(i), rejected.get(i), OptionalDouble.of(margins[i]), 1))
                .toList();
    }

    private PreferenceInputs inputs(double[][] columns) {
        return new PreferenceInputs(
                columns[0],
                columns[1],
                columns[2],
                columns[3],
                chosen.stream().mapToDouble(TokenSequence::responseLength).toArray(),
                rejected.stream().mapToDouble(TokenSequence::responseLength).toArray(),
                margins,
                ones(chosen.size()));
    }

    private RewardInputs rewardInputs(double[][] columns) {
        return new RewardInputs(columns[0], columns[1], margins, ones(chosen.size()));
    }

    private static Parameter parameter(ParameterStore parameters, String name, Golden recorded) {
        recorded.require(
                parameters.all().stream().anyMatch(parameter -> parameter.name().equals(name)),
                "fields named as the model's tensors");
        return parameters.get(name);
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
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
