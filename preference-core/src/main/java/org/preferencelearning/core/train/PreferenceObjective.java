package org.preferencelearning.core.train;

import java.util.Arrays;
import java.util.List;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.loss.LossEvaluator;
import org.preferencelearning.core.loss.LossValues;
import org.preferencelearning.core.loss.PreferenceInputs;
import org.preferencelearning.core.loss.PreferenceLoss;
import org.preferencelearning.core.model.Policy;
import org.preferencelearning.core.model.ReferencePolicy;
import org.preferencelearning.core.model.TokenPolicy;
import org.preferencelearning.core.model.TrainablePolicy;
import org.preferencelearning.core.state.Stateful;

/** Trains a policy on preference pairs with a {@link PreferenceLoss}. */
public final class PreferenceObjective extends PairObjective<PreferenceInputs> {
    private final TrainablePolicy policy;
    private final Policy reference;
    private final PreferenceLoss loss;
    private final boolean tokenMetrics;
    private final LossEvaluator evaluator;

    /**
     * @param policy what is trained; a {@link TokenPolicy} for a loss that reads what it says of single tokens
     * @param reference the fixed policy; not asked if the loss needs none
     */
    public PreferenceObjective(TrainablePolicy policy, Policy reference, PreferenceLoss loss) {
        this(policy, reference, loss, false);
    }

    private PreferenceObjective(TrainablePolicy policy, Policy reference, PreferenceLoss loss, boolean tokenMetrics) {
        this.policy = policy;
        this.reference = reference;
        this.loss = loss;
        this.tokenMetrics = tokenMetrics;
        if (readsTokens()) {
            TokenMetrics.requireTokens(policy, "loss '" + loss.name() + "' reads it");
        }
        this.evaluator = LossEvaluator.of(loss);
    }

    /**
     * The same objective, reporting also TRL's {@code logits/chosen}, {@code logits/rejected}, {@code entropy} and
     * {@code mean_token_accuracy}, which take time.
     *
     * @throws SettingException if the policy is no {@link TokenPolicy}
     */
    public PreferenceObjective withTokenMetrics() {
        TokenMetrics.requireTokens(policy, "token metrics are made of it");
        return new PreferenceObjective(policy, reference, loss, true);
    }

    private boolean readsTokens() {
        return loss.tailWeight() < 1 || loss.needsAligned();
    }

    /**
     * What a loss asks a reference policy of pairs, to be scored before: their sequences, and for a loss of a tail weight below 1
     * the beginnings of longer responses.
     */
    public static List<TokenSequence> referenceSequences(List<TokenPair> pairs, PreferenceLoss loss) {
        return TokenWeights.scored(pairs, loss.tailWeight());
    }

    @Override
    public TrainablePolicy model() {
        return policy;
    }

    @Override
    public void check(TokenPair example) {
        super.check(example);
        scoredTokens(example.chosen());
        scoredTokens(example.rejected());
        PairBatches.checkMargin(example, loss.needsMargin(), loss.name());
        SettingException.require(
                !loss.batchWise() || example.weight() == 1,
                "weight",
                example.weight(),
                "1: loss '" + loss.name() + "' compares the pairs of a batch");
    }

    @Override
    public boolean batchWise() {
        return loss.batchWise();
    }

    @Override
    public String description() {
        return loss.name() + ", beta " + loss.beta();
    }

    @Override
    public Stateful state(List<TokenPair> examples) {
        return loss.needsReference() && reference instanceof ReferencePolicy remembering
                ? remembering.state(referenceSequences(examples, loss))
                : Stateful.none();
    }

    @Override
    SequenceValues values(List<TokenSequence> sequences, boolean differentiable) {
        return readsTokens() || tokenMetrics
                ? SequenceValues.of(
                        (TokenPolicy) policy,
                        new TokenWeights(sequences, loss.tailWeight()),
                        differentiable,
                        tokenMetrics || loss.needsAligned())
                : SequenceValues.of(policy, sequences, differentiable);
    }

    @Override
    LossValues loss(PreferenceInputs inputs) {
        return evaluator.evaluate(inputs);
    }

