package org.preferencelearning.experiments.run;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.preferencelearning.core.internal.runtime.NativeRuntime;
import org.preferencelearning.experiments.result.CellResult;
import org.preferencelearning.experiments.result.Provenance;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.study.Cell;
import org.preferencelearning.experiments.study.Measurements;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.task.PartedTask;
import org.preferencelearning.experiments.task.Progress;
import org.preferencelearning.experiments.task.Task;
import org.preferencelearning.experiments.task.TaskKey;
import org.preferencelearning.gpt2.model.Computing;

/**
 * A study's run whose tasks other processes compute, in a folder that all of them share: the side that leads. For runners on
 * engines of one's own; {@link SharedWorker} is the other side. Who leads holds the directory's lock, says which tasks may be
 * computed side by side, and hears of each that is published. Not thread-safe.
 */
public final class SharedRun implements AutoCloseable {
    private final Study study;
    private final List<Cell> cells;
    private final Provenance provenance;
    private final RunDirectory directory;
    private final Execution execution;
    private final Progress progress;
    private final WorkOrder order;
    /** Tasks and parts that were handed out, by id. */
    private final Map<String, Unit> handedOut = new HashMap<>();
    /** Cells whose results are not there yet, by their tasks. */
    private final Map<TaskKey, List<Cell>> waiting = new LinkedHashMap<>();

    private int cellsDone;

    private SharedRun(
            Study study,
            List<Cell> cells,
            Provenance provenance,
            RunDirectory directory,
            Execution execution,
            Progress progress,
            WorkOrder order) {
        this.study = study;
        this.cells = cells;
        this.provenance = provenance;
        this.directory = directory;
        this.execution = execution;
        this.progress = progress;
        this.order = order;
    }

    /**
     * Opens a directory, absent, empty, or a run of the same study, which is gone on with. Models compute, wherever they do, as is
     * {@linkplain Computing#standard() standard} now.
     *
     * @param facts what is to stand in the manifest beside, or in place of, what this process computes with: who computes, and
     *     with how many threads
     * @param saving when the processes save their tasks' states
     * @param stop whether to stop, where this process computes something itself
     * @throws RunDirectoryException if it holds something else, is in use, or cannot be written
     * @throws org.preferencelearning.core.error.PreferenceException if a task finds its settings wrong
     */
    public static SharedRun open(
            Study study,
            Path directory,
            Map<String, String> facts,
            Saving saving,
            Progress progress,
            BooleanSupplier stop) {
        return open(study, directory, Optional.empty(), facts, saving, progress, stop);
    }

    /**
     * As {@link #open(Study, Path, Map, Saving, Progress, BooleanSupplier)}, for processes that do not see the directory.
     *
     * @param directory of this process alone; all that the store holds of the run is copied here, and the other way round
     * @param store through which the processes exchange folders, if they do: empty, absent, or a copy of the same study's run
     */
    public static SharedRun open(
            Study study,
            Path directory,
            Optional<RunStore> store,
            Map<String, String> facts,
            Saving saving,
            Progress progress,
            BooleanSupplier stop) {
        NativeRuntime.prepare();
        FileContents contents = new FileContents(progress);
        List<Cell> cells = study.cells(contents);
        Computing computing = Computing.standard();
        Map<String, String> all = new LinkedHashMap<>(CurrentProvenance.get().facts());
        all.putAll(facts);
        Provenance provenance = new Provenance(all);
        Path root = directory.toAbsolutePath().normalize();
        RunDirectory opened = RunDirectory.open(root, study, contents.found(), provenance, store);
        Execution execution = new Execution(Optional.of(opened), saving, progress, stop);
        WorkOrder order = new WorkOrder(
                root.toString(),
                UUID.randomUUID().toString(),
                computing.device().toString(),
                computing.precision().name(),
                CurrentProvenance.ofBits(provenance),
                saving.least(),
                saving.states(),
                store.orElse(null));
        SharedRun run = new SharedRun(study, cells, provenance, opened, execution, progress, order);
        try {
            execution.begin(study.name(), cells);
        } catch (RuntimeException e) {
            execution.close();
            throw e;
        }
        SharedWorker.ledHere(order.run());
        run.tellFoundCells();
        return run;
    }

    private void tellFoundCells() {
        for (Cell cell : cells) {
            TaskKey key = execution.key(cell.task());
            if (execution.isFinished(key)) {
                tell(cell);
            } else {
                waiting.computeIfAbsent(key, k -> new ArrayList<>()).add(cell);
            }
        }
    }

    private void tell(Cell cell) {
        cellsDone++;
        progress.cell(cell.id().toString(), cellsDone, cells.size());
    }

    /** What the processes must know. */
    public WorkOrder order() {
        return order;
    }

