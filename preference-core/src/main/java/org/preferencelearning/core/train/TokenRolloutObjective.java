package org.preferencelearning.core.train;

import java.util.Arrays;
import java.util.List;
import org.preferencelearning.core.loss.LossEvaluator;
import org.preferencelearning.core.loss.ResponseLossValues;
import org.preferencelearning.core.loss.TokenRolloutInputs;
import org.preferencelearning.core.loss.TokenRolloutLoss;
import org.preferencelearning.core.model.TokenPass;
import org.preferencelearning.core.model.TokenPolicy;
import org.preferencelearning.core.model.TokenScores;

/**
 * Trains a policy on the tokens of sampled responses with a {@link TokenRolloutLoss}: PPO's clipped surrogate, GRPO, Dr. GRPO,
 * DAPO. Their averages are over an update's batch, in however many parts it is evaluated. Samples are drawn, and drawn anew, by
 * the caller.
 */
public final class TokenRolloutObjective extends SampledObjective {
    private final TokenPolicy policy;
    private final TokenRolloutLoss loss;
    private final LossEvaluator evaluator;

    /** @param policy what is trained; at first that which drew the responses, or whatever the loss's ratios allow */
    public TokenRolloutObjective(TokenPolicy policy, TokenRolloutLoss loss) {
        super(loss.name());
        this.policy = policy;
        this.loss = loss;
        this.evaluator = LossEvaluator.of(loss);
    }

    @Override
    public TokenPolicy model() {
        return policy;
    }

    @Override
    public double weight(ScoredRollout example) {
        return loss.responseWeight(example.sequence().responseLength());
    }

    @Override
    public Metrics accumulate(List<ScoredRollout> batch, double scale) {
        TokenPass pass = policy.forwardTokens(sequences(batch), false);
        ResponseLossValues values = evaluator.evaluate(inputs(batch, pass.values()));
        pass.backward(
                Arrays.stream(values.gradient()).map(slope -> scale * slope).toArray());
        return metrics(batch, values);
    }

    @Override
    public Metrics evaluate(List<ScoredRollout> batch) {
        TokenScores scores = policy.tokenScores(sequences(batch), false);
        return metrics(batch, evaluator.evaluate(inputs(batch, scores.logProbabilities())));
    }

    /** Weighted so that the sum over tokens is that of responses, each times its weight. */
    private TokenRolloutInputs inputs(List<ScoredRollout> batch, double[] logProbabilities) {
        double[] behaviour = new double[logProbabilities.length];
        double[] advantage = new double[logProbabilities.length];
        double[] weight = new double[logProbabilities.length];
        int start = 0;
        for (ScoredRollout example : batch) {
            int tokens = example.behaviour().length();
            System.arraycopy(example.behaviour().toArray(), 0, behaviour, start, tokens);
            Arrays.fill(advantage, start, start + tokens, example.advantage());
            Arrays.fill(weight, start, start + tokens, weight(example) * loss.tokenWeight(tokens));
            start += tokens;
        }
        return new TokenRolloutInputs(logProbabilities, behaviour, advantage, weight);
    }

    private Metrics metrics(List<ScoredRollout> batch, ResponseLossValues values) {
        Metrics metrics = new Metrics();
        int start = 0;
        for (ScoredRollout example : batch) {
            int tokens = example.behaviour().length();
            double ofResponse = 0;
            for (int t = start; t < start + tokens; t++) {
                ofResponse += loss.tokenWeight(tokens) * values.perResponse()[t];
                reportClipped(metrics, example.advantage(), values.gradient()[t]);
            }
            report(metrics, example, ofResponse);
            start += tokens;
        }
        return metrics;
    }
}
