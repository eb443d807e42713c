package org.preferencelearning.experiments.dual;

import java.util.Arrays;
import org.preferencelearning.core.finite.FiniteProblem;
import org.preferencelearning.core.finite.Sampler;

/**
 * Losses over all pairs of responses, and their gradients, written for speed: what {@link FiniteProblem} says in its own words,
 * with an exponential a response instead of several a pair. Prompts are equally likely. Tables are by prompt and response; none
 * that is given is changed, and each that is returned is the receiver's.
 */
public final class Population {
    /** Scores this far below the largest one count as if they were no lower, so that ratios of exponentials stay numbers. */
    private static final double DEEPEST = -300;

    private final double[][] reward;
    private final double[][] referenceLog;
    private final double beta;
    /** Probability that the first response is preferred, by prompt. */
    private final double[][][] preferred;

    /** @param referenceLog logarithm of the reference policy's probabilities */
    Population(double[][] reward, double[][] referenceLog, double beta) {
        this.reward = reward;
        this.referenceLog = referenceLog;
        this.beta = beta;
        this.preferred = new double[reward.length][][];
        for (int x = 0; x < reward.length; x++) {
            double[] exponentials = exponentials(reward[x]);
            int n = exponentials.length;
            preferred[x] = new double[n][n];
            for (int y = 0; y < n; y++) {
                for (int z = 0; z < n; z++) {
                    preferred[x][y][z] = exponentials[y] / (exponentials[y] + exponentials[z]);
                }
            }
        }
    }

    /** How many there are. */
    public int prompts() {
        return reward.length;
    }

    /** Strength of the regularisation. */
    public double beta() {
        return beta;
    }

    /** The true reward, by prompt and response; a copy. */
    public double[][] reward() {
        return copy(reward);
    }

    /** Logarithm of the reference policy's probabilities, by prompt and response; a copy. */
    public double[][] referenceLog() {
        return copy(referenceLog);
    }

    private static double[][] copy(double[][] table) {
        return Arrays.stream(table).map(double[]::clone).toArray(double[][]::new);
    }

    /** {@code beta log(pi / pi_ref)}. */
    public double[][] implicitReward(double[][] log) {
        double[][] implicit = new double[log.length][];
        for (int x = 0; x < log.length; x++) {
            implicit[x] = new double[log[x].length];
            for (int y = 0; y < log[x].length; y++) {
                implicit[x][y] = beta * (log[x][y] - referenceLog[x][y]);
            }
        }
        return implicit;
    }

    /** Regularised value of a policy under any reward: {@code E[r] - beta KL(pi || pi_ref)}. */
    public double value(double[][] log, double[][] anyReward) {
        return expected(log, anyReward) - beta * divergence(log);
    }

    /** Expected reward. */
    public double expected(double[][] log, double[][] anyReward) {
        double sum = 0;
        for (int x = 0; x < log.length; x++) {
            for (int y = 0; y < log[x].length; y++) {
                sum += Math.exp(log[x][y]) * anyReward[x][y];
            }
        }
        return sum / log.length;
    }

    /** {@code KL(pi || pi_ref)} in nats. */
    public double divergence(double[][] log) {
        double sum = 0;
        for (int x = 0; x < log.length; x++) {
            for (int y = 0; y < log[x].length; y++) {
                sum += Math.exp(log[x][y]) * (log[x][y] - referenceLog[x][y]);
            }
        }
        return sum / log.length;
    }

    /** The largest value of any policy: {@code beta log E_ref exp(r / beta)}. */
    public double optimum() {
        double sum = 0;
        for (int x = 0; x < reward.length; x++) {
            double largest = Arrays.stream(reward[x]).max().orElseThrow();
            double mean = 0;
            for (int y = 0; y < reward[x].length; y++) {
                mean += Math.exp(referenceLog[x][y] + (reward[x][y] - largest) / beta);
            }
            sum += largest + beta * Math.log(mean);
        }
        return sum / reward.length;
    }

