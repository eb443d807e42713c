package org.preferencelearning.core.finite;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.model.ForwardPass;
import org.preferencelearning.core.model.TokenDistributions;
import org.preferencelearning.core.model.TokenPass;
import org.preferencelearning.core.model.TokenPolicy;
import org.preferencelearning.core.model.TokenScores;

/**
 * {@code pi(y | x) = exp(theta . psi(x, y)) / Z(x)} over a finite set of responses; with {@link FeatureMap#tabular} every
 * policy of full support.
 */
public final class LogLinearPolicy extends FiniteModel implements TokenPolicy {
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
    public TokenPass forwardTokens(List<TokenSequence> sequences, boolean distributions) {
        ForwardPass pass = forward(sequences); // a response is one token
        Optional<TokenDistributions> said = distributions(sequences, distributions);
        return new TokenPass() {
            @Override
            public double[] values() {
                return pass.values();
            }

            @Override
            public void backward(double[] upstream) {
                pass.backward(upstream);
            }

            @Override
            public Optional<TokenDistributions> distributions() {
                return said;
            }
        };
    }

    @Override
    public TokenScores tokenScores(List<TokenSequence> sequences, boolean distributions) {
        return new TokenScores(values(sequences), distributions(sequences, distributions));
    }

    private Optional<TokenDistributions> distributions(List<TokenSequence> sequences, boolean wanted) {
        if (!wanted) {
            return Optional.empty();
        }
        int size = sequences.size();
        TokenDistributions said =
                new TokenDistributions(new double[size], new double[size], new double[size], new boolean[size]);
        double[] theta = theta();
        for (int i = 0; i < size; i++) {
            double[] scores = features().scores(sequences.get(i).token(0), theta);
            double log = Numbers.logSumExp(scores);
            double squares = 0;
            for (int y = 0; y < scores.length; y++) {
                double p = Math.exp(scores[y] - log);
                said.entropies()[i] -= p * (scores[y] - log);
                squares += p * p;
            }
            said.collisions()[i] = Math.log(squares);
            said.meanLogits()[i] = Arrays.stream(scores).average().orElseThrow();
            said.likeliest()[i] = scores[sequences.get(i).token(1)]
                    == Arrays.stream(scores).max().orElseThrow();
        }
        return Optional.of(said);
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
