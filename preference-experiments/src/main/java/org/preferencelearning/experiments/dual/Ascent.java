package org.preferencelearning.experiments.dual;

import java.util.Locale;
import java.util.function.LongToDoubleFunction;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.train.AdamW;
import org.preferencelearning.core.train.LearningRateSchedule;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.experiments.task.TaskContext;

/** AdamW, without weight decay, in {@link Rounds}. */
final class Ascent {
    private final Rounds rounds;
    private final double learningRate;
    private final TaskContext context;

    /** @param learningRate at the beginning of each round */
    Ascent(Rounds rounds, double learningRate, TaskContext context) {
        this.rounds = rounds;
        this.learningRate = learningRate;
        this.context = context;
    }

    /**
     * Trains.
     *
     * @param gradient adds the gradient of what is minimised to that of the parameters
     * @param watched what must come to rest, by the updates made: asked at the start and after each round
     */
    End run(String label, ParameterStore parameters, Runnable gradient, LongToDoubleFunction watched) {
        double before = watched.applyAsDouble(0);
        context.progress().begin(label, (long) rounds.most() * rounds.updates());
        double moved = Double.POSITIVE_INFINITY;
        long updates = 0;
        try (AdamW optimiser = new AdamW(parameters, TrainingSettings.defaults().adam(), 0)) {
            while (updates < (long) rounds.most() * rounds.updates() && moved >= rounds.tolerance()) {
                for (int i = 0; i < rounds.updates(); i++) {
                    gradient.run();
                    optimiser.step(learningRate * LearningRateSchedule.COSINE.factor(i, 0, rounds.updates()));
                    updates++;
                }
                double now = watched.applyAsDouble(updates);
                moved = Math.abs(now - before);
                before = now;
                context.progress().step(updates, String.format(Locale.ROOT, "%.4f", now));
                context.stopIfAsked();
            }
        }
        context.progress().end("");
        return new End(updates, moved);
    }

    /**
     * How it ended.
     *
     * @param updates made
     * @param moved by the last round
     */
    record End(long updates, double moved) {}
}
