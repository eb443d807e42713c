package org.preferencelearning.core.finite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.ForwardPass;

class LogLinearPolicyTest {
    private static final FeatureMap FEATURES =
            FeatureMap.ofPrompts(new double[][][] {{{1, 0.5}, {-1, 0}, {0, 2}}, {{0.3, -1}, {2, 1}, {-0.5, 0.25}}});

    @Test
    void probabilitiesSumToOneAndFollowTheScores() {
        try (LogLinearPolicy policy = new LogLinearPolicy(FEATURES, 0.7, -0.4)) {
            double[] p = policy.probabilities(0);
            assertThat(Arrays.stream(p).sum()).isCloseTo(1, within(1e-15));
            // scores 0.5, -0.7, -0.8
            assertThat(Math.log(p[0] / p[1])).isCloseTo(1.2, within(1e-12));
            assertThat(Math.log(p[1] / p[2])).isCloseTo(0.1, within(1e-12));
        }
    }

    @Test
    void theGradientEqualsCentralDifferences() {
        List<TokenSequence> rows =
                List.of(FeatureMap.sequence(0, 1), FeatureMap.sequence(1, 2), FeatureMap.sequence(1, 0));
        double[] upstream = {0.3, -1.2, 0.8};
        double[] theta = {0.7, -0.4};
        try (LogLinearPolicy policy = new LogLinearPolicy(FEATURES, theta)) {
            policy.forward(rows).backward(upstream);
            double[] gradient = policy.parameters().get("theta").gradient().toDoubleVector();
            for (int k = 0; k < 2; k++) {
                double[] up = theta.clone();
                double[] down = theta.clone();
                up[k] += 1e-6;
                down[k] -= 1e-6;
                double numeric = (objective(up, rows, upstream) - objective(down, rows, upstream)) / 2e-6;
                assertThat(gradient[k]).isCloseTo(numeric, within(1e-8));
            }
        }
    }

    @Test
    void aPassIsUsedOnce() {
        try (LogLinearPolicy policy = LogLinearPolicy.uniform(FEATURES)) {
            ForwardPass pass = policy.forward(List.of(FeatureMap.sequence(0, 0)));
            pass.backward(new double[] {1});
            assertThatThrownBy(() -> pass.backward(new double[] {1})).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void whatIsNotOfTheWorldIsRefused() {
        try (LogLinearPolicy policy = LogLinearPolicy.uniform(FEATURES)) {
            for (TokenSequence wrong : List.of(
                    FeatureMap.sequence(2, 0), FeatureMap.sequence(0, 3), new TokenSequence(new int[] {0, 0}, 2))) {
                assertThatThrownBy(() -> policy.logProbabilities(List.of(wrong)))
                        .isInstanceOf(SettingException.class)
                        .hasMessageContaining("sequence");
            }
        }
        assertThatThrownBy(() -> new LogLinearPolicy(FEATURES, 1.0))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("theta");
        assertThatThrownBy(() -> FeatureMap.of(new double[][] {{1}, {1, 2}}))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("features");
        assertThatThrownBy(() -> FeatureMap.of(new double[][] {{Double.NaN}}))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("NaN");
    }

    private static double objective(double[] theta, List<TokenSequence> rows, double[] upstream) {
        try (LogLinearPolicy policy = new LogLinearPolicy(FEATURES, theta)) {
            double[] values = policy.logProbabilities(rows);
            double sum = 0;
            for (int i = 0; i < values.length; i++) {
                sum += upstream[i] * values[i];
            }
            return sum;
        }
    }
}
