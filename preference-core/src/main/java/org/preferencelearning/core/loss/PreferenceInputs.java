package org.preferencelearning.core.loss;

/**
 * The numbers of a batch of pairs, one entry per pair; see {@link PreferenceBatch} for their meaning.
 *
 * @param weight factor of each pair's loss
 */
public record PreferenceInputs(
        double[] policyChosen,
        double[] policyRejected,
        double[] referenceChosen,
        double[] referenceRejected,
        double[] chosenTokens,
        double[] rejectedTokens,
        double[] margin,
        double[] weight) {}
