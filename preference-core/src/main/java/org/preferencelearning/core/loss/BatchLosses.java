package org.preferencelearning.core.loss;

import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Alignment by optimal transport: losses that compare the sorted values of a batch, so that a pair's loss depends on the whole
 * batch. Melnyk et al. 2024 (arXiv 2406.05882). A larger batch is another, better estimate; micro-batches would be compared among
 * themselves only, and are refused in training. Equal values are ranked in the batch's order.
 */
public final class BatchLosses {
    private BatchLosses() {}

    /**
     * AOT of pairs: cDPO on {@code b (p - q)}, where p is a pair's {@code lw - ll} and q the {@code rw - rl} of the same rank in
     * the batch. The loss is reported with the pair whose p it is of.
     *
     * @param noise share of wrong labels, 0 to below 0.5; the catalogue's {@code aot} has 0
     */
    public static PreferenceLoss aot(double beta, double noise) {
        NoisyLabelLosses.requireNoise(noise);
        return ExpressionLoss.of(ExpressionLoss.nameWith("aot", noise, 0), beta, b -> {
                    SDVariable policy = b.policyChosen().sub(b.policyRejected());
                    SDVariable reference = b.referenceChosen().sub(b.referenceRejected());
                    return NoisyLabelLosses.smoothed(
                            policy.sub(ofSameRank(reference, policy)).mul(beta), noise);
                })
                .comparingPairs();
    }

    /**
     * Unpaired AOT: cDPO on {@code b (hw - hl)}, where hl is of the same rank among the batch's rejected responses as hw among
     * its chosen ones. The loss is reported with the pair whose hw it is of; its slope by hl is that of another pair.
     *
     * @param noise share of wrong labels, 0 to below 0.5; the catalogue's {@code aot_unpaired} has 0
     */
    public static PreferenceLoss aotUnpaired(double beta, double noise) {
        NoisyLabelLosses.requireNoise(noise);
        return ExpressionLoss.of(ExpressionLoss.nameWith("aot_unpaired", noise, 0), beta, b -> {
                    SDVariable chosen = b.chosenLogRatio();
                    return NoisyLabelLosses.smoothed(
                            chosen.sub(ofSameRank(b.rejectedLogRatio(), chosen)).mul(beta), noise);
                })
                .comparingPairs();
    }

    /** For each entry of {@code ranked}, the entry of {@code values} of the same rank. */
    private static SDVariable ofSameRank(SDVariable values, SDVariable ranked) {
        SameDiff graph = values.getSameDiff();
        SDVariable sameRank = graph.eq(column(rank(ranked)), row(rank(values))).castTo(DataType.DOUBLE);
        // Not a matrix product, whose gradient ND4J cannot compute for a batch of one.
        return sameRank.mul(row(values)).sum(1);
    }

    /** How many entries come before each in the sorted vector. */
    private static SDVariable rank(SDVariable x) {
        SameDiff graph = x.getSameDiff();
        SDVariable fixed = LossMath.stopGradient(x);
        // Equal to themselves: ones, of which ND4J's own operation logs a warning each time.
        SDVariable ones = graph.eq(fixed, fixed).castTo(DataType.DOUBLE);
        SDVariable index = graph.cumsum(ones, true, false, 0);
        SDVariable less = graph.lt(row(fixed), column(fixed)).castTo(DataType.DOUBLE);
        SDVariable equal = graph.eq(row(fixed), column(fixed)).castTo(DataType.DOUBLE);
        SDVariable before = graph.lt(row(index), column(index)).castTo(DataType.DOUBLE);
        return less.add(equal.mul(before)).sum(1);
    }

    private static SDVariable row(SDVariable x) {
        return x.getSameDiff().expandDims(x, 0);
    }

    private static SDVariable column(SDVariable x) {
        return x.getSameDiff().expandDims(x, 1);
    }
}
