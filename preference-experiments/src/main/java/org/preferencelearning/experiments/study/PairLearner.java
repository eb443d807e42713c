package org.preferencelearning.experiments.study;

import java.util.List;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.train.Metrics;
import org.preferencelearning.core.train.PairEvaluation;
import org.preferencelearning.core.train.TrainingObjective;

/**
 * What learns from pairs, and how it ranks them.
 *
 * @param objective what training makes small
 * @param ranking margins of pairs, above 0 where the chosen response is ranked higher
 */
public record PairLearner(TrainingObjective<TokenPair> objective, Ranking ranking) {
    /** Ranks pairs. */
    @FunctionalInterface
    public interface Ranking {
        /** Each pair's margin, in order. */
        double[] margins(List<TokenPair> pairs);
    }

    /**
     * What pairs say of it.
     *
     * @param pairs at least one
     * @param batchSize pairs evaluated at once
     */
    public PairEvaluation evaluate(List<TokenPair> pairs, int batchSize) {
        Metrics metrics = new Metrics();
        double[] margins = new double[pairs.size()];
        for (int start = 0; start < margins.length; start += batchSize) {
            List<TokenPair> batch = pairs.subList(start, Math.min(margins.length, start + batchSize));
            metrics.addAll(objective.evaluate(batch));
            System.arraycopy(ranking.margins(batch), 0, margins, start, batch.size());
        }
        return new PairEvaluation(metrics, margins);
    }
}
