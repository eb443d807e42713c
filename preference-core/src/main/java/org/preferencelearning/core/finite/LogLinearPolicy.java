package org.preferencelearning.core.finite;

import java.util.List;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.model.TrainablePolicy;

/**
 * {@code pi(y | x) = exp(theta . psi(x, y)) / Z(x)} over a finite set of responses; with {@link FeatureMap#tabular} every
 * policy of full support.
 */
public final class LogLinearPolicy extends FiniteModel implements TrainablePolicy {
    public LogLinearPolicy(FeatureMap features, double... theta) {
        super(features, theta);
    }

    /** The uniform policy: theta is 0. */
    public static LogLinearPolicy uniform(FeatureMap features) {
        return new LogLinearPolicy(features, new double[features.dimension()]);
    }

    /** Probability of each response to a prompt; sums to 1. */
    public double[] probabilities(int prompt) {
        return probabilities(theta(), prompt);
    }

    private double[] probabilities(double[] theta, int prompt) {
        double[] scores = features().scores(prompt, theta);
        double log = Numbers.logSumExp(scores);
        for (int y = 0; y < scores.length; y++) {
            scores[y] = Math.exp(scores[y] - log);
        }
        return scores;
    }

    @Override
    public double[] logProbabilities(List<TokenSequence> sequences) {
        return values(sequences);
    }

    @Override
    double value(double[] theta, int prompt, int response) {
        double[] scores = features().scores(prompt, theta);
        return scores[response] - Numbers.logSumExp(scores);
    }

    @Override
    void addGradient(double[] theta, int prompt, int response, double factor, double[] gradient) {
        double[] p = probabilities(theta, prompt);
        for (int y = 0; y < p.length; y++) {
            double share = factor * ((y == response ? 1 : 0) - p[y]);
            for (int k = 0; k < gradient.length; k++) {
                gradient[k] += share * features().get(prompt, y, k);
            }
        }
    }
}
