package org.preferencelearning.gpt2.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.Lists;
import com.google.common.primitives.ImmutableDoubleArray;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.data.TokenResponse;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.loss.Advantages;
import org.preferencelearning.core.loss.CombinedLosses;
import org.preferencelearning.core.loss.LengthNormalisedLosses;
import org.preferencelearning.core.loss.PolicyGradientLosses;
import org.preferencelearning.core.loss.PreferenceLoss;
import org.preferencelearning.core.loss.PreferenceLosses;
import org.preferencelearning.core.loss.RolloutLoss;
import org.preferencelearning.core.loss.TokenPolicyGradientLosses;
import org.preferencelearning.core.loss.UnpairedLoss;
import org.preferencelearning.core.loss.UnpairedLosses;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.Rollout;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.LanguageModellingObjective;
import org.preferencelearning.core.train.MetricNames;
import org.preferencelearning.core.train.Metrics;
import org.preferencelearning.core.train.PreferenceObjective;
import org.preferencelearning.core.train.RolloutObjective;
import org.preferencelearning.core.train.ScoredRollout;
import org.preferencelearning.core.train.TokenRolloutObjective;
import org.preferencelearning.core.train.TrainingObjective;
import org.preferencelearning.core.train.UnpairedObjective;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.ParameterSelection;

/**
 * Objectives of a tiny GPT-2 in double precision: losses, metrics and the gradient of every weight against those of TRL's trainers
 * on the same weights, which {@code make.py} wrote down, and gradients against central differences.
 */
class TrlObjectivesTest {
    private static final Path FOLDER = Path.of("src/test/resources/objectives");
    private static final Path TINY = Path.of("src/test/resources/golden-tiny");
    private static final Gpt2Config CONFIG = Gpt2Config.read(TINY.resolve("config.json"));
    private static final JsonNode TRL = read();
    private static final Gpt2Policy REFERENCE = load(TINY.resolve("reference.safetensors"));

    private Gpt2Policy policy;

    @BeforeEach
    void open() {
        policy = load(FOLDER.resolve("policy.safetensors"));
    }

    @AfterEach
    void close() {
        policy.close();
    }

    @AfterAll
    static void closeReference() {
        REFERENCE.close();
    }

    @ParameterizedTest
    @MethodSource("pairLosses")
    void pairs(String name) {
        JsonNode expected = TRL.get("pair_losses").get(name);
        PreferenceObjective objective = new PreferenceObjective(policy, REFERENCE, pairLoss(name)).withTokenMetrics();
        matches(objective, pairs(), expected);
        // whatever the loss makes of tokens, this is of all of them
        assertThat(objective.evaluate(pairs()).value(MetricNames.NLL_LOSS))
                .isCloseTo(TRL.get("sft").get("loss").doubleValue(), within(1e-12));
    }

    static Stream<String> pairLosses() {
        return names("pair_losses");
    }

    private static PreferenceLoss pairLoss(String name) {
        return switch (name) {
            case "ld_sigmoid_norm_0.6" ->
                CombinedLosses.lengthDesensitised(LengthNormalisedLosses.dpoOnMeans(0.3), 0.6);
            case "ld_wpo_aligned_sigmoid_0.3" ->
                CombinedLosses.lengthDesensitised(
                        CombinedLosses.weightedByAlignedPolicy(PreferenceLosses.dpo(0.3)), 0.3);
            default -> PreferenceLosses.named(name, 0.3);
        };
    }

    @ParameterizedTest
    @MethodSource("responseLosses")
    void responses(String name) {
        UnpairedLoss loss = UnpairedLosses.named(name, name.equals("kto_1.33_0.7") ? 0.5 : 0.3);
        assertThat(loss.name()).isEqualTo(name);
        matches(
                new UnpairedObjective(policy, REFERENCE, loss).withTokenMetrics(),
                responses(),
                TRL.get("response_losses").get(name));
    }

    static Stream<String> responseLosses() {
        return names("response_losses");
    }

    /** The mean is of the first batch, then of both. */
    @Test
    void bcoComparesWithTheMeanSoFar() {
        UnpairedObjective objective = new UnpairedObjective(policy, REFERENCE, UnpairedLosses.bco(0.3));
        List<TokenResponse> responses = responses();
        matches(objective, responses.subList(0, 3), TRL.get("bco").get(0));
        matches(objective, responses.subList(3, 5), TRL.get("bco").get(1));
        double delta = TRL.get("bco").get(1).get("delta").doubleValue();
        assertThat(objective.evaluate(responses.subList(0, 2)).value(MetricNames.DELTA))
                .isCloseTo(delta, within(1e-7));
    }

    @ParameterizedTest
    @MethodSource("rolloutLosses")
    void rollouts(String name) {
        JsonNode expected = TRL.get("rollout_losses").get(name);
        matches(new RolloutObjective(policy, rolloutLoss(name)), rollouts(name, expected), expected);
    }

    static Stream<String> rolloutLosses() {
        return names("rollout_losses");
    }

