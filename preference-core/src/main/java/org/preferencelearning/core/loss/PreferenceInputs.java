package org.preferencelearning.core.loss;

/**
 * The numbers of a batch of pairs, one entry per pair; see {@link PreferenceBatch} for their meaning.
 *
 * @param weight factor of each pair's loss
 * @param chosenAligned empty where it is not known: only losses that do not read it can be evaluated then
 * @param rejectedAligned likewise
 */
public record PreferenceInputs(
        double[] policyChosen,
        double[] policyRejected,
        double[] referenceChosen,
        double[] referenceRejected,
        double[] chosenTokens,
        double[] rejectedTokens,
        double[] margin,
        double[] weight,
        double[] chosenAligned,
        double[] rejectedAligned) {
    /** Without what a policy says of single tokens. */
    public PreferenceInputs(
            double[] policyChosen,
            double[] policyRejected,
            double[] referenceChosen,
            double[] referenceRejected,
            double[] chosenTokens,
            double[] rejectedTokens,
            double[] margin,
            double[] weight) {
        this(
                policyChosen,
                policyRejected,
                referenceChosen,
                referenceRejected,
                chosenTokens,
                rejectedTokens,
                margin,
                weight,
                new double[0],
                new double[0]);
    }
}
