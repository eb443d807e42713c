package org.preferencelearning.core.train;

/**
 * What pairs say of a model, without any gradient.
 *
 * @param metrics over all pairs
 * @param margins of each pair, in order: reward, or implicit reward, of the chosen response less that of the rejected
 */
public record PairEvaluation(Metrics metrics, double[] margins) {
    /** Mean loss. */
    public double loss() {
        return metrics.value(MetricNames.LOSS);
    }

    /** Share of pairs whose margin is above 0. */
    public double accuracy() {
        int right = 0;
        for (double margin : margins) {
            right += margin > 0 ? 1 : 0;
        }
        return right / (double) margins.length;
    }
}
