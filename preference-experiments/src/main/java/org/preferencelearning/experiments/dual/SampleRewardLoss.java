package org.preferencelearning.experiments.dual;

import java.util.Arrays;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.loss.LossEvaluator;
import org.preferencelearning.core.loss.LossValues;
import org.preferencelearning.core.loss.RewardInputs;
import org.preferencelearning.core.loss.RewardLoss;
import org.preferencelearning.experiments.task.Described;

/**
 * A reward model, all weights trained, by any loss of rewards.
 *
 * @param loss one of this library's that is a record, or of your own; not one that reads a margin, as labels have none
 */
public record SampleRewardLoss(RewardLoss loss) implements DualTokenSampleMethod {
    public SampleRewardLoss {
        Described.require("loss", loss, RewardLoss.class);
        SettingException.require(!loss.needsMargin(), "loss", loss.name(), "a loss without margin: labels have none");
    }

    @Override
    public String label() {
        return "reward model " + loss.name();
    }

    @Override
    public boolean implicit() {
        return false;
    }

    @Override
    public Fit start(Population world) {
        LossEvaluator evaluator = LossEvaluator.of(loss);
        return new Fit() {
            @Override
            public double loss(PairSample pairs, double[][] scores) {
                return Arrays.stream(evaluate(pairs, scores).perPair())
                        .average()
                        .orElseThrow();
            }

            @Override
            public double[][] gradient(PairSample pairs, double[][] scores) {
                LossValues values = evaluate(pairs, scores);
                return pairs.collect(scores, values.chosenGradient(), values.rejectedGradient());
            }

            private LossValues evaluate(PairSample pairs, double[][] scores) {
                return evaluator.evaluate(new RewardInputs(
                        pairs.ofChosen(scores),
                        pairs.ofRejected(scores),
                        new double[pairs.size()],
                        SampleLoss.filled(pairs.size(), i -> 1.0 / pairs.size())));
            }
        };
    }
}
