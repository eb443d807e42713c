package org.preferencelearning.testkit;

import org.nd4j.autodiff.samediff.SDVariable;
import org.preferencelearning.core.loss.PreferenceBatch;
import org.preferencelearning.core.loss.PreferenceLoss;

/** A loss with its sign forgotten. */
record Negated(PreferenceLoss loss) implements PreferenceLoss {
    @Override
    public String name() {
        return "negated";
    }

    @Override
    public double beta() {
        return loss.beta();
    }

    @Override
    public SDVariable perPair(PreferenceBatch batch) {
        return loss.perPair(batch).neg();
    }
}
