package org.preferencelearning.examples.own;

import static org.preferencelearning.experiments.dsl.Studies.dpo;

import org.nd4j.autodiff.samediff.SDVariable;
import org.preferencelearning.core.loss.LossMath;
import org.preferencelearning.core.loss.PreferenceBatch;
import org.preferencelearning.core.loss.PreferenceLoss;
import org.preferencelearning.experiments.datasize.DataSizeStudy;
import org.preferencelearning.experiments.result.ResultTable;
import org.preferencelearning.experiments.run.Runners;

/** A loss of one's own beside DPO, and a sweep over its setting. */
public final class OwnLoss {
    /** DPO whose margin saturates: {@code -log sigmoid(beta cap tanh(h / cap))}, so that no pair is pushed for ever. */
    public record SaturatingDpo(double beta, double cap) implements PreferenceLoss {
        @Override
        public String name() {
            return "saturating " + cap;
        }

        @Override
        public SDVariable perPair(PreferenceBatch pairs) {
            SDVariable h = pairs.logRatioMargin();
            SDVariable bounded = h.getSameDiff().math().tanh(h.div(cap)).mul(cap);
            return LossMath.logSigmoid(bounded.mul(beta)).neg();
        }
    }

    private OwnLoss() {}

    /** The study. */
    public static DataSizeStudy study() {
        return TinyStudies.pairs(
                "own loss", dpo(), dpo().loss(new SaturatingDpo(0.1, 0.5)), dpo().loss(new SaturatingDpo(0.1, 20)));
    }

    /** Runs it. */
    public static void main(String[] args) {
        System.out.println(ResultTable.of(Runners.inMemory().run(study())));
    }
}
