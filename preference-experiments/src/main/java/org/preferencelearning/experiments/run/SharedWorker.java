package org.preferencelearning.experiments.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.internal.io.Problems;
import org.preferencelearning.core.internal.runtime.NativeRuntime;
import org.preferencelearning.experiments.study.Cell;
import org.preferencelearning.experiments.task.PartedTask;
import org.preferencelearning.experiments.task.Progress;
import org.preferencelearning.experiments.task.StoppedException;
import org.preferencelearning.experiments.task.Task;
import org.preferencelearning.experiments.task.TaskKey;
import org.preferencelearning.experiments.task.TaskKeys;

/**
 * Computes tasks of a {@link SharedRun} in this process: reads what they need from the run directory, and publishes there. Of
 * several attempts at one task, in whatever processes, the first that publishes counts. Models serve one thread at a time, so
 * one task at a time is computed here, but for small ones; what the tasks of a wave share is opened once.
 */
public final class SharedWorker {
    private static final long POLL_MILLIS = 50;

    /** Held by the task that is computed. */
    private static final ReentrantLock LOCK = new ReentrantLock();

    private static final Set<String> LED_HERE = ConcurrentHashMap.newKeySet();

    private static @Nullable SharedWorker current;
    /** Whose results are open. Guarded by the lock. */
    private static @Nullable SharedWorker opener;

    private final WorkOrder order;
    private final Path root;
    private final TaskKeys keys = new TaskKeys();
    private final Map<String, Task<?>> tasks = new HashMap<>();
    /** Cells of which many may be computed at once. */
    private final Set<String> smallCells = new HashSet<>();
    /** Results that are open, those last that need the ones before. Guarded by the lock. */
    private final Map<TaskKey, Object> open = new LinkedHashMap<>();

    /** What became of an attempt. */
    public enum Outcome {
        /** It computed the task, and its result stands. */
        PUBLISHED,
        /** The result was there when it began. */
        FOUND,
        /** It computed the task, and another attempt was faster, whose result stands. */
        LATE
    }

    private SharedWorker(WorkOrder order, Path own) {
        this.order = order;
        if (order.store() == null) {
            root = Path.of(order.directory());
        } else {
            root = own.toAbsolutePath().normalize().resolve("run-" + order.run());
            RunDirectory.prepareForAttempts(root, order.store());
        }
        RunContents run = RunContents.of(root);
        if (!LED_HERE.contains(order.run())) {
            requireSameFacts();
            requireSameFiles(run);
        }
        for (Cell cell : run.cells()) {
            collect(cell.task());
            if (cell.task().small() && cell.task().inputs().isEmpty()) {
                smallCells.add(keys.of(cell.task()).folder());
            }
        }
    }

    /**
     * Computes a task, unless its result is there.
     *
     * @param attempt tells this attempt at the task from all others, in characters that names of files may have
     * @param own a folder of this process, where it may keep copies of what a {@link RunStore} holds
     * @param stop whether to save a state and stop
     * @throws StoppedException if it stopped
     * @throws RunDirectoryException if the directory cannot be read or written; another attempt may succeed
     * @throws org.preferencelearning.core.error.PreferenceException if something is wrong that another attempt would find too
     */
    public static Outcome work(WorkOrder order, SharedTask task, String attempt, Path own, BooleanSupplier stop) {
        NativeRuntime.prepare();
        return order.computing().during(() -> of(order, own).compute(task, attempt, stop));
    }

    private static synchronized SharedWorker of(WorkOrder order, Path own) {
        if (current == null || !current.order.run().equals(order.run())) {
            current = new SharedWorker(order, own);
        }
        return current;
    }

    /** A run that this process leads: its files and what it computes with are the run's. */
    static void ledHere(String run) {
        LED_HERE.add(run);
    }

    /** Closes what is open of a run that has ended here. */
    static void forget(String run) {
        LED_HERE.remove(run);
        if (LOCK.tryLock()) {
            try {
                if (opener != null && opener.order.run().equals(run)) {
                    opener.closeAllBut(List.of());
                    opener.deleteCopy(opener.root);
                    opener = null;
                }
            } finally {
                LOCK.unlock();
            }
        }
        synchronized (SharedWorker.class) {
            if (current != null && current.order.run().equals(run)) {
                current = null;
            }
        }
    }

    private void requireSameFacts() {
        Map<String, String> here = CurrentProvenance.ofBits(CurrentProvenance.get());
        order.facts().forEach((name, value) -> {
            String setting = name.equals(CurrentProvenance.THREADS) ? CurrentProvenance.THREADS_VARIABLE : name;
            SettingException.require(
                    value.equals(here.get(name)),
                    setting,
                    here.get(name) + " where " + place() + " computes",
                    value + ", as where the study was started: bits depend on it");
        });
    }