    private static RolloutLoss rolloutLoss(String name) {
        return switch (name) {
            case "reinforce" -> PolicyGradientLosses.reinforce();
            case "ppo_clip_0.2" -> PolicyGradientLosses.clipped(0.2);
            case "grpo_0.2" -> PolicyGradientLosses.grpo(0.2);
            default -> PolicyGradientLosses.drGrpo(0.2, 8);
        };
    }

    @ParameterizedTest
    @MethodSource("tokenLosses")
    void tokens(String name) {
        JsonNode expected = TRL.get("token_losses").get(name);
        matches(
                new TokenRolloutObjective(policy, TokenPolicyGradientLosses.named(name)),
                rollouts(name, expected),
                expected);
    }

    static Stream<String> tokenLosses() {
        return names("token_losses");
    }

    @Test
    void fineTuning() {
        matches(
                new LanguageModellingObjective(policy).withTokenMetrics(),
                pairs().stream().map(TokenPair::chosen).toList(),
                TRL.get("sft"));
    }

    /** Parts of a batch add up to it: every average is over the whole. */
    @Test
    void partsOfABatchGiveTheGradientOfTheWhole() {
        parts(new PreferenceObjective(policy, REFERENCE, pairLoss("ld_sigmoid_0.3")), pairs());
        parts(new UnpairedObjective(policy, REFERENCE, UnpairedLosses.apoZero(0.3, 2, 1)), responses());
        for (String name : tokenLosses().toList()) {
            JsonNode recorded = TRL.get("token_losses").get(name);
            parts(new TokenRolloutObjective(policy, TokenPolicyGradientLosses.named(name)), rollouts(name, recorded));
        }
    }

    private <E> void parts(TrainingObjective<E> objective, List<E> batch) {
        double weight = batch.stream().mapToDouble(objective::weight).sum();
        policy.parameters().clearGradients();
        Metrics whole = objective.accumulate(batch, 1 / weight);
        List<double[]> gradients = gradients();
        policy.parameters().clearGradients();
        Metrics summed = new Metrics();
        Lists.partition(batch, 2).forEach(part -> summed.addAll(objective.accumulate(part, 1 / weight)));
        List<double[]> others = gradients();
        for (int i = 0; i < gradients.size(); i++) {
            assertThat(others.get(i)).as(objective.description()).containsExactly(gradients.get(i), within(1e-12));
        }
        whole.values().forEach((name, value) -> {
            if (!name.equals(MetricNames.REWARDS_MARGINS)) { // of single responses, a difference of two means
                assertThat(summed.value(name)).as(name).isCloseTo(value, within(1e-12));
            }
        });
    }

    /** All losses without constants of the policy, which differences would move. */
    @Test
    void gradientsEqualCentralDifferences() {
        differences(new PreferenceObjective(policy, REFERENCE, pairLoss("ld_sigmoid_0.3")), pairs());
        differences(new UnpairedObjective(policy, REFERENCE, UnpairedLosses.apoZero(0.3, 2, 1)), responses());
        differences(new UnpairedObjective(policy, REFERENCE, UnpairedLosses.bco(0.3)), responses());
        for (String name : rolloutLosses().toList()) {
            differences(
                    new RolloutObjective(policy, rolloutLoss(name)),
                    rollouts(name, TRL.get("rollout_losses").get(name)));
        }
        for (String name : tokenLosses().toList()) {
            differences(
                    new TokenRolloutObjective(policy, TokenPolicyGradientLosses.named(name)),
                    rollouts(name, TRL.get("token_losses").get(name)));
        }
    }

    private <E> void differences(TrainingObjective<E> objective, List<E> batch) {
        double step = 1e-5;
        RandomSource random = RandomSource.of(5);
        policy.parameters().clearGradients();
        objective.accumulate(
                batch, 1 / batch.stream().mapToDouble(objective::weight).sum());
        for (String name : new String[] {"wte.weight", "h.1.attn.c_attn.weight", "ln_f.bias"}) {
            Parameter parameter = policy.parameters().get(name);
            INDArray value = parameter.value().reshape(parameter.value().length());
            int i = random.nextInt((int) value.length());
            double kept = value.getDouble(i);
            value.putScalar(i, kept + step);
            double up = objective.evaluate(batch).value(MetricNames.LOSS);
            value.putScalar(i, kept - step);
            double down = objective.evaluate(batch).value(MetricNames.LOSS);
            value.putScalar(i, kept);
            double numeric = (up - down) / (2 * step);
            assertThat(values(parameter)[i])
                    .as("%s, %s[%d]", objective.description(), name, i)
                    .isCloseTo(numeric, within(1e-7 * Math.max(1, Math.abs(numeric))));
        }
    }

