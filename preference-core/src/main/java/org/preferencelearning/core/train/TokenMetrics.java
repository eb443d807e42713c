package org.preferencelearning.core.train;

import java.util.List;
import java.util.function.IntPredicate;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.TokenDistributions;
import org.preferencelearning.core.model.TokenPolicy;
import org.preferencelearning.core.model.TokenScores;
import org.preferencelearning.core.model.TrainablePolicy;

/** What is made of the tokens of responses, one sequence after the other. */
final class TokenMetrics {
    private TokenMetrics() {}

    /** Throws unless a policy tells tokens apart. */
    static void requireTokens(TrainablePolicy policy, String why) {
        SettingException.require(
                policy instanceof TokenPolicy,
                "policy",
                policy.getClass().getSimpleName(),
                "a TokenPolicy, which tells of each token: " + why);
    }

    /** Mean over each sequence's tokens of {@code log pi(token) - log sum pi(v)^2}. */
    static double[] aligned(List<TokenSequence> sequences, TokenScores scores) {
        double[] aligned = scores.logProbabilities().clone();
        double[] collisions = scores.distributions().orElseThrow().collisions();
        for (int t = 0; t < aligned.length; t++) {
            aligned[t] -= collisions[t];
        }
        double[] means = TokenWeights.none(sequences).sums(aligned);
        for (int i = 0; i < means.length; i++) {
            means[i] /= sequences.get(i).responseLength();
        }
        return means;
    }

    /** Adds entropy and accuracy of all tokens. */
    static void add(Metrics metrics, TokenScores scores) {
        TokenDistributions said = scores.distributions().orElseThrow();
        for (int t = 0; t < said.entropies().length; t++) {
            metrics.addMean(MetricNames.ENTROPY, said.entropies()[t], 1);
            metrics.addMean(MetricNames.MEAN_TOKEN_ACCURACY, said.likeliest()[t] ? 1 : 0, 1);
        }
    }

    /**
     * Adds mean logits of chosen, or wanted, responses and of others, and the entropy of all tokens.
     *
     * @param isChosen tells by a sequence's index
     * @param accuracy whether to add that of the chosen ones' tokens
     */
    static void add(
            Metrics metrics,
            List<TokenSequence> sequences,
            IntPredicate isChosen,
            boolean accuracy,
            TokenScores scores) {
        TokenDistributions said = scores.distributions().orElseThrow();
        int token = 0;
        for (int i = 0; i < sequences.size(); i++) {
            boolean chosen = isChosen.test(i);
            for (int t = 0; t < sequences.get(i).responseLength(); t++) {
                metrics.addMean(
                        chosen ? MetricNames.LOGITS_CHOSEN : MetricNames.LOGITS_REJECTED, said.meanLogits()[token], 1);
                metrics.addMean(MetricNames.ENTROPY, said.entropies()[token], 1);
                if (chosen && accuracy) {
                    metrics.addMean(MetricNames.MEAN_TOKEN_ACCURACY, said.likeliest()[token] ? 1 : 0, 1);
                }
                token++;
            }
        }
    }
}
