package org.preferencelearning.core.model;

/**
 * One evaluation of a {@link Trainable} that can be differentiated. It borrows the model's buffers: at most one is open
 * at a time, and the next evaluation ends it.
 */
public interface ForwardPass {
    /** One number per sequence, in the order given; a fresh array. */
    double[] values();

    /**
     * Adds to the gradient of every trained parameter the sum over sequences of {@code upstream[i]} times the gradient of
     * value i.
     *
     * @param upstream derivative of the objective by each value, in order
     * @throws IllegalStateException if called twice, or after the model was evaluated again
     */
    void backward(double[] upstream);
}
