package org.preferencelearning.core.loss;

import org.nd4j.autodiff.samediff.SDVariable;

/**
 * A loss over preference pairs, written as one SameDiff expression.
 *
 * <p>To add one, implement {@link #perPair} and prove it with {@code PreferenceLossContract} of the test kit.
 */
public interface PreferenceLoss {
    /** The field's name for it, as used on command lines and in tables. */
    String name();

    /** Scale of the implicit reward {@code beta * log(pi / pi_ref)}, above 0; also used to report rewards. */
    double beta();

    /**
     * One loss per pair.
     *
     * @param batch the quantities of the pairs
     * @return a vector with one entry per pair
     */
    SDVariable perPair(PreferenceBatch batch);

    /** Whether the loss reads the margin, so that pairs without one are refused. */
    default boolean needsMargin() {
        return false;
    }

    /** Whether the loss reads the reference policy. */
    default boolean needsReference() {
        return true;
    }

    /**
     * Whether a pair's loss depends on the other pairs of its batch, so that batches are not evaluated in parts and pairs not
     * weighted.
     */
    default boolean batchWise() {
        return false;
    }

    /**
     * What the log-probability of a token beyond the length of the pair's shorter response counts in every sum that the loss
     * reads, 0 to 1; below 1 it takes a policy that tells tokens apart.
     */
    default double tailWeight() {
        return 1;
    }

    /** Whether the loss reads the aligned log-probabilities, which take a policy that tells tokens apart. */
    default boolean needsAligned() {
        return false;
    }
}
