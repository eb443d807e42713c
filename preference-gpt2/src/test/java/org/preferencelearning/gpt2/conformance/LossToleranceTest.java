package org.preferencelearning.gpt2.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import org.junit.jupiter.api.Test;
import org.preferencelearning.core.loss.LossEvaluator;
import org.preferencelearning.core.loss.LossValues;
import org.preferencelearning.core.loss.PreferenceInputs;
import org.preferencelearning.core.loss.PreferenceLosses;

/** Against derivatives by hand, with beta 0.1 and a tolerance of 1e-6 for each of the four log-probabilities. */
class LossToleranceTest {
    private static final double TOLERANCE = 1e-6;

    @Test
    void dpoIsGivenItsSlopeForEachLogProbability() {
        LossValues tolerances = tolerances("sigmoid", -3, -3);
        // |dL/dl| = b / 2 and |d2L/dl2| = b^2 / 4, where the log-ratios are equal
        assertThat(tolerances.perPair()[0]).isCloseTo(4 * TOLERANCE * 0.05, withinPercentage(0.1));
        assertThat(tolerances.chosenGradient()[0]).isCloseTo(4 * TOLERANCE * 0.0025, withinPercentage(0.1));
        assertThat(tolerances.rejectedGradient()[0]).isCloseTo(4 * TOLERANCE * 0.0025, withinPercentage(0.1));
    }

    @Test
    void aLossOfExponentialsIsGivenWhatItAmplifies() {
        LossValues tolerances = tolerances("f_forward_kl", 0.5, -5);
        // z = b (exp(5) - exp(-0.5)), and the log-ratio of rejected acts with the slope b exp(5) s(-z), that of chosen
        // with
        // b exp(-0.5) s(-z); two log-probabilities each
        double z = 0.1 * (Math.exp(5) - Math.exp(-0.5));
        double rest = 1 / (1 + Math.exp(z));
        double slopes = 0.1 * (Math.exp(5) + Math.exp(-0.5)) * rest;
        assertThat(tolerances.perPair()[0]).isCloseTo(2 * TOLERANCE * slopes, withinPercentage(0.1));
        // 15 times as much as a fixed relative tolerance of the same size
        assertThat(tolerances.perPair()[0] / -Math.log1p(-rest)).isGreaterThan(2 * 14 * TOLERANCE);
    }

    @Test
    void aLossAtItsLeastValueIsGivenItsCurvature() {
        LossValues tolerances = tolerances("ipo", 5, 0);
        // (h - 5)^2 at h = 5
        assertThat(tolerances.perPair()[0]).isCloseTo(4 * TOLERANCE * TOLERANCE, withinPercentage(0.1));
        assertThat(tolerances.chosenGradient()[0]).isCloseTo(4 * TOLERANCE * 2, withinPercentage(0.1));
    }

    /** Beyond its kink a hinge has no slope; at it, either slope may be found. */
    @Test
    void aLossAtItsKinkIsGivenBothSlopes() {
        assertThat(tolerances("hinge", 10, 0).chosenGradient()[0]).isGreaterThan(0.1);
        assertThat(tolerances("hinge", 11, 0).chosenGradient()[0]).isLessThan(1e-14);
    }

    private static LossValues tolerances(String loss, double chosenLogRatio, double rejectedLogRatio) {
        LossEvaluator evaluator = LossEvaluator.of(PreferenceLosses.named(loss, 0.1));
        double[] one = {1};
        return LossTolerance.of(
                columns -> evaluator.evaluate(new PreferenceInputs(
                        columns[0], columns[1], columns[2], columns[3], one, one, new double[1], one)),
                new double[][] {{-20 + chosenLogRatio}, {-20 + rejectedLogRatio}, {-20}, {-20}},
                TOLERANCE,
                0);
    }
}
