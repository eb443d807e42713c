package org.preferencelearning.core.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Values and slopes against those of TRL 1.13 on PyTorch 2.13 in double precision, with log-probabilities of 0.001 to 9000 nats
 * below 0. {@code trl.json} was made by a script that runs the trainers' own loss methods on logits of two tokens, chosen so that
 * the responses have the wanted log-probabilities, and divides the logits' gradients by their derivative; conservative DPO and
 * WPO's weights, which TRL has not or has otherwise, were written out in PyTorch. null is what TRL's was not finite in.
 */
class TrlValuesTest {
    private static final JsonNode TRL = read();

    @TestFactory
    Stream<DynamicTest> preferenceLosses() {
        return elements(TRL.get("losses"))
                .map(recorded -> DynamicTest.dynamicTest(
                        recorded.get("name").textValue() + ", beta " + recorded.get("beta"), () -> compare(recorded)));
    }

    private static void compare(JsonNode recorded) {
        PreferenceLoss loss =
                loss(recorded.get("name").textValue(), recorded.get("beta").doubleValue());
        LossValues values = LossEvaluator.of(loss).evaluate(pairs());
        if (recorded.has("value")) {
            close(values.perPair(), recorded.get("value"));
        } else {
            assertThat(Arrays.stream(values.perPair()).average().orElseThrow())
                    .isCloseTo(recorded.get("mean").doubleValue(), within(1e-10));
        }
        close(values.chosenGradient(), recorded.get("d_chosen"));
        close(values.rejectedGradient(), recorded.get("d_rejected"));
    }

    private static PreferenceLoss loss(String name, double beta) {
        PreferenceLoss loss =
                switch (name) {
                    case "aot_0.2" -> BatchLosses.aot(beta, 0.2);
                    case "aot_unpaired_0.2" -> BatchLosses.aotUnpaired(beta, 0.2);
                    case "wpo_sigmoid" -> CombinedLosses.weightedByPolicy(PreferenceLosses.dpo(beta));
                    default -> PreferenceLosses.named(name, beta);
                };
        assertThat(loss.name()).isEqualTo(name);
        return loss;
    }

    @Test
    void everyNameHasPyTorchsValues() {
        Set<String> names = new HashSet<>(LossCatalogueTest.names().toList());
        elements(TRL.get("losses")).forEach(loss -> names.add(loss.get("name").textValue()));
        assertThat(names)
                .containsAll(PreferenceLosses.catalogue().stream()
                        // these take a model; preference-gpt2 compares them
                        .filter(loss -> !loss.tokenWise())
                        .map(LossDescription::name)
                        .toList());
    }

    @Test
    void kto() {
        elements(TRL.get("kto")).forEach(recorded -> {
            UnpairedLoss loss = UnpairedLosses.kto(
                    recorded.get("beta").doubleValue(),
                    recorded.get("desirable_weight").doubleValue(),
                    recorded.get("undesirable_weight").doubleValue());
            double[] policy = numbers(recorded.get("policy"));
            ResponseLossValues values = LossEvaluator.of(loss)
                    .evaluate(new UnpairedInputs(
                            policy,
                            numbers(recorded.get("reference")),
                            numbers(recorded.get("desirable")),
                            numbers(recorded.get("mismatched_policy")),
                            numbers(recorded.get("mismatched_reference")),
                            new double[policy.length],
                            ones(policy.length)));
            close(values, recorded);
        });
    }

    @Test
    void advantages() {
        JsonNode rollouts = TRL.get("rollouts");
        double[] rewards = numbers(rollouts.get("rewards"));
        int[] prompts = Arrays.stream(numbers(rollouts.get("prompts")))
                .mapToInt(i -> (int) i)
                .toArray();
        close(Advantages.leaveOneOut(rewards, prompts), rollouts.get("leave_one_out"));
        close(Advantages.centred(rewards, prompts), rollouts.get("centred"));
        close(Advantages.normalised(rewards, prompts), rollouts.get("normalised"));
    }

    /** Where the policy is still the one that drew the responses, also against token-level losses. */
    @TestFactory
    Stream<DynamicTest> policyGradients() {
        JsonNode rollouts = TRL.get("rollouts");
        return elements(rollouts.get("losses"))
                .map(recorded -> DynamicTest.dynamicTest(recorded.get("name") + ", " + recorded.get("policy"), () -> {
                    String name = recorded.get("name").textValue();
                    RolloutLoss loss =
                            switch (name) {
                                case "ppo_clip_0.2" -> PolicyGradientLosses.clipped(0.2);
                                case "grpo_0.2" -> PolicyGradientLosses.grpo(0.2);
                                default -> PolicyGradientLosses.drGrpo(0.2, 16);
                            };
                    assertThat(loss.name()).isEqualTo(name);
                    String advantage =
                            switch (name) {
                                case "ppo_clip_0.2" -> "leave_one_out";
                                case "grpo_0.2" -> "normalised";
                                default -> "centred";
                            };
                    boolean on = recorded.get("policy").textValue().equals("on");
                    close(
                            LossEvaluator.of(loss)
                                    .evaluate(new RolloutInputs(
                                            numbers(rollouts.get(on ? "behaviour" : "policy")),
                                            numbers(rollouts.get("behaviour")),
                                            numbers(rollouts.get(advantage)),
                                            numbers(rollouts.get("tokens")),
                                            ones(8))),
                            recorded);
                }));
    }

    private static PreferenceInputs pairs() {
        JsonNode pairs = TRL.get("pairs");
        int size = pairs.get("pc").size();
        return new PreferenceInputs(
                numbers(pairs.get("pc")),
                numbers(pairs.get("pr")),
                numbers(pairs.get("rc")),
                numbers(pairs.get("rr")),
                numbers(pairs.get("nc")),
                numbers(pairs.get("nr")),
                new double[size],
                ones(size));
    }

    private static void close(ResponseLossValues values, JsonNode recorded) {
        assertThat(Arrays.stream(values.perResponse()).average().orElseThrow())
                .isCloseTo(recorded.get("mean").doubleValue(), within(1e-11));
        close(values.gradient(), recorded.get("gradient"));
    }

    private static void close(double[] values, JsonNode recorded) {
        assertThat(values).hasSize(recorded.size());
        IntStream.range(0, values.length).forEach(i -> {
            if (recorded.get(i).isNull()) {
                assertThat(values[i]).as("entry %d", i).isFinite();
            } else {
                double expected = recorded.get(i).doubleValue();
                assertThat(values[i])
                        .as("entry %d", i)
                        .isCloseTo(expected, within(1e-10 * Math.max(1e-2, Math.abs(expected))));
            }
        });
    }

    private static Stream<JsonNode> elements(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    private static double[] numbers(JsonNode array) {
        return elements(array).mapToDouble(JsonNode::doubleValue).toArray();
    }

    private static double[] ones(int n) {
        double[] ones = new double[n];
        Arrays.fill(ones, 1);
        return ones;
    }

    private static JsonNode read() {
        try (InputStream in = TrlValuesTest.class.getResourceAsStream("trl.json")) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