    /**
     * What must be computed: the tasks of a wave side by side, once all of the waves before it are published. Empty if all is
     * there.
     */
    public List<List<SharedTask>> waves() {
        List<List<SharedTask>> waves = new ArrayList<>();
        for (List<Task<?>> tasks : execution.waves()) {
            List<Unit> first = new ArrayList<>();
            List<Unit> joins = new ArrayList<>();
            for (Task<?> task : tasks) {
                Unit whole = new Unit(task, SharedTask.WHOLE, "");
                List<Unit> parts = parts(task);
                first.addAll(parts.isEmpty() ? List.of(whole) : parts);
                if (!parts.isEmpty()) {
                    joins.add(whole);
                }
            }
            waves.add(wave(first));
            if (!joins.isEmpty()) {
                waves.add(wave(joins));
            }
        }
        return waves;
    }

    /** What is computed by one process. */
    private record Unit(Task<?> task, int part, String suffix) {
        String id(TaskKey key) {
            return part == SharedTask.WHOLE ? key.folder() : key.folder() + " " + part;
        }
    }

    /** The parts of a task that are not there yet; none if it has only one, or all are there. */
    private List<Unit> parts(Task<?> task) {
        if (!(task instanceof PartedTask<?, ?> parted)) {
            return List.of();
        }
        int count = parted.parts(RunningTask.unkept(task, execution));
        WorkFolder work = directory.workFolder(execution.key(task), Saving.standard());
        return count == 1
                ? List.of()
                : IntStream.range(0, count)
                        .filter(part -> !work.holdsPart(part))
                        .mapToObj(part -> new Unit(task, part, ", part " + (part + 1) + " of " + count))
                        .toList();
    }

    private List<SharedTask> wave(List<Unit> units) {
        Map<TaskKey, Integer> users = new HashMap<>();
        List<Set<TaskKey>> inputs = new ArrayList<>();
        for (Unit unit : units) {
            Set<TaskKey> needed = new LinkedHashSet<>();
            unit.task().inputs().forEach(input -> addOpened(input, needed));
            needed.forEach(key -> users.merge(key, 1, Integer::sum));
            inputs.add(needed);
        }
        List<SharedTask> wave = new ArrayList<>();
        for (int i = 0; i < units.size(); i++) {
            Unit unit = units.get(i);
            TaskKey key = execution.key(unit.task());
            List<String> shared = inputs.get(i).stream()
                    .filter(input -> users.getOrDefault(input, 0) > 1)
                    .map(TaskKey::folder)
                    .toList();
            wave.add(new SharedTask(
                    key.folder(), key.kind(), unit.part(), unit.task().label() + unit.suffix(), shared));
            handedOut.put(unit.id(key), unit);
        }
        return wave;
    }

    /** What is opened for a task that needs {@code input}: it, and what it is made of where it is not kept. */
    private void addOpened(Task<?> input, Set<TaskKey> opened) {
        if (opened.add(execution.key(input)) && !input.codec().keeps()) {
            input.inputs().forEach(one -> addOpened(one, opened));
        }
    }

    /**
     * A task was published: its events are told, with the metrics that it recorded. Further calls for the same task do nothing.
     *
     * @return whether this was the first call
     * @throws RunDirectoryException if it is not there, or is not what was written
     */
    public boolean published(SharedTask task) {
        Unit unit = handedOut.remove(task.part() == SharedTask.WHOLE ? task.id() : task.id() + " " + task.part());
        if (unit == null) {
            return false;
        }
        Task<?> known = unit.task();
        TaskKey key = execution.key(known);
        boolean whole = unit.part() == SharedTask.WHOLE;
        if (whole) {
            directory.bring(key);
        }
        boolean there = whole
                ? directory.isFinished(key)
                : directory.workFolder(key, Saving.standard()).holdsPart(unit.part());
        if (!there) {
            throw new RunDirectoryException(
                    RunDirectory.finished(directory.root(), key),
                    "was computed and is not there: is the folder one that all processes share?");
        }
        if (!whole) {
            return true;
        }
        execution.published(known);
        progress.task(key.folder(), known.label());
        FinishedRun.steps(directory.root(), key)
                .orElse(List.of())
                .forEach(step -> progress.metrics(key.folder(), step.step(), step.metrics()));
        progress.taskDone(key.folder());
        List<Cell> done = waiting.remove(key);
        if (done != null) {
            done.forEach(this::tell);
        }
        return true;
    }

    /** Every cell's measurements; what no other process has computed is computed here. */
    public StudyResult result() {
        List<Measurements> measured = execution.collect(cells, Progress.none());
        // cells whose tasks are not kept were computed just now
        waiting.values().forEach(left -> left.forEach(this::tell));
        waiting.clear();
        List<CellResult> results = new ArrayList<>();
        for (int i = 0; i < cells.size(); i++) {
            results.add(new CellResult(cells.get(i).id(), measured.get(i)));
        }
        return new StudyResult(study, results, provenance);
    }

    /** Closes what is open here, deletes what attempts left, and lets others in. */
    @Override
    public void close() {
        SharedWorker.forget(order.run());
        directory.deleteLeftovers();
        execution.close();
    }
}
