package org.preferencelearning.core.train;

import java.util.Arrays;
import java.util.List;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.model.ForwardPass;
import org.preferencelearning.core.model.TrainablePolicy;

/** Supervised fine-tuning: the mean negative log-likelihood, in nats, of a response token. */
public final class LanguageModellingObjective implements TrainingObjective<TokenSequence> {
    private final TrainablePolicy policy;

    public LanguageModellingObjective(TrainablePolicy policy) {
        this.policy = policy;
    }

    @Override
    public TrainablePolicy model() {
        return policy;
    }

    @Override
    public double weight(TokenSequence example) {
        return example.responseLength();
    }

    @Override
    public List<TokenSequence> sequences(TokenSequence example) {
        return List.of(example);
    }

    @Override
    public String description() {
        return "language modelling";
    }

    @Override
    public Metrics accumulate(List<TokenSequence> batch, double scale) {
        ForwardPass pass = policy.forward(batch);
        double[] upstream = new double[batch.size()];
        Arrays.fill(upstream, -scale);
        pass.backward(upstream);
        return metrics(batch, pass.values());
    }

    @Override
    public Metrics evaluate(List<TokenSequence> batch) {
        return metrics(batch, policy.logProbabilities(batch));
    }

    private static Metrics metrics(List<TokenSequence> batch, double[] sums) {
        Metrics metrics = new Metrics();
        for (int i = 0; i < sums.length; i++) {
            int tokens = batch.get(i).responseLength();
            metrics.addMean(MetricNames.LOSS, -sums[i] / tokens, tokens);
            metrics.addSum(MetricNames.NUM_TOKENS, batch.get(i).length());
        }
        return metrics;
    }
}
