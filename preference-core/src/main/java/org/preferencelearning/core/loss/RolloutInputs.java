package org.preferencelearning.core.loss;

/**
 * The numbers of a batch of sampled responses, one entry per response; see {@link RolloutBatch} for their meaning.
 *
 * @param weight factor of each response's loss
 */
public record RolloutInputs(
        double[] policy, double[] behaviour, double[] advantage, double[] tokens, double[] weight) {}
