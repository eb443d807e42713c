package org.preferencelearning.core.train;

import java.util.Arrays;
import java.util.List;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.model.TokenPolicy;
import org.preferencelearning.core.model.TrainablePolicy;

/** Supervised fine-tuning: the mean negative log-likelihood, in nats, of a response token. */
public final class LanguageModellingObjective implements TrainingObjective<TokenSequence> {
    private final TrainablePolicy policy;
    private final boolean tokenMetrics;

    public LanguageModellingObjective(TrainablePolicy policy) {
        this(policy, false);
    }

    private LanguageModellingObjective(TrainablePolicy policy, boolean tokenMetrics) {
        this.policy = policy;
        this.tokenMetrics = tokenMetrics;
    }

    /**
     * The same objective, reporting also TRL's {@code entropy} and {@code mean_token_accuracy}, which take time.
     *
     * @throws org.preferencelearning.core.error.SettingException if the policy is no {@link TokenPolicy}
     */
    public LanguageModellingObjective withTokenMetrics() {
        TokenMetrics.requireTokens(policy, "token metrics are made of it");
        return new LanguageModellingObjective(policy, true);
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
        SequenceValues said = values(batch, true);
        double[] upstream = new double[batch.size()];
        Arrays.fill(upstream, -scale);
        said.backward().accept(upstream);
        return metrics(batch, said);
    }

    @Override
    public Metrics evaluate(List<TokenSequence> batch) {
        return metrics(batch, values(batch, false));
    }

    private SequenceValues values(List<TokenSequence> batch, boolean differentiable) {
        return tokenMetrics
                ? SequenceValues.of((TokenPolicy) policy, TokenWeights.none(batch), differentiable, true)
                : SequenceValues.of(policy, batch, differentiable);
    }

    private static Metrics metrics(List<TokenSequence> batch, SequenceValues said) {
        Metrics metrics = new Metrics();
        double[] sums = said.values();
        for (int i = 0; i < sums.length; i++) {
            int tokens = batch.get(i).responseLength();
            metrics.addMean(MetricNames.LOSS, -sums[i] / tokens, tokens);
            metrics.addSum(MetricNames.NUM_TOKENS, batch.get(i).length());
        }
        said.tokens().ifPresent(tokens -> TokenMetrics.add(metrics, tokens));
        return metrics;
    }
}
