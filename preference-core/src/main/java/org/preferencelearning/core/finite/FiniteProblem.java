package org.preferencelearning.core.finite;

import static org.preferencelearning.core.finite.Numbers.logSumExp;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;
import org.preferencelearning.core.error.SettingException;

/**
 * A world of finitely many prompts and responses whose true reward is known: KL-regularised value, optimum and
 * Bradley-Terry preferences in closed form. Immutable.
 *
 * <p>The value of a policy under a reward r is {@code E_x [ E_pi r - beta KL(pi || pi_ref) ]}.
 */
public final class FiniteProblem {
    private final double[][] reward;
    private final double[][] reference;
    private final double[] promptWeights;
    private final double beta;

    /**
     * @param reward true reward, indexed by prompt and response; finite
     * @param reference reference policy: each row positive and summing to 1
     * @param promptWeights probability of each prompt; not negative, summing to 1
     * @param beta strength of the regularisation, above 0
     * @throws SettingException naming the first setting that is outside its range
     */
    @JsonCreator
    public FiniteProblem(
            @JsonProperty("reward") double[][] reward,
            @JsonProperty("reference") double[][] reference,
            @JsonProperty("promptWeights") double[] promptWeights,
            @JsonProperty("beta") double beta) {
        SettingException.require(
                reward.length > 0 && reward[0].length > 0, "trueReward", "empty", "at least one prompt and response");
        SettingException.require(
                reference.length == reward.length,
                "reference",
                reference.length + " prompts",
                "as many as the true reward has: " + reward.length);
        for (int x = 0; x < reward.length; x++) {
            checkRow(reward[x], reference[x], reward[0].length, x);
        }
        SettingException.require(
                promptWeights.length == reward.length
                        && Arrays.stream(promptWeights).allMatch(w -> w >= 0)
                        && Math.abs(Arrays.stream(promptWeights).sum() - 1) < 1e-9,
                "promptWeights",
                Arrays.toString(promptWeights),
                reward.length + " numbers from 0 that sum to 1");
        this.reward = copy(reward);
        this.reference = copy(reference);
        this.promptWeights = promptWeights.clone();
        this.beta = SettingException.requirePositive("beta", beta);
    }

    private static void checkRow(double[] reward, double[] reference, int responses, int prompt) {
        SettingException.require(
                reward.length == responses,
                "trueReward",
                reward.length + " responses to prompt " + prompt,
                "as many as to prompt 0: " + responses);
        for (double r : reward) {
            SettingException.require(Double.isFinite(r), "trueReward", r, "finite numbers");
        }
        SettingException.require(
                reference.length == responses,
                "reference",
                reference.length + " responses to prompt " + prompt,
                "as many as the true reward has: " + responses);
        for (double p : reference) {
            SettingException.require(p > 0 && p <= 1, "reference", p, "probabilities above 0: full support");
        }
        SettingException.require(
                Math.abs(Arrays.stream(reference).sum() - 1) < 1e-9,
                "reference",
                Arrays.toString(reference),
                "probabilities that sum to 1");
    }

    /** A problem of one prompt. */
    public static FiniteProblem bandit(double[] reward, double[] reference, double beta) {
        return new FiniteProblem(new double[][] {reward}, new double[][] {reference}, new double[] {1}, beta);
    }

    /** Number of prompts. */
    public int prompts() {
        return reward.length;
    }

    /** Number of responses to each prompt. */
    public int responses() {
        return reward[0].length;
    }

    /** Strength of the regularisation. */
    @JsonProperty
    public double beta() {
        return beta;
    }

    /** The true reward; a copy. */
    @JsonProperty
    public double[][] reward() {
        return copy(reward);
    }

    /** Probability of each prompt; a copy. */
    @JsonProperty
    public double[] promptWeights() {
        return promptWeights.clone();
    }

    /** The reference policy; a copy. */
    @JsonProperty
    public double[][] reference() {
        return copy(reference);
    }

    double[] referenceAt(int prompt) {
        return reference[prompt].clone();
    }

    double referenceAt(int prompt, int response) {
        return reference[prompt][response];
    }

    double promptWeight(int prompt) {
        return promptWeights[prompt];
    }

    /** Probability that the true reward prefers {@code first} to {@code second}: Bradley-Terry. */
    public double preference(int prompt, int first, int second) {
        return Numbers.sigmoid(reward[prompt][first] - reward[prompt][second]);
    }