    /** Files that lie elsewhere here, or are of another day, would be silently another study. */
    private void requireSameFiles(RunContents run) {
        FileContents contents = new FileContents(Progress.none());
        run.study().cells(contents);
        Map<String, String> found = new TreeMap<>(contents.found());
        new TreeMap<>(run.manifest().contents())
                .forEach((name, hash) -> SettingException.require(
                        hash.equals(found.get(name)),
                        name,
                        "SHA-256 " + found.get(name) + " where " + place() + " computes",
                        hash + ", that of the run"));
    }

    private static String place() {
        return "process " + ProcessHandle.current().pid();
    }

    private void collect(Task<?> task) {
        if (tasks.putIfAbsent(keys.of(task).folder(), task) == null) {
            task.inputs().forEach(this::collect);
        }
    }

    private TaskKey key(Task<?> task) {
        synchronized (keys) {
            return keys.of(task);
        }
    }

    private Outcome compute(SharedTask given, String attempt, BooleanSupplier stop) {
        Task<?> task = tasks.get(given.id());
        if (task == null) {
            throw new RunDirectoryException(root, "its study has no task " + given.id());
        }
        RunDirectory directory = RunDirectory.ofAttempt(root, attempt, Optional.ofNullable(order.store()));
        if (directory.holds(key(task))) {
            return Outcome.FOUND;
        }
        if (smallCells.contains(given.id())) {
            return new Attempt(directory, stop).small(task);
        }
        lock(stop);
        try {
            if (opener != this) {
                if (opener != null) {
                    opener.closeAllBut(List.of());
                }
                opener = this;
            }
            Attempt attempts = new Attempt(directory, stop);
            return given.part() == SharedTask.WHOLE
                    ? attempts.compute(task)
                    : attempts.part((PartedTask<?, ?>) task, given.part());
        } finally {
            closeAllBut(given.shared());
            LOCK.unlock();
        }
    }

    /** Where the processes exchange folders through a store, which has it. */
    private void deleteCopy(Path folder) {
        if (order.store() != null) {
            try {
                SealedFolder.delete(folder);
            } catch (IOException e) {
                throw new RunDirectoryException(folder, "cannot be deleted: " + Problems.words(e), e);
            }
        }
    }

    private static void lock(BooleanSupplier stop) {
        try {
            while (!LOCK.tryLock(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                stopIfAsked(stop);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoppedException("stopped while it waited for another task of its process");
        }
    }

    private static void stopIfAsked(BooleanSupplier stop) {
        if (stop.getAsBoolean()) {
            throw new StoppedException("stopped as asked; the newest state is in the run directory");
        }
    }

    private void closeAllBut(List<String> shared) {
        // what needs others was opened after them
        List<TaskKey> newest = new ArrayList<>(open.keySet());
        Collections.reverse(newest);
        for (TaskKey key : newest) {
            if (!shared.contains(key.folder())) {
                Execution.close(open.remove(key));
                deleteCopy(RunDirectory.finished(root, key));
            }
        }
    }

    /** One attempt at a task. */
    private final class Attempt implements RunningTask.Host {
        private final RunDirectory directory;
        private final BooleanSupplier stop;

        Attempt(RunDirectory directory, BooleanSupplier stop) {
            this.directory = directory;
            this.stop = stop;
        }

        <A> Outcome small(Task<A> task) {
            stopIfAsked();
            A result = task.run(RunningTask.unkept(task, this));
            return publish(task, result, List.of());
        }

        <A> Outcome compute(Task<A> task) {
            stopIfAsked();
            WorkFolder work = directory.workFolder(key(task), order.saving());
            A result = task.run(new RunningTask(task, this, work, work::record));
            try {
                return publish(task, result, work.metrics());
            } finally {
                Execution.close(result);
            }
        }

        <P> Outcome part(PartedTask<?, P> task, int part) {
            stopIfAsked();
            WorkFolder work = directory.workFolder(key(task), order.saving());
            if (work.holdsPart(part)) {
                return Outcome.FOUND;
            }
            P result = task.part(RunningTask.unkept(task, this), part);
            return work.keepPartIfFirst(part, result, task.partCodec()) ? Outcome.PUBLISHED : Outcome.LATE;
        }

        private <A> Outcome publish(Task<A> task, A result, List<String> metrics) {
            byte[] description;
            synchronized (keys) {
                description = keys.describe(task);
            }
            return directory.publishIfFirst(task, key(task), description, result, metrics)
                    ? Outcome.PUBLISHED
                    : Outcome.LATE;
        }

        @Override
        public TaskKey key(Task<?> task) {
            return SharedWorker.this.key(task);
        }

        @Override
        public <B> B result(Task<B> task) {
            TaskKey key = key(task);
            if (!open.containsKey(key)) {
                B found = task.codec().keeps()
                        ? directory.readWhole(task, key)
                        : task.run(RunningTask.unkept(task, this));
                open.put(key, found);
            }
            @SuppressWarnings("unchecked") // equal keys are equal tasks
            B result = (B) open.get(key);
            return result;
        }

        @Override
        public Progress progress() {
            return Progress.none();
        }

        @Override
        public boolean stopAsked() {
            return stop.getAsBoolean();
        }

        @Override
        public void stopIfAsked() {
            SharedWorker.stopIfAsked(stop);
        }
    }
}
