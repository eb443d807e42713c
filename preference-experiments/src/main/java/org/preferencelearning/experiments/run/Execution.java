package org.preferencelearning.experiments.run;

import com.fasterxml.jackson.core.JsonProcessingException;
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
import org.preferencelearning.experiments.task.Checkpoints;
import org.preferencelearning.experiments.task.Progress;
import org.preferencelearning.experiments.task.StoppedException;
import org.preferencelearning.experiments.task.StudyMapper;
import org.preferencelearning.experiments.task.Task;
import org.preferencelearning.experiments.task.TaskContext;
import org.preferencelearning.experiments.task.TaskKey;
import org.preferencelearning.experiments.task.TaskKeys;

/**
 * One run of a study's tasks: which are finished, which are needed, and which results are open. Nothing is computed that no
 * unfinished cell needs.
 */
final class Execution implements AutoCloseable {
    private final Optional<RunDirectory> directory;
    private final Saving saving;
    private final Progress progress;
    private final BooleanSupplier stop;
    private final TaskKeys keys = new TaskKeys();
    /** Tasks whose results are kept in the directory. */
    private final Map<TaskKey, Boolean> finished = new HashMap<>();
    /** Tasks that must be computed. */
    private final Map<TaskKey, Task<?>> needed = new LinkedHashMap<>();
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
        List<Task<?>> damaged = new ArrayList<>();
        Set<TaskKey> visited = new HashSet<>();
        cells.forEach(cell -> findDamaged(cell.task(), visited, damaged));
        cells.forEach(cell -> need(cell.task()));
        damaged.forEach(this::need);
        progress.run(study, cells.size(), needed.size());
        needed.values().forEach(task -> task.check(new Context(task, Checkpoints.none(), line -> {})));
        runSmall(cells);
        List<Measurements> results = new ArrayList<>();
        for (Cell cell : cells) {
            results.add(result(cell.task()));
            release(cell.task());
            progress.cell(cell.id().toString(), results.size(), cells.size());
        }
        for (Task<?> task : damaged) {
            result(task);
            release(task);
        }
        return results;
    }

    /** Tasks whose results are there and not what was written: they are computed again even if no cell needs them. */
    private void findDamaged(Task<?> task, Set<TaskKey> visited, List<Task<?>> damaged) {
        TaskKey key = key(task);
        if (directory.isEmpty() || !visited.add(key)) {
            return;
        }
        task.inputs().forEach(input -> findDamaged(input, visited, damaged));
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

    private boolean isFinished(TaskKey key) {
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
        small.entrySet().parallelStream().forEach(entry -> {
            stopIfAsked();
            Measurements result = entry.getValue().run(new Context(entry.getValue(), Checkpoints.none(), line -> {}));
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
    private <A> A result(Task<A> task) {
        TaskKey key = key(task);
        if (!open.containsKey(key)) {
            if (isFinished(key)) {
                open.put(key, directory.orElseThrow().read(task, key));
            } else {
                compute(task, key);
            }
        }
        @SuppressWarnings("unchecked") // equal keys are equal tasks
        A result = (A) open.get(key);
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
            A result = task.run(new Context(task, work, work::record));
            keep(task, key, result, work.metrics());
        } else {
            keep(task, key, task.run(new Context(task, Checkpoints.none(), line -> {})), List.of());
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

    private TaskKey key(Task<?> task) {
        return keys.of(task);
    }

    private void stopIfAsked() {
        if (stop.getAsBoolean()) {
            long kept = finished.values().stream().filter(is -> is).count();
            throw new StoppedException(directory
                    .map(place -> "stopped as asked: " + kept + " finished tasks are in " + place.root()
                            + ", and so is the state of the one at work; resume it to go on")
                    .orElse("stopped as asked; the run was not kept in a directory"));
        }
    }

    private static void close(Object result) {
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

    /** Takes a line of metrics. */
    @FunctionalInterface
    private interface Lines {
        void add(String line);
    }

    private final class Context implements TaskContext {
        private final Task<?> task;
        private final Checkpoints checkpoints;
        private final Lines lines;

        Context(Task<?> task, Checkpoints checkpoints, Lines lines) {
            this.task = task;
            this.checkpoints = checkpoints;
            this.lines = lines;
        }

        @Override
        public <B> B get(Task<B> input) {
            TaskKey key = key(input);
            if (task.inputs().stream().noneMatch(own -> key(own).equals(key))) {
                throw new IllegalArgumentException(input.label() + " is no component of " + task.label());
            }
            return result(input);
        }

        @Override
        public void record(long step, Map<String, Double> metrics) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("step", step);
            line.putAll(metrics);
            try {
                lines.add(StudyMapper.line().writeValueAsString(line));
                progress.metrics(key(task).folder(), step, metrics);
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public Progress progress() {
            return progress;
        }

        @Override
        public Checkpoints checkpoints() {
            return checkpoints;
        }

        @Override
        public boolean stopAsked() {
            return stop.getAsBoolean();
        }

        @Override
        public void stopIfAsked() {
            Execution.this.stopIfAsked();
        }
    }
}
