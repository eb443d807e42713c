package org.preferencelearning.experiments.run;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.preferencelearning.experiments.study.Cell;
import org.preferencelearning.experiments.study.Measurements;
import org.preferencelearning.experiments.task.Progress;
import org.preferencelearning.experiments.task.StoppedException;
import org.preferencelearning.experiments.task.Task;
import org.preferencelearning.experiments.task.TaskKey;
import org.preferencelearning.experiments.task.TaskKeys;
import org.preferencelearning.gpt2.model.Computing;

/**
 * One run of a study's tasks: which are finished, which are needed, and which results are open. Nothing is computed that no
 * unfinished cell needs.
 */
final class Execution implements RunningTask.Host, AutoCloseable {
    private final Optional<RunDirectory> directory;
    private final Saving saving;
    private final Progress progress;
    private final BooleanSupplier stop;
    private final TaskKeys keys = new TaskKeys();
    /** Tasks whose results are kept in the directory. */
    private final Map<TaskKey, Boolean> finished = new HashMap<>();
    /** Tasks that must be computed. */
    private final Map<TaskKey, Task<?>> needed = new LinkedHashMap<>();
    /** Those among them whose results are there and are not what was written. */
    private final List<Task<?>> damaged = new ArrayList<>();
    /** For each task, how many unfinished ones still need its result. */
    private final Map<TaskKey, Integer> users = new HashMap<>();
    /** Results that are open. */
    private final Map<TaskKey, Object> open = new LinkedHashMap<>();

    Execution(Optional<RunDirectory> directory, Saving saving, Progress progress, BooleanSupplier stop) {
        this.directory = directory;
        this.saving = saving;
        this.progress = progress;
        this.stop = stop;
    }

    /** Every cell's measurements, in order. */
    List<Measurements> results(String study, List<Cell> cells) {
        begin(study, cells);
        runSmall(cells);
        return collect(cells, progress);
    }

    /** Finds what must be computed, and what can be known to be wrong before that. */
    void begin(String study, List<Cell> cells) {
        Set<TaskKey> visited = new HashSet<>();
        cells.forEach(cell -> findDamaged(cell.task(), visited));
        cells.forEach(cell -> need(cell.task()));
        damaged.forEach(this::need);
        progress.run(study, cells.size(), needed.size());
        needed.values().forEach(task -> task.check(RunningTask.unkept(task, this)));
    }

    /** Every cell's measurements, in order; what is not there is computed. {@code told} hears of each. */
    List<Measurements> collect(List<Cell> cells, Progress told) {
        List<Measurements> results = new ArrayList<>();
        for (Cell cell : cells) {
            results.add(result(cell.task()));
            release(cell.task());
            told.cell(cell.id().toString(), results.size(), cells.size());
        }
        for (Task<?> task : damaged) {
            result(task);
            release(task);
        }
        return results;
    }

    /** Tasks that must be computed and are kept: each needs only results of waves before its own. */
    List<List<Task<?>>> waves() {
        Map<TaskKey, Integer> depths = new HashMap<>();
        List<List<Task<?>>> waves = new ArrayList<>();
        needed.forEach((key, task) -> {
            int depth = depth(task, depths);
            if (task.codec().keeps()) {
                while (waves.size() < depth) {
                    waves.add(new ArrayList<>());
                }
                waves.get(depth - 1).add(task);
            }
        });
        return waves;
    }

    /** How many kept tasks stand one on the other, this one the last, that must be computed. */
    private int depth(Task<?> task, Map<TaskKey, Integer> known) {
        TaskKey key = key(task);
        if (isFinished(key)) {
            return 0;
        }
        Integer depth = known.get(key);
        if (depth == null) {
            int below = 0;
            for (Task<?> input : task.inputs()) {
                below = Math.max(below, depth(input, known));
            }
            depth = task.codec().keeps() ? below + 1 : below;
            known.put(key, depth);
        }
        return depth;
    }

    /** Another process has computed the task and published its result. */
    void published(Task<?> task) {
        finished.put(key(task), true);
    }

    /** Tasks whose results are there and not what was written: they are computed again even if no cell needs them. */
    private void findDamaged(Task<?> task, Set<TaskKey> visited) {
        TaskKey key = key(task);
        if (directory.isEmpty() || !visited.add(key)) {
            return;
        }
        task.inputs().forEach(input -> findDamaged(input, visited));
        if (directory.get().holds(key) && !isFinished(key)) {
            damaged.add(task);
        }
    }

