package org.preferencelearning.core.train;

import com.google.common.collect.Lists;
import java.util.List;
import org.preferencelearning.core.random.RandomSource;

/** Training from beginning to end, and measuring without training; {@link TrainingRun} trains an update at a time. */
public final class Trainer {
    private Trainer() {}

    /**
     * Trains {@code objective}'s model.
     *
     * @param examples at least one
     * @param random whose stream {@code order} gives the order of the examples; nothing is drawn from it
     * @return the report of the last step
     * @throws org.preferencelearning.core.error.PreferenceException for what {@link TrainingRun#start} and
     *     {@link TrainingRun#step} refuse
     */
    public static <E> StepReport train(
            TrainingObjective<E> objective,
            List<E> examples,
            TrainingSettings settings,
            RandomSource random,
            TrainingListener listener) {
        try (TrainingRun<E> run = TrainingRun.start(objective, examples, settings, random)) {
            StepReport report;
            do {
                report = run.step();
                listener.onStep(report);
            } while (!run.done());
            return report;
        }
    }

    /** Metrics over {@code examples} without training, {@code batchSize} at a time. */
    public static <E> Metrics evaluate(TrainingObjective<E> objective, List<E> examples, int batchSize) {
        Metrics metrics = new Metrics();
        for (List<E> batch : Lists.partition(examples, batchSize)) {
            metrics.addAll(objective.evaluate(batch));
        }
        return metrics;
    }
}
