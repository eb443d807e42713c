package org.preferencelearning.core.loss;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.random.RandomSource;

/**
 * On pairs of the current policy, the regression loss is the policy gradient: the mean of its gradient is minus twice beta
 * times that of expected reward less beta times the divergence from the reference.
 */
class PolicyGradientLossTest {
    private static final int RESPONSES = 6;
    private static final int PAIRS = 100_000;
    private static final double BETA = 0.3;

    @Test
    void itsMeanOverOnPolicyPairsIsTheExactGradient() {
        RandomSource random = RandomSource.of(17);
        double[] logits = new double[RESPONSES];
        double[] rewards = new double[RESPONSES];
        double[] referenceLogits = new double[RESPONSES];
        for (int i = 0; i < RESPONSES; i++) {
            logits[i] = random.nextGaussian();
            rewards[i] = 2 * random.nextGaussian();
            referenceLogits[i] = 0.5 * random.nextGaussian();
        }
        double[] policy = softmax(logits);
        double[] reference = softmax(referenceLogits);

        int[] chosen = new int[PAIRS];
        int[] rejected = new int[PAIRS];
        double[][] inputs = new double[5][PAIRS];
        for (int n = 0; n < PAIRS; n++) {
            int one = random.nextCategorical(policy);
            int two = random.nextCategorical(policy);
            chosen[n] = rewards[one] >= rewards[two] ? one : two;
            rejected[n] = rewards[one] >= rewards[two] ? two : one;
            inputs[0][n] = Math.log(policy[chosen[n]]);
            inputs[1][n] = Math.log(policy[rejected[n]]);
            inputs[2][n] = Math.log(reference[chosen[n]]);
            inputs[3][n] = Math.log(reference[rejected[n]]);
            inputs[4][n] = rewards[chosen[n]] - rewards[rejected[n]];
        }
        double[] ones = new double[PAIRS];
        Arrays.fill(ones, 1);
        LossValues values = LossEvaluator.of(PreferenceLosses.named("regression", BETA))
                .evaluate(
                        new PreferenceInputs(inputs[0], inputs[1], inputs[2], inputs[3], ones, ones, inputs[4], ones));

        double[] exact = exactGradient(logits, rewards, reference);
        for (int parameter = 0; parameter < RESPONSES; parameter++) {
            double sum = 0;
            double squares = 0;
            for (int n = 0; n < PAIRS; n++) {
                double gradient = values.chosenGradient()[n] * score(policy, chosen[n], parameter)
                        + values.rejectedGradient()[n] * score(policy, rejected[n], parameter);
                sum += gradient;
                squares += gradient * gradient;
            }
            double mean = sum / PAIRS;
            double error = Math.sqrt((squares / PAIRS - mean * mean) / PAIRS);
            assertThat((mean + 2 * BETA * exact[parameter]) / error)
                    .as("parameter %d: %f with error %f", parameter, mean, error)
                    .isBetween(-4.0, 4.0);
            assertThat(error).isLessThan(0.01);
        }
    }

    /** Central differences of the objective itself. */
    private static double[] exactGradient(double[] logits, double[] rewards, double[] reference) {
        double[] gradient = new double[RESPONSES];
        double step = 1e-5;
        for (int i = 0; i < RESPONSES; i++) {
            double[] moved = logits.clone();
            moved[i] += step;
            double above = objective(moved, rewards, reference);
            moved[i] -= 2 * step;
            gradient[i] = (above - objective(moved, rewards, reference)) / (2 * step);
        }
        return gradient;
    }

    private static double objective(double[] logits, double[] rewards, double[] reference) {
        double[] policy = softmax(logits);
        double value = 0;
        for (int i = 0; i < RESPONSES; i++) {
            value += policy[i] * (rewards[i] - BETA * Math.log(policy[i] / reference[i]));
        }
        return value;
    }

    private static double score(double[] policy, int response, int parameter) {
        return (response == parameter ? 1 : 0) - policy[parameter];
    }

    private static double[] softmax(double[] logits) {
        double total = 0;
        double[] p = new double[logits.length];
        for (int i = 0; i < p.length; i++) {
            p[i] = Math.exp(logits[i]);
            total += p[i];
        }
        for (int i = 0; i < p.length; i++) {
            p[i] /= total;
        }
        return p;
    }
}
