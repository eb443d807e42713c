package org.preferencelearning.core.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.function.DoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.preferencelearning.core.error.SettingException;

/** Settings of losses: those at the ends of what is allowed are taken, those just beyond are refused by name. */
class LossRangesTest {
    private static Arguments range(String loss, String setting, DoubleFunction<?> make, double[] taken, double... not) {
        return Arguments.of(loss, setting, make, taken, not);
    }

    private static double[] taken(double... values) {
        return values;
    }

    static Stream<Arguments> ranges() {
        double below = Math.nextDown(0.5);
        double above = Math.nextUp(0.0);
        double belowOne = Math.nextDown(1.0);
        return Stream.of(
                range("cdpo", "noise", e -> NoisyLabelLosses.conservativeDpo(1, e), taken(0, below), -above, 0.5),
                range("robust", "noise", e -> NoisyLabelLosses.robustDpo(1, e), taken(0, below), -above, 0.5),
                range("aot", "noise", e -> BatchLosses.aot(1, e), taken(0, below), -above, 0.5),
                range("aot_unpaired", "noise", e -> BatchLosses.aotUnpaired(1, e), taken(0, below), -above, 0.5),
                range(
                        "exo_pair",
                        "smoothing",
                        e -> NoisyLabelLosses.exoPair(1, e),
                        taken(1e-12, below),
                        Math.nextDown(1e-12),
                        0.5,
                        Double.NaN),
                range("clipped", "epsilon", PolicyGradientLosses::clipped, taken(above, belowOne), 0, 1),
                range("grpo", "epsilon", PolicyGradientLosses::grpo, taken(above, belowOne), 0, 1),
                range("dr_grpo", "epsilon", e -> PolicyGradientLosses.drGrpo(e, 1), taken(above, belowOne), 0, 1),
                range("dr_grpo", "maxTokens", n -> PolicyGradientLosses.drGrpo(0.2, (int) n), taken(1), 0),
                range("token_ppo_clip", "epsilon", TokenPolicyGradientLosses::clipped, taken(above, belowOne), 0, 1),
                range("token_grpo", "epsilon", TokenPolicyGradientLosses::grpo, taken(above, belowOne), 0, 1),
                range("token_dr_grpo", "epsilon", e -> TokenPolicyGradientLosses.drGrpo(e, 1), taken(above), 0, 1),
                range("token_dr_grpo", "maxTokens", n -> TokenPolicyGradientLosses.drGrpo(0.2, (int) n), taken(1), 0),
                range("token_dapo", "low", e -> TokenPolicyGradientLosses.dapo(e, 0.2), taken(above), 0, 1),
                range("token_dapo", "high", e -> TokenPolicyGradientLosses.dapo(0.2, e), taken(belowOne), 0, 1),
                range(
                        "f_alpha",
                        "alpha",
                        a -> DivergenceLosses.alphaDivergenceDpo(1, a),
                        taken(1e-6, belowOne),
                        9e-7,
                        1),
                range(
                        "ld",
                        "alpha",
                        a -> CombinedLosses.lengthDesensitised(PreferenceLosses.dpo(1), a),
                        taken(0, belowOne),
                        -above,
                        1),
                range(
                        "sum",
                        "weight",
                        w -> CombinedLosses.weightedSum(Map.of(PreferenceLosses.dpo(1), w)),
                        taken(1e-12, 1e6),
                        Math.nextDown(1e-12),
                        Math.nextUp(1e6)),
                range("bco", "beta", UnpairedLosses::bco, taken(1e-6, 1e6), Math.nextDown(1e-6), Math.nextUp(1e6)),
                range(
                        "kto",
                        "beta",
                        beta -> UnpairedLosses.kto(beta, 1, 1),
                        taken(1e-6, 1e6),
                        Math.nextDown(1e-6),
                        Math.nextUp(1e6)),
                range("kto", "desirable weight", u -> UnpairedLosses.kto(1, u, 1), taken(0, 1e6), -above, 1.1e6),
                range("kto", "undesirable weight", v -> UnpairedLosses.kto(1, 1, v), taken(0, 1e6), -above, 1.1e6),
                range(
                        "lessDivergence",
                        "coefficient",
                        c -> Advantages.lessDivergence(new double[1], new double[1], new double[1], c),
                        taken(0, 1e6),
                        -above,
                        1.1e6));
    }

    @ParameterizedTest(name = "{1} of {0}")
    @MethodSource("ranges")
    void theEndsAreTakenAndWhatIsBeyondIsRefused(
            String loss, String setting, DoubleFunction<?> make, double[] taken, double[] refused) {
        for (double value : taken) {
            assertThat(make.apply(value)).as("%s %s", loss, value).isNotNull();
        }
        for (double value : refused) {
            assertThatThrownBy(() -> make.apply(value))
                    .as("%s %s", loss, value)
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining("'" + setting + "'");
        }
    }

    @Test
    void lossesThatDoNotGoTogetherAreRefused() {
        PreferenceLoss tails = CombinedLosses.lengthDesensitised(PreferenceLosses.dpo(1), 0.5);
        assertThatThrownBy(() -> CombinedLosses.weightedSum(Map.of(PreferenceLosses.dpo(1), 1.0, tails, 1.0)))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'tailWeight'");
        assertThatThrownBy(() ->
                        CombinedLosses.weightedSum(Map.of(PreferenceLosses.dpo(1), 1.0, PreferenceLosses.ipo(2), 1.0)))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'beta'");
        assertThatThrownBy(() -> CombinedLosses.lengthDesensitised(tails, 0.5))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("a loss whose tail weight is 1, not 0.5");
        assertThatThrownBy(() -> TokenPolicyGradientLosses.named("token_dr_grpo_0.2_2147483648"))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'maxTokens'");
        assertThat(TokenPolicyGradientLosses.named("token_dr_grpo_0.2_2147483647")
                        .tokenWeight(1))
                .isEqualTo(1.0 / Integer.MAX_VALUE);
    }

    @Test
    void numbersOfAnotherLengthAreRefused() {
        assertThatThrownBy(() -> Advantages.lessDivergence(new double[2], new double[3], new double[2], 1))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'policy' is 3 entries; allowed: 2, one per reward");
        assertThatThrownBy(() -> Advantages.lessDivergence(new double[2], new double[2], new double[3], 1))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'reference' is 3 entries");
        assertThatThrownBy(() -> UnpairedLosses.kto(1, 0, 0)).hasMessageContaining("'weights'");
    }
}