    /** Logarithm of the best of all policies under any reward: {@code pi_ref exp(r / beta)}, normalised. */
    public double[][] best(double[][] anyReward) {
        double[][] log = new double[anyReward.length][];
        for (int x = 0; x < log.length; x++) {
            double[] row = new double[anyReward[x].length];
            for (int y = 0; y < row.length; y++) {
                row[y] = referenceLog[x][y] + anyReward[x][y] / beta;
            }
            double largest = Arrays.stream(row).max().orElseThrow();
            double normaliser = largest
                    + Math.log(Arrays.stream(row)
                            .map(value -> Math.exp(value - largest))
                            .sum());
            log[x] = Arrays.stream(row).map(value -> value - normaliser).toArray();
        }
        return log;
    }

    /**
     * Probability that scores tell the better of two responses of unequal true reward; where scores are equal, a half.
     *
     * @param log of the policy that both are drawn from
     * @param from first prompt
     * @param to one after the last
     */
    double accuracy(double[][] scores, double[][] log, int from, int to) {
        double right = 0;
        double all = 0;
        for (int x = from; x < to; x++) {
            double[] weights = exponential(log[x]);
            for (int y = 0; y < weights.length; y++) {
                for (int z = 0; z < weights.length; z++) {
                    if (reward[x][y] > reward[x][z]) {
                        double margin = scores[x][y] - scores[x][z];
                        all += weights[y] * weights[z];
                        right += weights[y] * weights[z] * (margin > 0 ? 1 : margin == 0 ? 0.5 : 0);
                    }
                }
            }
        }
        return right / all;
    }

    /**
     * How badly a policy's own responses cover those of the best one: {@code log E_{pi*}[pi* / pi]}, averaged over prompts; 0 if
     * they are the same (the logarithm of one plus the chi-squared divergence; arXiv 2601.08421 follows it along iterations).
     */
    double coverage(double[][] log) {
        double[][] best = best(reward);
        double sum = 0;
        for (int x = 0; x < log.length; x++) {
            double ratio = 0;
            for (int y = 0; y < log[x].length; y++) {
                ratio += Math.exp(2 * best[x][y] - log[x][y]);
            }
            sum += Math.log(ratio);
        }
        return sum / log.length;
    }

    /** Gradient of {@link #value} by the logarithms, up to what moves a policy's normalisation and so nothing. */
    public double[][] valueGradient(double[][] log, double[][] anyReward) {
        double[][] gradient = new double[log.length][];
        for (int x = 0; x < log.length; x++) {
            int n = log[x].length;
            gradient[x] = new double[n];
            double mean = 0;
            for (int y = 0; y < n; y++) {
                gradient[x][y] = anyReward[x][y] - beta * (log[x][y] - referenceLog[x][y]);
                mean += Math.exp(log[x][y]) * gradient[x][y];
            }
            for (int y = 0; y < n; y++) {
                gradient[x][y] = Math.exp(log[x][y]) * (gradient[x][y] - mean) / log.length;
            }
        }
        return gradient;
    }

    /**
     * Half the squared difference between margins of the implicit and of any reward, over pairs from the policy itself, which
     * are not differentiated: its gradient is {@code -2 beta} times that of the value.
     */
    public double[][] squaredMarginGradient(double[][] log, double[][] anyReward) {
        double[][] implicit = implicitReward(log);
        double[][] gradient = new double[log.length][];
        for (int x = 0; x < log.length; x++) {
            int n = log[x].length;
            double mean = 0;
            for (int y = 0; y < n; y++) {
                mean += Math.exp(log[x][y]) * (implicit[x][y] - anyReward[x][y]);
            }
            gradient[x] = new double[n];
            for (int y = 0; y < n; y++) {
                double error = implicit[x][y] - anyReward[x][y] - mean;
                gradient[x][y] = 2 * beta * Math.exp(log[x][y]) * error / log.length;
            }
        }
        return gradient;
    }

