package org.preferencelearning.core.loss;

/**
 * A loss and its derivatives over a batch. The arrays belong to the receiver.
 *
 * @param perPair unweighted loss of each pair
 * @param chosenGradient derivative of the weighted sum of losses by the first quantity (policy log-probability or reward
 *     of chosen)
 * @param rejectedGradient the same for rejected
 */
public record LossValues(double[] perPair, double[] chosenGradient, double[] rejectedGradient) {}
