package org.preferencelearning.spark;

import static java.util.Objects.requireNonNull;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.apache.spark.SparkContext;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.run.RunStore;
import org.preferencelearning.experiments.run.Saving;
import org.preferencelearning.experiments.run.SharedRun;
import org.preferencelearning.experiments.run.SharedTask;
import org.preferencelearning.experiments.run.StudyRunner;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.task.Progress;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.preferencelearning.gpt2.model.ComputeDevice;
import org.preferencelearning.gpt2.model.Computing;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a study on the executors of a Spark application, in waves: the tasks that need nothing of each other side by side, each
 * one a Spark task. Executors read what a task needs from the run directory and publish its result there, so that a run may be
 * begun by one runner and finished by another. Attempts that Spark repeats, or makes twice on purpose, never count twice.
 */
public final class SparkRunner implements StudyRunner {
    private static final Logger LOG = LoggerFactory.getLogger(SparkRunner.class);

    private final SparkContext context;
    /** Null if the driver's copy is of no further use. */
    private final @Nullable Path directory;

    private final Optional<RunStore> store;
    private final Saving saving;
    private final Progress progress;
    private final BooleanSupplier stop;
    private final UnaryOperator<Computing> computing;

    SparkRunner(SparkContext context, @Nullable Path directory) {
        this(
                requireNonNull(context, "context"),
                directory,
                Optional.empty(),
                Saving.standard(),
                Progress.none(),
                () -> false,
                UnaryOperator.identity());
    }

    private SparkRunner(
            SparkContext context,
            @Nullable Path directory,
            Optional<RunStore> store,
            Saving saving,
            Progress progress,
            BooleanSupplier stop,
            UnaryOperator<Computing> computing) {
        this.context = context;
        this.directory = directory;
        this.store = store;
        this.saving = saving;
        this.progress = progress;
        this.stop = stop;
        this.computing = computing;
    }

    /** The same runner saving the states of tasks at work at other times. */
    public SparkRunner saving(Saving saving) {
        return new SparkRunner(context, directory, store, saving, progress, stop, computing);
    }

    /**
     * The same runner telling {@code progress} how far it is: waves as parts, and of each task, once it is done, that it began,
     * the metrics that it recorded, and that it is done.
     */
    public SparkRunner progress(Progress progress) {
        return new SparkRunner(context, directory, store, saving, progress, stop, computing);
    }

    /**
     * The same runner, ending with a {@link org.preferencelearning.experiments.task.StoppedException} when {@code stop} says so,
     * the states of the tasks at work saved.
     */
    public SparkRunner stopWhen(BooleanSupplier stop) {
        return new SparkRunner(context, directory, store, saving, progress, stop, computing);
    }

    /**
     * The same runner for executors that do not see its directory: they read what a task needs from {@code folder}, and publish
     * there. It holds the same run as the directory afterwards, and either of them, or both, may be gone on with.
     *
     * @param folder of any file system that Hadoop reads, as the context's configuration has it; absent, empty, or the run's
     * @throws SettingException naming a scheme that no file system is known for
     */
    public SparkRunner shared(URI folder) {
        RunStore there = HadoopStore.of(folder, context.hadoopConfiguration());
        return new SparkRunner(context, directory, Optional.of(there), saving, progress, stop, computing);
    }

    /** The same runner, whose executors' models compute on {@code device}, which each of them must have. */
    public SparkRunner device(ComputeDevice device) {
        return computing(before -> before.withDevice(device));
    }

    /** The same runner, whose models multiply in {@code precision}. A run is finished in the precision in which it was begun. */
    public SparkRunner precision(MatrixPrecision precision) {
        return computing(before -> before.withPrecision(precision));
    }

    private SparkRunner computing(UnaryOperator<Computing> change) {
        return new SparkRunner(
                context, directory, store, saving, progress, stop, before -> change.apply(computing.apply(before)));
    }

    /**
     * {@inheritDoc}
     *
     * @throws SparkRunException if a task fails on an executor, or Spark gives up
     */
    @Override
    public StudyResult run(Study study) {
        SettingException.require(!context.isStopped(), "context", "stopped", "one that runs");
        return computing
                .apply(Computing.standard())
                .during(() -> directory == null ? inPassing(study) : compute(study, directory));
    }

    /** With a copy of the run that the driver keeps for so long as it needs it. */
    private StudyResult inPassing(Study study) {
        try {
            Path copy = Files.createTempDirectory("preference-run-");
            try {
                return compute(study, copy);
            } finally {
                MoreFiles.deleteRecursively(copy, RecursiveDeleteOption.ALLOW_INSECURE);
            }
        } catch (IOException e) {
            throw new SparkRunException("no temporary folder for a copy of the run: " + e.getMessage(), e);
        }
    }

    private StudyResult compute(Study study, Path directory) {
        ClusterSettings.warn(context);
        if (!context.isLocal()) {
            PlannedMemory.of(study).ifPresent(bytes -> ClusterSettings.tooLittleMemory(context.conf(), bytes)
                    .ifPresent(LOG::warn));
        }
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("engine", "Apache Spark " + context.version());
        ClusterSettings.threads(context).ifPresent(threads -> facts.put("threads", threads));
        try (SharedRun run = SharedRun.open(study, directory, store, facts, saving, progress, stop)) {
            List<List<SharedTask>> waves = run.waves();
            for (int i = 0; i < waves.size(); i++) {
                compute(new Wave(context, run, waves.get(i), progress, stop), i + 1, waves.size());
            }
            return run.result();
        }
    }

    private void compute(Wave wave, int number, int waves) {
        try {
            wave.compute(number, waves);
        } catch (IllegalStateException e) {
            if (!context.isStopped()) {
                throw e;
            }
            throw SparkRunException.ended(context.master(), e);
        }
    }
}
