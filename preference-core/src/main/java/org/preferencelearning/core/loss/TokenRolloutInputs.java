package org.preferencelearning.core.loss;

/**
 * The numbers of a batch of sampled responses, one entry per token; see {@link TokenRolloutBatch} for their meaning.
 *
 * @param weight factor of each token's loss
 */
public record TokenRolloutInputs(double[] policy, double[] behaviour, double[] advantage, double[] weight) {}
