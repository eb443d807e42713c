package org.preferencelearning.experiments.run;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.preferencelearning.core.internal.runtime.NativeRuntime;
import org.preferencelearning.experiments.result.CellResult;
import org.preferencelearning.experiments.result.Provenance;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.study.Cell;
import org.preferencelearning.experiments.study.Measurements;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.task.Progress;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.preferencelearning.gpt2.model.ComputeDevice;
import org.preferencelearning.gpt2.model.Computing;

/**
 * Runs a study on this machine, a cell after the other, each after the tasks it needs; small tasks run on all processors. A
 * task that several cells need is run once, and its result stays open until the last of them is done.
 */
public final class LocalRunner implements StudyRunner {
    private final Optional<Path> directory;
    private final Saving saving;
    private final Progress progress;
    private final BooleanSupplier stop;
    private final UnaryOperator<Computing> computing;

    LocalRunner(Optional<Path> directory) {
        this(directory, Saving.standard(), Progress.none(), () -> false, UnaryOperator.identity());
    }

    private LocalRunner(
            Optional<Path> directory,
            Saving saving,
            Progress progress,
            BooleanSupplier stop,
            UnaryOperator<Computing> computing) {
        this.directory = directory;
        this.saving = saving;
        this.progress = progress;
        this.stop = stop;
        this.computing = computing;
    }

    /** The same runner saving the state of what is at work at other times; without a directory nothing is saved. */
    public LocalRunner saving(Saving saving) {
        return new LocalRunner(directory, saving, progress, stop, computing);
    }

    /** The same runner telling {@code progress} how far it is. */
    public LocalRunner progress(Progress progress) {
        return new LocalRunner(directory, saving, progress, stop, computing);
    }

    /**
     * The same runner, ending with a {@link org.preferencelearning.experiments.task.StoppedException} after the step at which
     * {@code stop} says so, its state saved.
     */
    public LocalRunner stopWhen(BooleanSupplier stop) {
        return new LocalRunner(directory, saving, progress, stop, computing);
    }

    /**
     * The same runner, whose models compute on {@code device}. A run that was begun on one device is finished on another with
     * results that are equal up to rounding; the run keeps which.
     *
     * @throws org.preferencelearning.core.error.DeviceException when it runs, if the device is not there
     */
    public LocalRunner device(ComputeDevice device) {
        return computing(before -> before.withDevice(device));
    }

    /**
     * The same runner, whose models multiply in {@code precision}. A run is finished in the precision in which it was begun.
     *
     * @throws org.preferencelearning.core.error.SettingException when it runs, if the device does not have it
     */
    public LocalRunner precision(MatrixPrecision precision) {
        return computing(before -> before.withPrecision(precision));
    }

    private LocalRunner computing(UnaryOperator<Computing> change) {
        return new LocalRunner(directory, saving, progress, stop, before -> change.apply(computing.apply(before)));
    }

    @Override
    public StudyResult run(Study study) {
        return computing.apply(Computing.standard()).during(() -> compute(study));
    }

    private StudyResult compute(Study study) {
        NativeRuntime.prepare();
        FileContents contents = new FileContents(progress);
        List<Cell> cells = study.cells(contents);
        Provenance provenance = CurrentProvenance.get();
        try (Execution execution = directory.isPresent()
                ? new Execution(
                        Optional.of(RunDirectory.open(directory.get(), study, contents.found(), provenance)),
                        saving,
                        progress,
                        stop)
                : new Execution(Optional.empty(), saving, progress, stop)) {
            List<Measurements> measured = execution.results(study.name(), cells);
            List<CellResult> results = new ArrayList<>();
            for (int i = 0; i < cells.size(); i++) {
                results.add(new CellResult(cells.get(i).id(), measured.get(i)));
            }
            return new StudyResult(study, results, provenance);
        }
    }
}
