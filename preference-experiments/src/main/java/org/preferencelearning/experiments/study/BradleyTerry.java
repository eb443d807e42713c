package org.preferencelearning.experiments.study;

import org.nd4j.autodiff.samediff.SDVariable;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.loss.RewardBatch;
import org.preferencelearning.core.loss.RewardLoss;
import org.preferencelearning.core.loss.RewardLosses;

/**
 * The Bradley-Terry losses of reward models, as studies are written down with them.
 *
 * @param margin whether the annotator's margin is taken off the difference of rewards
 * @param centring coefficient of the squared sum of both rewards, which keeps them around 0; 0 for none, else 1e-12 to 1e6
 */
public record BradleyTerry(boolean margin, double centring) implements RewardLoss {
    public BradleyTerry {
        SettingException.require(
                centring == 0 || centring >= 1e-12 && centring <= 1e6, "centring", centring, "0, or 1e-12 to 1e6");
    }

    /** Without margin and centring. */
    public static BradleyTerry plain() {
        return new BradleyTerry(false, 0);
    }

    private RewardLoss loss() {
        RewardLoss loss = margin ? RewardLosses.bradleyTerryWithMargin() : RewardLosses.bradleyTerry();
        return centring == 0 ? loss : RewardLosses.centred(loss, centring);
    }

    @Override
    public String name() {
        return loss().name();
    }

    @Override
    public boolean needsMargin() {
        return margin;
    }

    @Override
    public SDVariable perPair(RewardBatch batch) {
        return loss().perPair(batch);
    }
}
