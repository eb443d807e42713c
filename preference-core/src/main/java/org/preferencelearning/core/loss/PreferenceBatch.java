package org.preferencelearning.core.loss;

import org.nd4j.autodiff.samediff.SDVariable;

/**
 * What a {@link PreferenceLoss} is computed from: one double-precision SameDiff vector per quantity, of one entry per
 * pair.
 *
 * @param policyChosen log pi(chosen | prompt), summed over response tokens, in nats; those beyond the length of the pair's
 *     shorter response times {@link PreferenceLoss#tailWeight}, here and in the other sums
 * @param policyRejected log pi(rejected | prompt)
 * @param referenceChosen log pi_ref(chosen | prompt)
 * @param referenceRejected log pi_ref(rejected | prompt)
 * @param chosenTokens number of scored tokens of the chosen response, at least 1
 * @param rejectedTokens number of scored tokens of the rejected response, at least 1
 * @param margin annotator's reward of chosen minus that of rejected; 0 where unknown
 * @param chosenAligned mean over the chosen response's tokens of {@code log pi(token) - log sum pi(v)^2}, over the vocabulary's v,
 *     as a constant; 0 unless the loss says that it reads it
 * @param rejectedAligned the same of the rejected response
 */
public record PreferenceBatch(
        SDVariable policyChosen,
        SDVariable policyRejected,
        SDVariable referenceChosen,
        SDVariable referenceRejected,
        SDVariable chosenTokens,
        SDVariable rejectedTokens,
        SDVariable margin,
        SDVariable chosenAligned,
        SDVariable rejectedAligned) {

    /** {@code lw - rw}. */
    public SDVariable chosenLogRatio() {
        return policyChosen.sub(referenceChosen);
    }

    /** {@code ll - rl}. */
    public SDVariable rejectedLogRatio() {
        return policyRejected.sub(referenceRejected);
    }

    /** {@code h}: how much more the policy prefers chosen to rejected than the reference does. */
    public SDVariable logRatioMargin() {
        return chosenLogRatio().sub(rejectedLogRatio());
    }
}
