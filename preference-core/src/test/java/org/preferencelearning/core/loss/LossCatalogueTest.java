package org.preferencelearning.core.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.preferencelearning.core.error.SettingException;

/** Losses and their derivatives against PyTorch's in double precision; {@code losses.json} was computed there. */
class LossCatalogueTest {
    private static final JsonNode GOLDEN = golden();

    @ParameterizedTest
    @MethodSource("names")
    void valuesAndGradientsEqualPyTorchs(String name) {
        JsonNode logps = GOLDEN.get("logps");
        int n = GOLDEN.get("margins").size();
        PreferenceInputs inputs = new PreferenceInputs(
                numbers(logps.get("policy_chosen")),
                numbers(logps.get("policy_rejected")),
                numbers(logps.get("reference_chosen")),
                numbers(logps.get("reference_rejected")),
                numbers(GOLDEN.get("chosen_tokens")),
                numbers(GOLDEN.get("rejected_tokens")),
                numbers(GOLDEN.get("margins")),
                ones(n));
        LossValues values = LossEvaluator.of(
                        PreferenceLosses.named(name, GOLDEN.get("beta").doubleValue()))
                .evaluate(inputs);
        JsonNode expected = GOLDEN.get("losses").get(name);
        assertThat(values.perPair()).containsExactly(numbers(expected.get("per_example")), within(1e-10));
        assertThat(values.chosenGradient()).containsExactly(numbers(expected.get("d_policy_chosen")), within(1e-10));
        assertThat(values.rejectedGradient())
                .containsExactly(numbers(expected.get("d_policy_rejected")), within(1e-10));
    }

    static Stream<String> names() {
        return StreamSupport.stream(
                ((Iterable<String>) () -> GOLDEN.get("losses").fieldNames()).spliterator(), false);
    }

    @Test
    void bradleyTerryEqualsPyTorchs() {
        JsonNode reward = GOLDEN.get("reward");
        RewardInputs inputs = new RewardInputs(
                numbers(reward.get("chosen")),
                numbers(reward.get("rejected")),
                numbers(GOLDEN.get("margins")),
                ones(3));
        assertThat(LossEvaluator.of(RewardLosses.bradleyTerry())
                        .evaluate(inputs)
                        .perPair())
                .containsExactly(numbers(reward.get("bradley_terry")), within(1e-12));
        assertThat(LossEvaluator.of(RewardLosses.bradleyTerryWithMargin())
                        .evaluate(inputs)
                        .perPair())
                .containsExactly(numbers(reward.get("bradley_terry_margin")), within(1e-12));
    }

    @Test
    void centringAddsTheSquaredSumOfRewards() {
        RewardInputs inputs = new RewardInputs(new double[] {2}, new double[] {1}, new double[1], ones(1));
        double plain =
                LossEvaluator.of(RewardLosses.bradleyTerry()).evaluate(inputs).perPair()[0];
        LossValues centred = LossEvaluator.of(RewardLosses.centred(RewardLosses.bradleyTerry(), 0.01))
                .evaluate(inputs);
        assertThat(centred.perPair()[0]).isCloseTo(plain + 0.09, within(1e-12));
        // d/dc [-LS(c - r)] = -s(r - c), d/dc [0.01 (c + r)^2] = 0.06
        assertThat(centred.chosenGradient()[0]).isCloseTo(-1 / (1 + Math.E) + 0.06, within(1e-12));
    }

    @Test
    void atTheStartDpoIsLogTwoWithSlopeMinusHalfBeta() {
        LossValues values = LossEvaluator.of(PreferenceLosses.dpo(0.1))
                .evaluate(new PreferenceInputs(
                        new double[] {-7},
                        new double[] {-9},
                        new double[] {-7},
                        new double[] {-9},
                        ones(1),
                        ones(1),
                        new double[1],
                        ones(1)));
        assertThat(values.perPair()[0]).isCloseTo(Math.log(2), within(1e-15));
        assertThat(values.chosenGradient()[0]).isCloseTo(-0.05, within(1e-15));
        assertThat(values.rejectedGradient()[0]).isCloseTo(0.05, within(1e-15));
    }

    @Test
    void exchangingChosenAndRejectedNegatesTheLogit() {
        PreferenceInputs inputs = new PreferenceInputs(
                new double[] {-3},
                new double[] {-8},
                new double[] {-4},
                new double[] {-5},
                ones(1),
                ones(1),
                new double[] {1.5},
                ones(1));
        PreferenceInputs swapped = new PreferenceInputs(
                new double[] {-8},
                new double[] {-3},
                new double[] {-5},
                new double[] {-4},
                ones(1),
                ones(1),
                new double[] {-1.5},
                ones(1));
        // DPO(h) - DPO(-h) = -b h, with b h = 0.4
        LossEvaluator dpo = LossEvaluator.of(PreferenceLosses.dpo(0.1));
        assertThat(dpo.evaluate(inputs).perPair()[0] - dpo.evaluate(swapped).perPair()[0])
                .isCloseTo(-0.4, within(1e-14));
        // with the margin's sign turned too, symmetric losses do not change
        for (String symmetric : new String[] {"rev_kl", "regression", "tv"}) {
            LossEvaluator evaluator = LossEvaluator.of(PreferenceLosses.named(symmetric, 0.1));
            assertThat(evaluator.evaluate(inputs).perPair()[0])
                    .as(symmetric)
                    .isCloseTo(evaluator.evaluate(swapped).perPair()[0], within(1e-14));
        }
    }

    @Test
    void aLossOfAnotherShapeThanOneValuePerPairIsRefused() {
        RewardLoss scalar = new RewardLoss() {
            @Override
            public String name() {
                return "scalar";
            }

            @Override
            public SDVariable perPair(RewardBatch batch) {
                return batch.chosen().mean();
            }
        };
        RewardInputs inputs = new RewardInputs(new double[] {2, 1}, new double[2], new double[2], ones(2));
        assertThatThrownBy(() -> LossEvaluator.of(scalar).evaluate(inputs))
                .isInstanceOf(SettingException.class)
                .hasMessage("setting 'loss' is scalar of shape []; allowed: one value per pair, here shape [2]");
    }

    @Test
    void anUnknownLossIsRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> PreferenceLosses.named("dpoo", 0.1))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'loss' is dpoo")
                .hasMessageContaining("sigmoid, rev_kl");
    }

    @Test
    void aBetaThatIsNotPositiveIsRefused() {
        for (double beta : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            for (String name : PreferenceLosses.names()) {
                assertThatThrownBy(() -> PreferenceLosses.named(name, beta))
                        .as(name)
                        .isInstanceOf(SettingException.class)
                        .hasMessageContaining("beta");
            }
        }
    }

    private static double[] numbers(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToDouble(JsonNode::doubleValue)
                .toArray();
    }

    private static double[] ones(int n) {
        double[] ones = new double[n];
        Arrays.fill(ones, 1);
        return ones;
    }

    private static JsonNode golden() {
        try (InputStream in = LossCatalogueTest.class.getResourceAsStream("losses.json")) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
