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
 */
public record UnpairedBatch(
        SDVariable policy,
        SDVariable reference,
        SDVariable desirable,
        SDVariable mismatchedPolicy,
        SDVariable mismatchedReference) {

    /** {@code log(pi / pi_ref)} of each response. */
    public SDVariable logRatio() {
        return policy.sub(reference);
    }
}