    private <E> void matches(TrainingObjective<E> objective, List<E> batch, JsonNode expected) {
        // TRL keeps BCO's mean in float32
        double digits = expected.has("delta") ? 1e-7 : 1e-10;
        batch.forEach(objective::check);
        policy.parameters().clearGradients();
        Metrics metrics = objective.accumulate(
                batch, 1 / batch.stream().mapToDouble(objective::weight).sum());
        assertThat(metrics.value(MetricNames.LOSS))
                .isCloseTo(expected.get("loss").doubleValue(), within(digits));
        for (var gradient : expected.get("gradients").properties()) {
            double[] values = values(policy.parameters().get(gradient.getKey()));
            double squares = 0;
            double product = 0;
            for (int i = 0; i < values.length; i++) {
                squares += values[i] * values[i];
                product += values[i] * Math.sin(0.37 * i + 0.3);
            }
            assertThat(new double[] {Math.sqrt(squares), product})
                    .as(gradient.getKey())
                    .containsExactly(numbers(gradient.getValue()), within(digits));
        }
        if (expected.has("metrics")) {
            for (var metric : expected.get("metrics").properties()) {
                if (metric.getKey().equals(MetricNames.KL) && !objective.batchWise()) {
                    continue; // TRL logs 0 where nothing is estimated
                }
                for (Metrics found : List.of(metrics, objective.evaluate(batch))) {
                    assertThat(found.value(metric.getKey()))
                            .as(metric.getKey())
                            .isCloseTo(metric.getValue().doubleValue(), within(digits));
                }
            }
        }
        if (expected.has("delta")) {
            assertThat(metrics.value(MetricNames.DELTA))
                    .isCloseTo(expected.get("delta").doubleValue(), within(digits));
        }
        if (expected.has("clip")) {
            assertThat(metrics.value(MetricNames.CLIP_RATIO))
                    .isCloseTo(expected.get("clip").doubleValue(), within(1e-6));
        }
    }

    private List<double[]> gradients() {
        List<double[]> gradients = new ArrayList<>();
        policy.parameters().all().forEach(parameter -> gradients.add(values(parameter)));
        return gradients;
    }

    private static double[] values(Parameter parameter) {
        return parameter.gradient().reshape(parameter.gradient().length()).toDoubleVector();
    }

    // What TRL was given

    private static List<TokenPair> pairs() {
        return elements(TRL.get("pairs"))
                .map(row -> TokenPair.of(sequence(row.get(0), row.get(1)), sequence(row.get(0), row.get(2))))
                .toList();
    }

    private static List<TokenResponse> responses() {
        List<TokenResponse> responses = elements(TRL.get("responses"))
                .map(row -> TokenResponse.of(
                        sequence(row.get(0), row.get(1)), row.get(2).booleanValue()))
                .toList();
        List<TokenResponse> mismatching = TokenResponse.mismatching(responses, CONFIG.positions());
        assertThat(mismatching.stream().map(TokenResponse::mismatched))
                .isEqualTo(elements(TRL.get("mismatched"))
                        .map(row -> Optional.of(sequence(row.get(0), row.get(1))))
                        .toList());
        return mismatching;
    }

    private static List<ScoredRollout> rollouts(String loss, JsonNode expected) {
        BiFunction<double[], int[], double[]> advantages =
                switch (loss) {
                    case "grpo_0.2", "token_grpo_0.2", "token_dapo_0.2_0.28" -> Advantages::normalised;
                    case "dr_grpo_0.2_8", "token_dr_grpo_0.2_8" -> Advantages::centred;
                    default -> Advantages::leaveOneOut;
                };
        List<Rollout> all = new ArrayList<>();
        for (int i = 0; i < TRL.get("rollouts").size(); i++) {
            JsonNode row = TRL.get("rollouts").get(i);
            all.add(new Rollout(
                    sequence(row.get(0), row.get(1)),
                    ImmutableDoubleArray.copyOf(numbers(TRL.get("behaviour").get(i))),
                    true));
        }
        double[] rewards = numbers(TRL.get("rewards"));
        List<ScoredRollout> scored = ScoredRollout.of(
                Lists.partition(all, 3),
                List.of(Arrays.copyOf(rewards, 3), Arrays.copyOfRange(rewards, 3, 6)),
                advantages);
        assertThat(scored.stream().mapToDouble(ScoredRollout::advantage).toArray())
                .containsExactly(numbers(expected.get("advantages")), within(1e-12));
        return scored;
    }

    private static TokenSequence sequence(JsonNode prompt, JsonNode response) {
        int[] tokens = Stream.concat(elements(prompt), elements(response))
                .mapToInt(JsonNode::intValue)
                .toArray();
        return new TokenSequence(tokens, prompt.size());
    }

    private static double[] numbers(JsonNode array) {
        return elements(array).mapToDouble(JsonNode::doubleValue).toArray();
    }

    private static Stream<JsonNode> elements(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    private static Stream<String> names(String field) {
        return TRL.get(field).properties().stream().map(Map.Entry::getKey);
    }

    private static Gpt2Policy load(Path weights) {
        try (Gpt2Policy single = Gpt2Policy.load(CONFIG, weights, ParameterSelection.all())) {
            return single.inDoublePrecision();
        }
    }

    private static JsonNode read() {
        try {
            return new ObjectMapper().readTree(FOLDER.resolve("trl.json").toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