    /** Counts who needs what, down to the tasks that are finished. */
    private void need(Task<?> task) {
        TaskKey key = key(task);
        if (users.merge(key, 1, Integer::sum) > 1 || isFinished(key)) {
            return;
        }
        needed.put(key, task);
        task.inputs().forEach(this::need);
    }

    boolean isFinished(TaskKey key) {
        return finished.computeIfAbsent(
                key, k -> directory.map(kept -> kept.isFinished(k)).orElse(false));
    }

    /** Runs the cells that are small and need nothing on all processors. */
    private void runSmall(List<Cell> cells) {
        Map<TaskKey, Task<Measurements>> small = new LinkedHashMap<>();
        for (Cell cell : cells) {
            TaskKey key = key(cell.task());
            if (cell.task().small() && cell.task().inputs().isEmpty() && !isFinished(key)) {
                small.putIfAbsent(key, cell.task());
            }
        }
        if (small.isEmpty()) {
            return;
        }
        progress.begin("small cells", small.size());
        long[] done = {0};
        Computing computing = Computing.standard(); // of this thread; others take part
        small.entrySet().parallelStream().forEach(entry -> {
            stopIfAsked();
            Measurements result =
                    computing.during(() -> entry.getValue().run(RunningTask.unkept(entry.getValue(), this)));
            synchronized (this) {
                keep(entry.getValue(), entry.getKey(), result, List.of());
                progress.task(entry.getKey().folder(), entry.getValue().label());
                progress.taskDone(entry.getKey().folder());
                progress.step(++done[0], "");
            }
        });
        progress.end("");
    }

    /** A task's result: open, read, or computed after what it needs. */
    @Override
    public <A> A result(Task<A> task) {
        TaskKey key = key(task);
        if (!open.containsKey(key)) {
            if (isFinished(key)) {
                open.put(key, directory.orElseThrow().read(task, key));
            } else {
                compute(task, key);
            }
        }
        @SuppressWarnings("unchecked") // equal keys are equal tasks
        A result = (A) requireNonNull(open.get(key), "result");
        return result;
    }

    private <A> void compute(Task<A> task, TaskKey key) {
        stopIfAsked();
        // depth first, so that nothing else is half done while a task waits for its inputs
        task.inputs().forEach(input -> {
            if (!isFinished(key(input))) {
                result(input);
            }
        });
        progress.task(key.folder(), task.label());
        if (directory.isPresent() && task.codec().keeps()) {
            WorkFolder work = directory.get().workFolder(key, saving);
            A result = task.run(new RunningTask(task, this, work, work::record));
            keep(task, key, result, work.metrics());
        } else {
            keep(task, key, task.run(RunningTask.unkept(task, this)), List.of());
        }
        progress.taskDone(key.folder());
        if (task.codec().keeps()) {
            task.inputs().forEach(this::release);
        }
    }

    private <A> void keep(Task<A> task, TaskKey key, A result, List<String> metrics) {
        open.put(key, result);
        if (directory.isPresent() && task.codec().keeps()) {
            directory.get().publish(task, key, keys.describe(task), result, metrics);
            finished.put(key, true);
        }
    }

    /** One that needed the result is done; after the last it is closed. */
    private void release(Task<?> task) {
        TaskKey key = key(task);
        if (users.merge(key, -1, Integer::sum) == 0) {
            boolean computed = open.containsKey(key);
            close(open.remove(key));
            if (computed && !task.codec().keeps()) {
                // a result that is not kept may borrow from its inputs
                task.inputs().forEach(this::release);
            }
        }
    }

    @Override
    public TaskKey key(Task<?> task) {
        return keys.of(task);
    }

    @Override
    public Progress progress() {
        return progress;
    }

    @Override
    public boolean stopAsked() {
        return stop.getAsBoolean();
    }

    @Override
    public void stopIfAsked() {
        if (stop.getAsBoolean()) {
            long kept = finished.values().stream().filter(is -> is).count();
            throw new StoppedException(directory
                    .map(place -> "stopped as asked: " + kept + " finished tasks are in " + place.root()
                            + (place.holdsStates() ? ", and so is the state of the one at work" : "")
                            + "; resume it to go on")
                    .orElse("stopped as asked; the run was not kept in a directory"));
        }
    }

    static void close(Object result) {
        if (result instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException("a result cannot be closed", e);
            }
        }
    }

    @Override
    public void close() {
        open.values().forEach(Execution::close);
        open.clear();
        directory.ifPresent(RunDirectory::close);
    }
}
