package org.preferencelearning.core.train;

import java.util.Arrays;
import java.util.List;
import org.preferencelearning.core.loss.LossEvaluator;
import org.preferencelearning.core.loss.ResponseLossValues;
import org.preferencelearning.core.loss.RolloutInputs;
import org.preferencelearning.core.loss.RolloutLoss;
import org.preferencelearning.core.model.ForwardPass;
import org.preferencelearning.core.model.TrainablePolicy;

/**
 * Trains a policy on sampled responses with a {@link RolloutLoss}: REINFORCE, and with the mean of a prompt's other responses as
 * baseline RLOO, PPO's clipped surrogate of whole responses, and others. Samples are drawn, and drawn anew, by the caller.
 */
public final class RolloutObjective extends SampledObjective {
    private final TrainablePolicy policy;
    private final LossEvaluator evaluator;

    /** @param policy what is trained; at first that which drew the responses, or whatever the loss's ratios allow */
    public RolloutObjective(TrainablePolicy policy, RolloutLoss loss) {
        super(loss.name());
        this.policy = policy;
        this.evaluator = LossEvaluator.of(loss);
    }

    @Override
    public TrainablePolicy model() {
        return policy;
    }

    @Override
    public double weight(ScoredRollout example) {
        return 1;
    }

    @Override
    public Metrics accumulate(List<ScoredRollout> batch, double scale) {
        ForwardPass pass = policy.forward(sequences(batch));
        double[] sums = pass.values();
        ResponseLossValues values = loss(batch, sums);
        pass.backward(
                Arrays.stream(values.gradient()).map(slope -> scale * slope).toArray());
        return metrics(batch, values);
    }

    @Override
    public Metrics evaluate(List<ScoredRollout> batch) {
        double[] sums = policy.logProbabilities(sequences(batch));
        return metrics(batch, loss(batch, sums));
    }

    private ResponseLossValues loss(List<ScoredRollout> batch, double[] sums) {
        double[] ones = new double[sums.length];
        Arrays.fill(ones, 1);
        return evaluator.evaluate(new RolloutInputs(
                sums,
                batch.stream().mapToDouble(ScoredRollout::behaviourSum).toArray(),
                batch.stream().mapToDouble(ScoredRollout::advantage).toArray(),
                batch.stream()
                        .mapToDouble(example -> example.sequence().responseLength())
                        .toArray(),
                ones));
    }

    private Metrics metrics(List<ScoredRollout> batch, ResponseLossValues values) {
        Metrics metrics = new Metrics();
        for (int i = 0; i < batch.size(); i++) {
            ScoredRollout example = batch.get(i);
            report(metrics, example, values.perResponse()[i]);
            reportClipped(metrics, example.advantage(), values.gradient()[i]);
        }
        return metrics;
    }
}
