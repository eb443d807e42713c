package org.preferencelearning.core.loss;

/**
 * The numbers of a batch of pairs for a reward loss, one entry per pair; see {@link RewardBatch} for their meaning.
 *
 * @param weight factor of each pair's loss
 */
public record RewardInputs(double[] chosen, double[] rejected, double[] margin, double[] weight) {}
