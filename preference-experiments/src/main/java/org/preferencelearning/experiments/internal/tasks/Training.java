package org.preferencelearning.experiments.internal.tasks;

import java.util.List;
import java.util.Locale;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.state.StateReader;
import org.preferencelearning.core.state.StateWriter;
import org.preferencelearning.core.state.Stateful;
import org.preferencelearning.core.train.MetricNames;
import org.preferencelearning.core.train.StepReport;
import org.preferencelearning.core.train.TrainingObjective;
import org.preferencelearning.core.train.TrainingRun;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.experiments.task.TaskContext;
import org.preferencelearning.gpt2.weights.StateFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A task's training: goes on from the task's newest state, records each step's metrics, saves when it is due or the run is
 * asked to stop, and tells how far it is.
 */
public final class Training {
    private static final Logger LOG = LoggerFactory.getLogger(Training.class);
    private static final String STATE = "training";

    private final TaskContext context;
    private final String name;
    private final RandomSource random;

    private Training(TaskContext context, String name, RandomSource random) {
        this.context = context;
        this.name = name;
        this.random = random;
    }

    /**
     * A training that has not begun.
     *
     * @param name of it, for the progress
     * @param random gives the order of examples
     */
    public static Training of(TaskContext context, String name, RandomSource random) {
        return new Training(context, name, random);
    }

    /** Hears of each step, and keeps what it heard in the training's states. */
    public interface Observer extends Stateful {
        /** A step is done. */
        void onStep(StepReport report);

        /** Hears and keeps nothing. */
        static Observer none() {
            return new Observer() {
                @Override
                public void onStep(StepReport report) {}

                @Override
                public void save(StateWriter writer) {}

                @Override
                public void load(StateReader reader) {}
            };
        }
    }

    /** Trains to the end. */
    public <E> void run(TrainingObjective<E> objective, List<E> examples, TrainingSettings settings) {
        run(objective, examples, settings, Observer.none());
    }

    /**
     * Trains to the end with an observer.
     *
     * @return wall time of the training in seconds, of every process that worked on it
     */
    public <E> double run(
            TrainingObjective<E> objective, List<E> examples, TrainingSettings settings, Observer observer) {
        SettingException.require(
                !examples.isEmpty(),
                "dataset",
                "no pair that fits",
                "at least one pair of at most the tokenization's maxLength tokens");
        try (TrainingRun<E> run = TrainingRun.start(objective, examples, settings, random)) {
            Stateful state = new Both(run, observer);
            context.checkpoints().restore(folder -> StateFolder.read(folder.resolve(STATE), state));
            if (run.stepsMade() > 0) {
                LOG.info("{} goes on after update {} of {}", name, run.stepsMade(), run.totalSteps());
            }
            context.progress().begin(name, run.totalSteps());
            StepReport last = null;
            while (!run.done()) {
                last = run.step();
                context.record(last.step(), last.metrics());
                observer.onStep(last);
                context.progress().step(last.step(), loss(last));
                if (context.checkpoints().due() || context.stopAsked()) {
                    context.checkpoints().save(folder -> StateFolder.write(folder.resolve(STATE), state));
                    context.stopIfAsked();
                }
            }
            context.progress().end(last == null ? "" : loss(last));
            return run.seconds();
        }
    }

    /** A training and who hears of it. */
    private record Both(TrainingRun<?> run, Observer observer) implements Stateful {
        @Override
        public void save(StateWriter writer) {
            run.save(writer.child("training"));
            observer.save(writer.child("observer"));
        }

        @Override
        public void load(StateReader reader) {
            run.load(reader.child("training"));
            observer.load(reader.child("observer"));
        }
    }

    private static String loss(StepReport report) {
        return String.format(Locale.ROOT, "loss %.4f", report.metrics().get(MetricNames.LOSS));
    }
}
