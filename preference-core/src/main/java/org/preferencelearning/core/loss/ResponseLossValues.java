package org.preferencelearning.core.loss;

/**
 * A loss of single responses, or tokens, and its derivative over a batch. The arrays belong to the receiver.
 *
 * @param perResponse unweighted loss of each response or token
 * @param gradient derivative of the weighted sum of losses by the policy's log-probability of each
 */
public record ResponseLossValues(double[] perResponse, double[] gradient) {}