    /** Cross-entropy of scores against the true preferences over pairs from the reference policy. */
    public double preferenceLoss(double[][] scores) {
        double loss = 0;
        for (int x = 0; x < scores.length; x++) {
            double[] exponentials = exponentials(scores[x]);
            double[] weights = exponential(referenceLog[x]);
            for (int y = 0; y < weights.length; y++) {
                for (int z = 0; z < weights.length; z++) {
                    // both orders of a pair are summed, each with the share in which the first is preferred
                    loss -= 2
                            * weights[y]
                            * weights[z]
                            * preferred[x][y][z]
                            * Math.log(exponentials[y] / (exponentials[y] + exponentials[z]));
                }
            }
        }
        return loss / scores.length;
    }

    /**
     * Gradient of the cross-entropy by the scores; pairs are not differentiated.
     *
     * @param log of the policy that pairs are drawn from, or by whose tilts
     */
    public double[][] preferenceGradient(double[][] scores, Sampler sampler, double[][] log) {
        double[][] gradient = new double[scores.length][];
        for (int x = 0; x < scores.length; x++) {
            double[] exponentials = exponentials(scores[x]);
            double[] weights = exponential(sampler == Sampler.REFERENCE ? referenceLog[x] : log[x]);
            double[] up = new double[weights.length];
            double[] down = new double[weights.length];
            double tilted = sampler == Sampler.PILAF ? tilts(x, log[x], up, down) : 0;
            gradient[x] = new double[weights.length];
            for (int y = 0; y < weights.length; y++) {
                double sum = 0;
                for (int z = 0; z < weights.length; z++) {
                    double pair =
                            (1 - tilted) * weights[y] * weights[z] + tilted * 0.5 * (up[y] * down[z] + up[z] * down[y]);
                    sum += pair * (exponentials[y] / (exponentials[y] + exponentials[z]) - preferred[x][y][z]);
                }
                gradient[x][y] = 2 * sum / scores.length;
            }
        }
        return gradient;
    }

    /** Gradient by the logarithms of the cross-entropy of their implicit rewards: DPO's. */
    public double[][] directGradient(double[][] log, Sampler sampler) {
        return scaled(preferenceGradient(implicitReward(log), sampler, log), beta);
    }

    /**
     * PILAF's two policies, {@code pi^(1 ± beta) pi_ref^(∓ beta)} normalised.
     *
     * @return with which probability a pair is drawn from them, {@code Z / (1 + Z)}
     */
    private double tilts(int prompt, double[] log, double[] up, double[] down) {
        double sumUp = 0;
        double sumDown = 0;
        for (int y = 0; y < log.length; y++) {
            double implicit = beta * (log[y] - referenceLog[prompt][y]);
            up[y] = Math.exp(log[y] + implicit);
            down[y] = Math.exp(log[y] - implicit);
            sumUp += up[y];
            sumDown += down[y];
        }
        for (int y = 0; y < log.length; y++) {
            up[y] /= sumUp;
            down[y] /= sumDown;
        }
        return sumUp * sumDown / (1 + sumUp * sumDown);
    }

    /** The sum of two tables of one shape, each times a factor. */
    public static double[][] sum(double factor, double[][] one, double otherFactor, double[][] other) {
        double[][] sum = new double[one.length][];
        for (int x = 0; x < one.length; x++) {
            sum[x] = new double[one[x].length];
            for (int y = 0; y < sum[x].length; y++) {
                sum[x][y] = factor * one[x][y] + otherFactor * other[x][y];
            }
        }
        return sum;
    }

    /** Times a factor, in place. */
    static double[][] scaled(double[][] table, double factor) {
        for (double[] row : table) {
            for (int y = 0; y < row.length; y++) {
                row[y] *= factor;
            }
        }
        return table;
    }

    private static double[] exponential(double[] logs) {
        return Arrays.stream(logs).map(Math::exp).toArray();
    }

    /** Exponentials of differences to the largest score. */
    private static double[] exponentials(double[] scores) {
        double largest = Arrays.stream(scores).max().orElseThrow();
        return Arrays.stream(scores)
                .map(score -> Math.exp(Math.max(DEEPEST, score - largest)))
                .toArray();
    }
}
