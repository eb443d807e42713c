package org.preferencelearning.experiments.study;

import org.nd4j.autodiff.samediff.SDVariable;
import org.preferencelearning.core.loss.RewardBatch;
import org.preferencelearning.core.loss.RewardLoss;
import org.preferencelearning.core.loss.RewardLosses;

/** The Bradley-Terry loss of reward models, {@link RewardLosses#bradleyTerry}, as studies are written down with it. */
public record BradleyTerry() implements RewardLoss {
    @Override
    public String name() {
        return RewardLosses.bradleyTerry().name();
    }

    @Override
    public SDVariable perPair(RewardBatch batch) {
        return RewardLosses.bradleyTerry().perPair(batch);
    }
}
