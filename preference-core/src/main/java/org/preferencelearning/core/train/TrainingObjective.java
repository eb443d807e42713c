package org.preferencelearning.core.train;

import java.util.List;
import org.preferencelearning.core.model.Trainable;

/**
 * What training makes small: a weighted mean of losses over examples.
 *
 * @param <E> one example
 */
public interface TrainingObjective<E> {
    /** The model that is trained. */
    Trainable model();

    /** What an example counts in the mean; 1 for pairs, the number of scored tokens for language modelling. */
    double weight(E example);

    /** Tokens of an example's longest sequence; examples of similar length are evaluated together. */
    int length(E example);

    /**
     * Adds the gradient of {@code scale} times the sum of losses to the model's gradients.
     *
     * @return the batch's metrics
     */
    Metrics accumulate(List<E> batch, double scale);

    /** The batch's metrics without any gradient. */
    Metrics evaluate(List<E> batch);
}
