package org.preferencelearning.core.finite;

import java.util.Arrays;

/**
 * What a method arrives at: a policy, or a reward.
 *
 * @param parameters of the class; empty for unrestricted classes in closed form
 * @param table the policy's probabilities, or the reward, by prompt and response
 * @param certificate why it may be believed
 */
public record ExactFit(double[] parameters, double[][] table, Certificate certificate) {
    @Override
    public String toString() {
        return "ExactFit[" + Arrays.toString(parameters) + ", " + Arrays.deepToString(table) + ", " + certificate + "]";
    }
}
