package org.preferencelearning.experiments.study;

import org.nd4j.autodiff.samediff.SDVariable;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.loss.PreferenceBatch;
import org.preferencelearning.core.loss.PreferenceLoss;
import org.preferencelearning.core.loss.PreferenceLosses;

/**
 * A loss of the catalogue, which is written down by its name.
 *
 * @param name one of {@link PreferenceLosses#names()}
 * @param beta scale of the implicit reward, above 0
 */
public record CatalogueLoss(String name, double beta) implements PreferenceLoss {
    public CatalogueLoss {
        PreferenceLosses.named(name, beta);
    }

    private PreferenceLoss loss() {
        return PreferenceLosses.named(name, beta);
    }

    @Override
    public SDVariable perPair(PreferenceBatch batch) {
        return loss().perPair(batch);
    }

    @Override
    public boolean needsMargin() {
        return loss().needsMargin();
    }

    @Override
    public boolean needsReference() {
        return loss().needsReference();
    }

    /**
     * The same loss with another beta, for methods that hold any loss.
     *
     * @throws SettingException if the loss is not of the catalogue: its record holds beta
     */
    public static PreferenceLoss withBeta(PreferenceLoss loss, double beta) {
        if (loss instanceof CatalogueLoss known) {
            return new CatalogueLoss(known.name, beta);
        }
        throw new SettingException("beta", beta, "not set here for " + loss + ", which has a beta of its own");
    }
}
