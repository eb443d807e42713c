package org.preferencelearning.core.loss;

/**
 * A loss of single responses and its derivative over a batch. The arrays belong to the receiver.
 *
 * @param perResponse unweighted loss of each response
 * @param gradient derivative of the weighted sum of losses by the policy's log-probability of each response
 */
public record ResponseLossValues(double[] perResponse, double[] gradient) {}
