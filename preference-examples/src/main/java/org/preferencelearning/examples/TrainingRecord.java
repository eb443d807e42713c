package org.preferencelearning.examples;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.nd4j.linalg.api.ops.impl.reduce.longer.MatchCondition;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.conditions.Conditions;
import org.preferencelearning.core.internal.io.AtomicFiles;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.MetricNames;
import org.preferencelearning.core.train.StepReport;
import org.preferencelearning.core.train.Trainer;
import org.preferencelearning.core.train.TrainingException;
import org.preferencelearning.core.train.TrainingObjective;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.experiments.run.ConsoleProgress;
import org.preferencelearning.experiments.task.StoppedException;
import org.preferencelearning.experiments.tensorboard.EventFile;
import org.preferencelearning.experiments.tensorboard.TensorBoardProgress;

/**
 * What a command tells of its training.
 *
 * @param steps updates
 * @param warmupSteps of them, with a rising rate
 * @param moved whether any weight changed
 * @param last metrics of the last update
 */
record TrainingRecord(long steps, double warmupSteps, boolean moved, Map<String, Double> last) {
    /**
     * Trains.
     *
     * @param metrics file for those of every update, replaced at the end
     * @param tensorboard folder for the same for TensorBoard
     *
     * @throws StoppedException after an update, where a signal asked for it
     * @throws TrainingException if a weight is not finite at the end, so that the model is not worth saving
     */
    static <E> TrainingRecord of(
            String name,
            TrainingObjective<E> objective,
            List<E> examples,
            TrainingSettings settings,
            RandomSource random,
            Optional<Path> metrics,
            Optional<Path> tensorboard,
            ConsoleProgress progress,
            Output output) {
        progress.begin(name, settings.totalSteps(examples.size()));
        StringBuilder lines = new StringBuilder();
        Optional<EventFile> events = tensorboard.map(folder -> EventFile.in(folder, Clock.systemUTC()));
        BooleanSupplier stop = StopSignal.install();
        long updates = settings.totalSteps(examples.size());
        StepReport last;
        try {
            last = Trainer.train(objective, examples, settings, random, report -> {
                lines.append(Output.line(line(report))).append('\n');
                events.ifPresent(file -> file.add(report.step(), TensorBoardProgress.named(report.metrics())));
                progress.step(report.step(), loss(report));
                if (stop.getAsBoolean() && report.step() < updates) {
                    throw new StoppedException("stopped as asked after update " + report.step() + " of " + updates
                            + "; the model is not saved"
                            + metrics.map(file -> ", the metrics so far are in " + file)
                                    .orElse(""));
                }
            });
        } finally {
            // of a training that failed too
            events.ifPresent(EventFile::close);
            metrics.ifPresent(file -> AtomicFiles.write(file, lines.toString().getBytes(StandardCharsets.UTF_8)));
        }
        progress.end(loss(last));
        objective.model().parameters().trained().forEach(TrainingRecord::requireFinite);
        if (last.unmoved()) {
            output.warning("no weight changed in " + last.step() + " updates at a learning rate of at most "
                    + settings.learningRate() + ": the trained model is the one that it started from");
        }
        return new TrainingRecord(last.step(), settings.warmupSteps(), !last.unmoved(), last.metrics());
    }

    private static Map<String, Object> line(StepReport report) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("step", report.step());
        line.putAll(report.metrics());
        return line;
    }

    private static String loss(StepReport report) {
        return String.format(Locale.ROOT, "loss %.4f", report.metrics().get(MetricNames.LOSS));
    }

    private static void requireFinite(Parameter parameter) {
        MatchCondition count = new MatchCondition(parameter.value(), Conditions.notFinite());
        if (Nd4j.getExecutioner().exec(count).getLong(0) > 0) {
            throw new TrainingException(
                    "after the last update, weights of '" + parameter.name() + "' are not finite; nothing is saved");
        }
    }
}
