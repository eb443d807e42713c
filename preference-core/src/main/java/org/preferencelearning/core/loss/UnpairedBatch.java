package org.preferencelearning.core.loss;

import org.nd4j.autodiff.samediff.SDVariable;

/**
 * What an {@link UnpairedLoss} is computed from: one double-precision SameDiff vector per quantity, of one entry per response.
 *
 * @param policy log pi(response | prompt), summed over response tokens, in nats
 * @param reference log pi_ref(response | prompt)
 * @param desirable 1 for a response that is wanted, 0 for one that is not
 * @param mismatchedPolicy log pi of another prompt's response to this prompt, from which the divergence is estimated
 * @param mismatchedReference log pi_ref of the same
 * @param meanLogRatio for every response the same: the mean of {@code log(pi / pi_ref)} of all responses trained on so far,
 *     each as it was then, those of this batch among them; a constant
 */
public record UnpairedBatch(
        SDVariable policy,
        SDVariable reference,
        SDVariable desirable,
        SDVariable mismatchedPolicy,
        SDVariable mismatchedReference,
        SDVariable meanLogRatio) {

    /** {@code log(pi / pi_ref)} of each response. */
    public SDVariable logRatio() {
        return policy.sub(reference);
    }
}
