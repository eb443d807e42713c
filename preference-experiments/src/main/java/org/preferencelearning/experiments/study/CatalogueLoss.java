package org.preferencelearning.experiments.study;

import org.nd4j.autodiff.samediff.SDVariable;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.loss.PreferenceBatch;
import org.preferencelearning.core.loss.PreferenceLoss;
import org.preferencelearning.core.loss.PreferenceLosses;

/**
 * A loss of the catalogue, which is written down by its name.
 *
 * @param name one of {@link PreferenceLosses#names()}, or with a setting as {@link PreferenceLosses#named} takes it
 * @param beta scale of the implicit reward, above 0
 */
public record CatalogueLoss(String name, double beta) implements PreferenceLoss {
    public CatalogueLoss {
        name = PreferenceLosses.named(name, beta).name();
    }

    /** A loss in the form that studies are written down with: one of the catalogue's by its name, others as they are. */
    public static PreferenceLoss written(PreferenceLoss loss) {
        boolean catalogues = loss.getClass().getPackage().equals(PreferenceLosses.class.getPackage())
                && PreferenceLosses.isNamed(loss.name());
        return catalogues ? new CatalogueLoss(loss.name(), loss.beta()) : loss;
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

    @Override
    public boolean batchWise() {
        return loss().batchWise();
    }

    @Override
    public double tailWeight() {
        return loss().tailWeight();
    }

    @Override
    public boolean needsAligned() {
        return loss().needsAligned();
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