    /**
     * Population cross-entropy of scores against the true preferences at one prompt.
     *
     * @param scores reward, or implicit reward, of each response
     * @param pairs probability of each ordered pair, symmetric
     */
    double preferenceLoss(int prompt, double[] scores, double[][] pairs) {
        double loss = 0;
        for (int y = 0; y < scores.length; y++) {
            for (int z = 0; z < scores.length; z++) {
                double margin = scores[y] - scores[z];
                double label = preference(prompt, y, z);
                loss -= pairs[y][z] * (label * Numbers.logSigmoid(margin) + (1 - label) * Numbers.logSigmoid(-margin));
            }
        }
        return loss;
    }

    /** Derivative of {@link #preferenceLoss} by each score; the pairs are not differentiated. */
    double[] preferenceLossGradient(int prompt, double[] scores, double[][] pairs) {
        double[] gradient = new double[scores.length];
        for (int y = 0; y < scores.length; y++) {
            for (int z = 0; z < scores.length; z++) {
                double error = Numbers.sigmoid(scores[y] - scores[z]) - preference(prompt, y, z);
                // both orders of a pair give the same term
                gradient[y] += 2 * pairs[y][z] * error;
            }
        }
        return gradient;
    }

    /** Regularised value of a policy under the true reward. */
    public double value(double[][] policy) {
        return value(policy, reward);
    }

    /** Regularised value of a policy under {@code anyReward}. */
    public double value(double[][] policy, double[][] anyReward) {
        double value = 0;
        for (int x = 0; x < prompts(); x++) {
            double inner = 0;
            for (int y = 0; y < responses(); y++) {
                double p = policy[x][y];
                if (p > 0) {
                    inner += p * (anyReward[x][y] - beta * Math.log(p / reference[x][y]));
                }
            }
            value += promptWeights[x] * inner;
        }
        return value;
    }

    /** The best of all policies under {@code anyReward}: proportional to {@code pi_ref exp(r / beta)}. */
    public double[][] optimalPolicy(double[][] anyReward) {
        double[][] policy = new double[prompts()][responses()];
        for (int x = 0; x < prompts(); x++) {
            for (int y = 0; y < responses(); y++) {
                policy[x][y] = Math.log(reference[x][y]) + anyReward[x][y] / beta;
            }
            double log = logSumExp(policy[x]);
            for (int y = 0; y < responses(); y++) {
                policy[x][y] = Math.exp(policy[x][y] - log);
            }
        }
        return policy;
    }

    /** The value of the best of all policies: {@code beta log E_ref exp(r / beta)}, averaged over prompts. */
    public double optimalValue() {
        double value = 0;
        for (int x = 0; x < prompts(); x++) {
            double[] exponents = new double[responses()];
            for (int y = 0; y < responses(); y++) {
                exponents[y] = Math.log(reference[x][y]) + reward[x][y] / beta;
            }
            value += promptWeights[x] * beta * logSumExp(exponents);
        }
        return value;
    }

    /** {@code KL(first || second)}, averaged over prompts, in nats. */
    public double divergence(double[][] first, double[][] second) {
        double sum = 0;
        for (int x = 0; x < prompts(); x++) {
            for (int y = 0; y < responses(); y++) {
                if (first[x][y] > 0) {
                    sum += promptWeights[x] * first[x][y] * Math.log(first[x][y] / second[x][y]);
                }
            }
        }
        return sum;
    }

    private static double[][] copy(double[][] rows) {
        return Arrays.stream(rows).map(double[]::clone).toArray(double[][]::new);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FiniteProblem problem
                && Arrays.deepEquals(reward, problem.reward)
                && Arrays.deepEquals(reference, problem.reference)
                && Arrays.equals(promptWeights, problem.promptWeights)
                && beta == problem.beta;
    }

    @Override
    public int hashCode() {
        return Arrays.deepHashCode(new Object[] {reward, reference, promptWeights, beta});
    }

    @Override
    public String toString() {
        return "FiniteProblem[reward=" + Arrays.deepToString(reward) + ", reference=" + Arrays.deepToString(reference)
                + ", promptWeights=" + Arrays.toString(promptWeights) + ", beta=" + beta + "]";
    }
}
