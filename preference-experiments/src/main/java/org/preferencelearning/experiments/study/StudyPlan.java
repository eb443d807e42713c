package org.preferencelearning.experiments.study;

import java.util.Locale;
import org.preferencelearning.core.error.SettingException;

/**
 * What a study costs at most, before it starts: sequences are taken at their longest and no pair as left out.
 *
 * @param cells models that are trained
 * @param sampledTokens tokens that are drawn, prompts included
 * @param trainedTokens tokens that are differentiated, over all epochs
 * @param scoredTokens tokens that are scored by a policy or a reward model
 * @param flops floating-point operations of matrix products: 2 a parameter and token forward, 6 forward and backward
 * @param peakBytes memory at the worst time, native or of the GPU that computes
 * @param bfloat16PeakBytes the same where products are in bfloat16
 */
public record StudyPlan(
        int cells,
        double sampledTokens,
        double trainedTokens,
        double scoredTokens,
        double flops,
        long peakBytes,
        long bfloat16PeakBytes) {
    /** A plan; {@code parameters} are those of the model. */
    public static StudyPlan of(
            int cells,
            double sampledTokens,
            double trainedTokens,
            double scoredTokens,
            long parameters,
            long peakBytes,
            long bfloat16PeakBytes) {
        double flops = 2.0 * parameters * (sampledTokens + scoredTokens) + 6.0 * parameters * trainedTokens;
        return new StudyPlan(cells, sampledTokens, trainedTokens, scoredTokens, flops, peakBytes, bfloat16PeakBytes);
    }

    /**
     * How long it takes.
     *
     * @param flopsPerSecond speed of matrix products, measured ({@code preference bench}) or given; above 0
     */
    public double seconds(double flopsPerSecond) {
        return flops / SettingException.requirePositive("flopsPerSecond", flopsPerSecond);
    }

    /** The plan in words, with its time at a speed. */
    public String describe(double flopsPerSecond) {
        return String.format(
                Locale.ROOT,
                "at most: %d cells; %.3g tokens drawn, %.3g trained on, %.3g scored; %.3g floating-point operations;"
                        + " %.1f GB of native memory, or of a GPU's (%.1f GB with bfloat16); %.1f hours at %.0f GFLOP/s",
                cells,
                sampledTokens,
                trainedTokens,
                scoredTokens,
                flops,
                peakBytes / 1e9,
                bfloat16PeakBytes / 1e9,
                seconds(flopsPerSecond) / 3600,
                flopsPerSecond / 1e9);
    }
}
