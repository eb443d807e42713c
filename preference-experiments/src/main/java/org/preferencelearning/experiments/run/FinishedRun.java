package org.preferencelearning.experiments.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.internal.io.JsonProblems;
import org.preferencelearning.experiments.result.CellResult;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.study.Cell;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.task.StudyMapper;
import org.preferencelearning.experiments.task.Task;
import org.preferencelearning.experiments.task.TaskKey;
import org.preferencelearning.experiments.task.TaskKeys;

/** A run directory whose cells are all there, to be read: without its data files, and without computing anything. */
public final class FinishedRun {
    private final Path directory;
    private final Manifest manifest;
    private final List<Cell> cells;
    private final StudyResult result;
    private final TaskKeys keys;

    private FinishedRun(Path directory, RunContents run) {
        this.directory = directory;
        manifest = run.manifest();
        cells = run.cells();
        keys = run.keys();
        List<CellResult> results = new ArrayList<>();
        for (Cell cell : cells) {
            results.add(new CellResult(
                    cell.id(),
                    find(cell.task())
                            .orElseThrow(() -> new RunDirectoryException(
                                    directory, "is not finished: " + cell.id() + " is missing; resume it first"))));
        }
        List<Manifest.Session> sessions = manifest.sessions();
        result = new StudyResult(
                run.study(), results, sessions.get(sessions.size() - 1).provenance());
    }

    /**
     * Opens a directory.
     *
     * @throws RunDirectoryException if it is no run, or a cell is missing or damaged
     */
    public static FinishedRun open(Path directory) {
        return open(directory, RunContents.of(directory));
    }

    static FinishedRun open(Path directory, RunContents run) {
        return new FinishedRun(directory, run);
    }

    /** Where it lies, as given. */
    public Path directory() {
        return directory;
    }

    /** What it found. */
    public StudyResult result() {
        return result;
    }

    /** The study's cells with their tasks, in the order of the result. */
    public List<Cell> cells() {
        return cells;
    }

    /** SHA-256 of the study's canonical JSON. */
    public String studyHash() {
        return manifest.studyHash();
    }

    /** SHA-256 of the files and models that the study names, by name. */
    public Map<String, String> contents() {
        return manifest.contents();
    }

    /** When processes began to work on it, in ISO 8601, the first one first. */
    public List<String> sessions() {
        return manifest.sessions().stream().map(Manifest.Session::started).toList();
    }

    /**
     * The result of one of its tasks; empty if it is not kept, or was not needed.
     *
     * @throws RunDirectoryException if it is damaged
     */
    public <A> Optional<A> find(Task<A> task) {
        if (!task.codec().keeps()) {
            return Optional.empty();
        }
        TaskKey key = keys.of(task);
        Path folder = RunDirectory.finished(directory, key);
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        RunDirectory.requireWhole(folder);
        return Optional.of(RunDirectory.read(directory, task, key));
    }

    /**
     * What its tasks recorded while they worked, in the order of the work.
     *
     * @throws DataFormatException naming a line that cannot be read
     */
    public List<TaskMetrics> metrics() {
        Map<TaskKey, Task<?>> tasks = new LinkedHashMap<>();
        Map<TaskKey, Set<CellId>> users = new LinkedHashMap<>();
        for (Cell cell : cells) {
            visit(cell.task(), cell.id(), tasks, users, new IdentityHashMap<>());
        }
        List<TaskMetrics> metrics = new ArrayList<>();
        tasks.forEach((key, task) -> {
            Optional<List<TaskMetrics.Step>> steps = steps(directory, key);
            steps.ifPresent(
                    all -> metrics.add(new TaskMetrics(key.kind(), task.label(), List.copyOf(users.get(key)), all)));
        });
        return metrics;
    }

    private void visit(
            Task<?> task,
            CellId cell,
            Map<TaskKey, Task<?>> tasks,
            Map<TaskKey, Set<CellId>> users,
            Map<Task<?>, Boolean> visited) {
        if (visited.put(task, true) != null) {
            return;
        }
        for (Task<?> input : task.inputs()) {
            visit(input, cell, tasks, users, visited);
        }
        TaskKey key = keys.of(task);
        tasks.putIfAbsent(key, task);
        users.computeIfAbsent(key, one -> new LinkedHashSet<>()).add(cell);
    }

    /** What a finished task recorded; empty if it recorded nothing. */
    static Optional<List<TaskMetrics.Step>> steps(Path directory, TaskKey key) {
        Path file = RunDirectory.finished(directory, key).resolve(WorkFolder.METRICS);
        return Files.isRegularFile(file) ? Optional.of(steps(file)) : Optional.empty();
    }

    private static List<TaskMetrics.Step> steps(Path file) {
        List<TaskMetrics.Step> steps = new ArrayList<>();
        int number = 0;
        try {
            for (String line : Files.readAllLines(file)) {
                number++;
                JsonNode tree = StudyMapper.line().readTree(line);
                Map<String, Double> numbers = new LinkedHashMap<>();
                tree.properties().forEach(field -> {
                    JsonNode value = field.getValue();
                    if (value.isNumber()
                            && Double.isFinite(value.doubleValue())
                            && !field.getKey().equals("step")) {
                        numbers.put(field.getKey(), value.doubleValue());
                    }
                });
                if (!tree.path("step").isIntegralNumber()) {
                    throw new DataFormatException(
                            file.toString(),
                            number,
                            "field 'step' is " + tree.path("step") + "; allowed: a whole number");
                }
                steps.add(new TaskMetrics.Step(tree.path("step").longValue(), numbers));
            }
        } catch (JsonProcessingException e) {
            throw new DataFormatException(file.toString(), number, JsonProblems.describe(e), e);
        } catch (CharacterCodingException e) {
            throw new DataFormatException(file.toString(), 0, "is not UTF-8", e);
        } catch (IOException e) {
            throw new RunDirectoryException(file, "cannot be read: " + e.getMessage(), e);
        }
        return steps;
    }
}
