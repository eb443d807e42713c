package org.preferencelearning.core.loss;

import org.nd4j.autodiff.samediff.SDVariable;

/** A loss over sampled responses and their advantages, written as one SameDiff expression. */
public interface RolloutLoss {
    /** The field's name for it. */
    String name();

    /**
     * One loss per response.
     *
     * @return a vector with one entry per response
     */
    SDVariable perResponse(RolloutBatch batch);
}
