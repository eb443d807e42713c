package org.preferencelearning.core.loss;

import org.nd4j.autodiff.samediff.SDVariable;

/** A loss over responses that are wanted or not, of which no two need answer one prompt; one SameDiff expression. */
public interface UnpairedLoss {
    /** The field's name for it. */
    String name();

    /** Scale of the implicit reward {@code beta * log(pi / pi_ref)}, above 0. */
    double beta();

    /**
     * One loss per response.
     *
     * @return a vector with one entry per response
     */
    SDVariable perResponse(UnpairedBatch batch);

    /** Whether the loss reads mismatched responses; they are evaluated only then. */
    default boolean needsMismatched() {
        return true;
    }

    /** Whether the loss reads the mean log-ratio; it is 0 otherwise. */
    default boolean needsMeanLogRatio() {
        return false;
    }
}
