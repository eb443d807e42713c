package org.preferencelearning.experiments.sparse;

import java.util.Arrays;

/**
 * Mean logistic loss of labelled pairs and its gradient, for scores of responses that depend on {@code theta}, of length 2 d:
 * as a reward {@code th1 . psi(a) + th2 . psi(a, b)}; as DPO's implicit reward the same less
 * {@code beta log mean_b exp(th2 . psi(a, b) / beta)}.
 *
 * <p>Scores are computed once per response and not once per pair, so the cost is that of the responses plus that of the
 * pairs, and not their product with the dimension.
 */
public final class PairLikelihood {
    private final DualTokenWorld.Instance world;
    private final DualTokenWorld.Pairs pairs;
    private final boolean implicit;
    private final int dimension;
    private final double beta;

    PairLikelihood(DualTokenWorld.Instance world, DualTokenWorld.Pairs pairs, boolean implicit) {
        this.world = world;
        this.pairs = pairs;
        this.implicit = implicit;
        this.dimension = world.world().dimension();
        this.beta = world.world().beta();
    }

    /** Length of theta: the first half is of the first token, the second of both. */
    public int parameters() {
        return 2 * dimension;
    }

    /** Score of each response. */
    public double[] scores(double[] theta) {
        double[] first = Arrays.copyOf(theta, dimension);
        double[] second = Arrays.copyOfRange(theta, dimension, 2 * dimension);
        double[] scores = new double[world.responses()];
        for (int a = 0; a < world.first().length; a++) {
            double common = DualTokenWorld.dot(first, world.first()[a]);
            double zero = DualTokenWorld.dot(second, world.second()[a][0]);
            double one = DualTokenWorld.dot(second, world.second()[a][1]);
            double soft = implicit ? softMean(zero, one) : 0;
            scores[2 * a] = common + zero - soft;
            scores[2 * a + 1] = common + one - soft;
        }
        return scores;
    }

    private double softMean(double zero, double one) {
        double max = Math.max(zero, one);
        return max + beta * Math.log((Math.exp((zero - max) / beta) + Math.exp((one - max) / beta)) / 2);
    }

    /** Mean logistic loss of the pairs, in nats. */
    public double loss(double[] theta) {
        double[] scores = scores(theta);
        double sum = 0;
        for (int i = 0; i < pairs.size(); i++) {
            double margin = scores[pairs.chosen()[i]] - scores[pairs.rejected()[i]];
            sum += Math.max(-margin, 0) + Math.log1p(Math.exp(-Math.abs(margin)));
        }
        return sum / pairs.size();
    }

    /** Gradient of the loss. */
    public double[] gradient(double[] theta) {
        double[] scores = scores(theta);
        double[] byScore = new double[scores.length];
        for (int i = 0; i < pairs.size(); i++) {
            double margin = scores[pairs.chosen()[i]] - scores[pairs.rejected()[i]];
            double slope = -1 / (1 + Math.exp(margin)) / pairs.size();
            byScore[pairs.chosen()[i]] += slope;
            byScore[pairs.rejected()[i]] -= slope;
        }
        double[] gradient = new double[2 * dimension];
        for (int a = 0; a < world.first().length; a++) {
            double zero = byScore[2 * a];
            double one = byScore[2 * a + 1];
            double both = zero + one;
            // the soft mean's gradient is the mean feature under the policy of the second token
            double share = implicit ? 1 / (1 + Math.exp((scores[2 * a + 1] - scores[2 * a]) / beta)) : 0;
            double forZero = zero - (implicit ? both * share : 0);
            double forOne = one - (implicit ? both * (1 - share) : 0);
            double[] first = world.first()[a];
            double[] secondZero = world.second()[a][0];
            double[] secondOne = world.second()[a][1];
            for (int k = 0; k < dimension; k++) {
                gradient[k] += both * first[k];
                gradient[dimension + k] += forZero * secondZero[k] + forOne * secondOne[k];
            }
        }
        return gradient;
    }

    /** Mean squared error of the score difference over the observed pairs: the squared data-induced semi-norm. */
    double error(double[] theta) {
        double[] scores = scores(theta);
        double sum = 0;
        for (int i = 0; i < pairs.size(); i++) {
            double found = scores[pairs.chosen()[i]] - scores[pairs.rejected()[i]];
            double truth = world.rewards()[pairs.chosen()[i]] - world.rewards()[pairs.rejected()[i]];
            sum += (found - truth) * (found - truth);
        }
        return sum / pairs.size();
    }
}
