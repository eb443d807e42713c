package org.preferencelearning.experiments.sparse;

import java.util.Arrays;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.finite.FiniteProblem;
import org.preferencelearning.core.random.RandomSource;

/**
 * Responses of two tokens, {@code a} of {@code actions} and {@code b} of two, with reward
 * {@code r*(a, b) = w_s . psi(a) + e_1 . psi(a, b)}. The reward's parameter {@code (w_s, e_1)} has k + 1 entries that are not
 * 0, while the optimal policy's first token depends on {@code w_s + w_d}, with w_d dense: the soft value of the second token
 * is {@code w_d . psi(a)} exactly. Features are signs; the reference is uniform. Reconstructed.
 *
 * @param dimension d, length of each feature vector, at least 2
 * @param sparsity k, entries of w_s that are not 0, 1 to d
 * @param actions first tokens, at least 2
 * @param beta strength of the regularisation, above 0
 * @param labelNoise share of labels that are turned, 0 to below 0.5
 */
public record DualTokenWorld(int dimension, int sparsity, int actions, double beta, double labelNoise) {
    private static final double SPARSE_WEIGHT = 0.6;
    private static final double TILT = 0.4;

    public DualTokenWorld {
        SettingException.requireAtLeast("dimension", dimension, 2);
        SettingException.require(
                sparsity >= 1 && sparsity <= dimension, "sparsity", sparsity, "1 to " + dimension + ", the dimension");
        SettingException.requireAtLeast("actions", actions, 2);
        SettingException.requirePositive("beta", beta);
        SettingException.require(labelNoise >= 0 && labelNoise < 0.5, "labelNoise", labelNoise, "0 to below 0.5");
    }

    /** d = 60, k = 3, 400 first tokens, beta 1, no extra noise. */
    public static DualTokenWorld standard() {
        return new DualTokenWorld(60, 3, 400, 1, 0);
    }

    /** Draws features and weights. */
    Instance draw(RandomSource random) {
        double[][] first = new double[actions][dimension];
        for (double[] row : first) {
            signs(row, random, 1);
        }
        double[] dense = new double[dimension];
        signs(dense, random, 1 / Math.sqrt(dimension));
        double[] sparse = new double[dimension];
        int[] order = random.permutation(dimension);
        for (int i = 0; i < sparsity; i++) {
            sparse[order[i]] = random.nextBernoulli(0.5) ? SPARSE_WEIGHT : -SPARSE_WEIGHT;
        }
        // mean over b of exp(shift / beta) is 1, so the soft value of the second token is w_d . psi(a)
        double[] shift = {beta * TILT, beta * Math.log(2 - Math.exp(TILT))};
        double[][][] second = new double[actions][2][dimension];
        double[] rewards = new double[2 * actions];
        for (int a = 0; a < actions; a++) {
            double value = dot(dense, first[a]);
            for (int b = 0; b < 2; b++) {
                signs(second[a][b], random, 1);
                second[a][b][0] = value + shift[b];
                rewards[2 * a + b] = dot(sparse, first[a]) + second[a][b][0];
            }
        }
        return new Instance(this, first, second, rewards);
    }

    private static void signs(double[] row, RandomSource random, double size) {
        Arrays.setAll(row, k -> random.nextBernoulli(0.5) ? size : -size);
    }

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /**
     * A drawn world. Response {@code 2 a + b} is the pair of tokens (a, b).
     *
     * @param first features of the first token
     * @param second features of both tokens
     * @param rewards true reward of each response
     */
    record Instance(DualTokenWorld world, double[][] first, double[][][] second, double[] rewards) {
        int responses() {
            return rewards.length;
        }

        /** Labelled pairs of responses drawn uniformly. */
        Pairs sample(int n, RandomSource random) {
            int[] chosen = new int[n];
            int[] rejected = new int[n];
            for (int i = 0; i < n; i++) {
                int one = random.nextInt(responses());
                int two = random.nextInt(responses());
                double p = 1 / (1 + Math.exp(rewards[two] - rewards[one]));
                boolean oneWins = random.nextBernoulli(p) != random.nextBernoulli(world.labelNoise);
                chosen[i] = oneWins ? one : two;
                rejected[i] = oneWins ? two : one;
            }
            return new Pairs(chosen, rejected);
        }

        /**
         * Value, under the truth, of the policy proportional to {@code exp(scores / beta)}, as a gap to the optimum.
         */
        double valueGap(double[] scores) {
            double[] uniform = new double[responses()];
            Arrays.fill(uniform, 1.0 / responses());
            FiniteProblem problem = FiniteProblem.bandit(rewards, uniform, world.beta);
            double[][] policy = problem.optimalPolicy(new double[][] {scores});
            return problem.optimalValue() - problem.value(policy);
        }
    }

    /**
     * Labelled pairs of responses.
     *
     * @param chosen the preferred response of each
     * @param rejected the other
     */
    record Pairs(int[] chosen, int[] rejected) {
        int size() {
            return chosen.length;
        }
    }
}
