package org.preferencelearning.core.loss;

/**
 * The numbers of a batch of single responses, one entry per response; see {@link UnpairedBatch} for their meaning.
 *
 * @param weight factor of each response's loss
 */
public record UnpairedInputs(
        double[] policy,
        double[] reference,
        double[] desirable,
        double[] mismatchedPolicy,
        double[] mismatchedReference,
        double[] meanLogRatio,
        double[] weight) {}
