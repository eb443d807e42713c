package org.preferencelearning.experiments.run;

import java.util.List;
import java.util.Locale;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.MetricNames;
import org.preferencelearning.core.train.StepReport;
import org.preferencelearning.core.train.Trainer;
import org.preferencelearning.core.train.TrainingListener;
import org.preferencelearning.core.train.TrainingObjective;
import org.preferencelearning.core.train.TrainingSettings;

/** Training that tells a {@link Progress} how far it is. */
public record TrackedTrainer(Progress progress) {
    /**
     * Trains.
     *
     * @param name of this training, for the progress
     * @param random whose stream {@code order} gives the order of the examples
     * @throws SettingException if there is nothing to train on
     */
    public <E> void train(
            String name,
            TrainingObjective<E> objective,
            List<E> examples,
            TrainingSettings settings,
            RandomSource random) {
        train(name, objective, examples, settings, random, report -> {});
    }

    /** As {@link #train(String, TrainingObjective, List, TrainingSettings, RandomSource)}, with a listener of its own. */
    public <E> void train(
            String name,
            TrainingObjective<E> objective,
            List<E> examples,
            TrainingSettings settings,
            RandomSource random,
            TrainingListener listener) {
        SettingException.require(
                !examples.isEmpty(),
                "dataset",
                "no pair that fits",
                "at least one pair of at most the tokenization's maxLength tokens");
        progress.begin(name, settings.totalSteps(examples.size()));
        StepReport last = Trainer.train(objective, examples, settings, random, report -> {
            progress.step(report.step(), loss(report));
            listener.onStep(report);
        });
        progress.end(loss(last));
    }

    private static String loss(StepReport report) {
        return String.format(Locale.ROOT, "loss %.4f", report.metrics().get(MetricNames.LOSS));
    }
}
