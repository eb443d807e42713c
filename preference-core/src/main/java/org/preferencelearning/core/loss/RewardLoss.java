package org.preferencelearning.core.loss;

import org.nd4j.autodiff.samediff.SDVariable;

/** A loss for reward models over preference pairs, written as one SameDiff expression. */
public interface RewardLoss {
    /** The field's name for it. */
    String name();

    /** One loss per pair. */
    SDVariable perPair(RewardBatch batch);

    /** Whether the loss reads the margin, so that pairs without one are refused. */
    default boolean needsMargin() {
        return false;
    }
}