    @Override
    PreferenceInputs inputs(List<TokenPair> batch, SequenceValues said) {
        int pairs = batch.size();
        List<TokenSequence> sequences = PairBatches.sequences(batch);
        double[] referenceSums = loss.needsReference()
                ? new TokenWeights(sequences, loss.tailWeight()).sums(reference)
                : new double[2 * pairs];
        double[] chosenTokens = new double[pairs];
        double[] rejectedTokens = new double[pairs];
        for (int i = 0; i < pairs; i++) {
            chosenTokens[i] = scoredTokens(batch.get(i).chosen());
            rejectedTokens[i] = scoredTokens(batch.get(i).rejected());
        }
        double[] aligned = loss.needsAligned()
                ? TokenMetrics.aligned(sequences, said.tokens().orElseThrow())
                : new double[0];
        return new PreferenceInputs(
                PairBatches.chosen(said.values()),
                PairBatches.rejected(said.values()),
                PairBatches.chosen(referenceSums),
                PairBatches.rejected(referenceSums),
                chosenTokens,
                rejectedTokens,
                PairBatches.margins(batch, loss.needsMargin(), loss.name()),
                PairBatches.weights(batch),
                PairBatches.chosen(aligned),
                PairBatches.rejected(aligned));
    }

    private static int scoredTokens(TokenSequence sequence) {
        SettingException.require(
                sequence.responseLength() > 0, "pair", sequence, "responses of at least one scored token");
        return sequence.responseLength();
    }

    @Override
    double[] margins(PreferenceInputs inputs) {
        double[] margins = new double[inputs.policyChosen().length];
        Arrays.setAll(margins, i -> chosenReward(inputs, i) - rejectedReward(inputs, i));
        return margins;
    }

    private double chosenReward(PreferenceInputs inputs, int pair) {
        return loss.beta() * (inputs.policyChosen()[pair] - inputs.referenceChosen()[pair]);
    }

    private double rejectedReward(PreferenceInputs inputs, int pair) {
        return loss.beta() * (inputs.policyRejected()[pair] - inputs.referenceRejected()[pair]);
    }

    @Override
    Metrics metrics(List<TokenPair> batch, PreferenceInputs inputs, SequenceValues said, LossValues values) {
        Metrics metrics = new Metrics();
        double[] unweighted = said.tokens()
                .map(tokens -> TokenWeights.none(PairBatches.sequences(batch)).sums(tokens.logProbabilities()))
                .orElse(said.values());
        for (int i = 0; i < batch.size(); i++) {
            double chosen = chosenReward(inputs, i);
            double rejected = rejectedReward(inputs, i);
            metrics.addMean(MetricNames.LOSS, values.perPair()[i] * inputs.weight()[i], 1);
            metrics.addMean(MetricNames.REWARDS_CHOSEN, chosen, 1);
            metrics.addMean(MetricNames.REWARDS_REJECTED, rejected, 1);
            metrics.addMean(MetricNames.REWARDS_MARGINS, chosen - rejected, 1);
            metrics.addMean(MetricNames.REWARDS_ACCURACIES, chosen > rejected ? 1 : 0, 1);
            metrics.addMean(MetricNames.LOGPS_CHOSEN, inputs.policyChosen()[i], 1);
            metrics.addMean(MetricNames.LOGPS_REJECTED, inputs.policyRejected()[i], 1);
            metrics.addMean(MetricNames.LOGPS_MARGINS, inputs.policyChosen()[i] - inputs.policyRejected()[i], 1);
            double tokens = inputs.chosenTokens()[i];
            metrics.addMean(MetricNames.NLL_LOSS, -unweighted[i] / tokens, tokens);
            metrics.addSum(
                    MetricNames.NUM_TOKENS,
                    batch.get(i).chosen().length() + batch.get(i).rejected().length());
        }
        if (tokenMetrics) {
            int pairs = batch.size();
            TokenMetrics.add(
                    metrics,
                    PairBatches.sequences(batch),
                    sequence -> sequence < pairs,
                    true,
                    said.tokens().orElseThrow());
        }
        return metrics;
    }
}
