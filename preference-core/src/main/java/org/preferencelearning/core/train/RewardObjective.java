package org.preferencelearning.core.train;

import java.util.Arrays;
import java.util.List;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.loss.LossEvaluator;
import org.preferencelearning.core.loss.LossValues;
import org.preferencelearning.core.loss.RewardInputs;
import org.preferencelearning.core.loss.RewardLoss;
import org.preferencelearning.core.model.TrainableRewardModel;

/** Trains a reward model on preference pairs with a {@link RewardLoss}. */
public final class RewardObjective extends PairObjective<RewardInputs> {
    private final TrainableRewardModel rewardModel;
    private final RewardLoss loss;
    private final LossEvaluator evaluator;

    public RewardObjective(TrainableRewardModel rewardModel, RewardLoss loss) {
        this.rewardModel = rewardModel;
        this.loss = loss;
        this.evaluator = LossEvaluator.of(loss);
    }

    @Override
    public TrainableRewardModel model() {
        return rewardModel;
    }

    @Override
    public void check(TokenPair example) {
        super.check(example);
        PairBatches.checkMargin(example, loss.needsMargin(), loss.name());
    }

    @Override
    public String description() {
        return loss.name();
    }

    @Override
    SequenceValues values(List<TokenSequence> sequences, boolean differentiable) {
        return differentiable
                ? SequenceValues.of(rewardModel.forward(sequences))
                : SequenceValues.of(rewardModel.rewards(sequences));
    }

    @Override
    LossValues loss(RewardInputs inputs) {
        return evaluator.evaluate(inputs);
    }

    @Override
    RewardInputs inputs(List<TokenPair> batch, SequenceValues rewards) {
        return new RewardInputs(
                PairBatches.chosen(rewards.values()),
                PairBatches.rejected(rewards.values()),
                PairBatches.margins(batch, loss.needsMargin(), loss.name()),
                PairBatches.weights(batch));
    }

    @Override
    double[] margins(RewardInputs inputs) {
        double[] margins = new double[inputs.chosen().length];
        Arrays.setAll(margins, i -> inputs.chosen()[i] - inputs.rejected()[i]);
        return margins;
    }

    @Override
    Metrics metrics(List<TokenPair> batch, RewardInputs inputs, SequenceValues said, LossValues values) {
        Metrics metrics = new Metrics();
        for (int i = 0; i < batch.size(); i++) {
            double chosen = inputs.chosen()[i];
            double rejected = inputs.rejected()[i];
            metrics.addMean(MetricNames.LOSS, values.perPair()[i] * inputs.weight()[i], 1);
            metrics.addMean(MetricNames.ACCURACY, chosen > rejected ? 1 : 0, 1);
            metrics.addMean(MetricNames.MARGIN, chosen - rejected, 1);
            metrics.addMean(MetricNames.MEAN_REWARD, (chosen + rejected) / 2, 1);
            metrics.addMin(MetricNames.MIN_REWARD, Math.min(chosen, rejected));
            metrics.addMax(MetricNames.MAX_REWARD, Math.max(chosen, rejected));
            metrics.addSum(
                    MetricNames.NUM_TOKENS,
                    batch.get(i).chosen().length() + batch.get(i).rejected().length());
        }
        return metrics;
    }
}
