package org.preferencelearning.experiments.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.preferencelearning.experiments.result.Provenance;
import org.preferencelearning.experiments.run.Reproduction.Difference;
import org.preferencelearning.experiments.study.Cell;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.task.Progress;
import org.preferencelearning.experiments.task.StudyMapper;
import org.preferencelearning.experiments.task.Task;
import org.preferencelearning.experiments.task.TaskKey;
import org.preferencelearning.experiments.task.TaskKeys;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.preferencelearning.gpt2.model.Computing;

/** Computes a run again beside the old one and looks for the first difference, task by task. */
final class Reproducer {
    /** Wall times differ in any case. */
    private static final String SECONDS = "seconds";

    private final Path old;
    private final Path fresh;
    private final TaskKeys keys = new TaskKeys();

    private Reproducer(Path old, Path fresh) {
        this.old = old;
        this.fresh = fresh;
    }

    static Reproduction run(Path old, Path fresh, Progress progress) {
        Manifest manifest = RunDirectory.manifest(old);
        Study study = RunDirectory.study(old);
        List<Cell> cells = study.cells(new SavedContents(manifest.contents()));
        Reproducer reproducer = new Reproducer(old, fresh);
        Map<TaskKey, Task<?>> tasks = new LinkedHashMap<>();
        cells.forEach(cell -> reproducer.collect(cell.task(), tasks));
        RunLock held = lock(old);
        try (held) {
            tasks.keySet().forEach(key -> requireWhole(old, key));
            Reproduction found = reproducer.compare(study, manifest, tasks, progress);
            if (found.first().isEmpty()) {
                SealedFolder.delete(fresh);
            }
            return found;
        } catch (IOException e) {
            throw new RunDirectoryException(old, "cannot be read or written: " + e, e);
        }
    }

    private static RunLock lock(Path old) {
        try {
            return RunLock.take(old);
        } catch (IOException e) {
            throw new RunDirectoryException(old, "cannot be locked: " + e, e);
        }
    }

    /** What is not there, or not what was written, cannot be compared. */
    private static void requireWhole(Path old, TaskKey key) {
        Path folder = RunDirectory.finished(old, key);
        try {
            String damage = SealedFolder.damage(folder);
            if (damage != null) {
                throw new RunDirectoryException(
                        old, "is not finished or damaged, resume it first: " + key.folder() + ": " + damage);
            }
        } catch (IOException e) {
            throw new RunDirectoryException(folder, "cannot be read: " + e, e);
        }
    }

    private Reproduction compare(Study study, Manifest manifest, Map<TaskKey, Task<?>> tasks, Progress progress) {
        List<Manifest.Session> sessions = manifest.sessions();
        Provenance recorded = sessions.get(sessions.size() - 1).provenance();
        MatrixPrecision precision = MatrixPrecision.valueOf(RunDirectory.precision(recorded));
        new LocalRunner(Optional.of(fresh))
                .progress(progress)
                .precision(precision)
                .run(study);
        Optional<Difference> first = tasks.entrySet().stream()
                .flatMap(entry -> difference(entry.getKey(), entry.getValue()).stream())
                .findFirst();
        Provenance current = Computing.standard().withPrecision(precision).during(CurrentProvenance::get);
        return new Reproduction(tasks.size(), first, recorded, current, fresh);
    }

    /** Kept tasks in the order of the work: what a task needs comes before it. */
    private void collect(Task<?> task, Map<TaskKey, Task<?>> into) {
        TaskKey key = keys.of(task);
        if (into.containsKey(key)) {
            return;
        }
        task.inputs().forEach(input -> collect(input, into));
        if (task.codec().keeps()) {
            into.put(key, task);
        }
    }

    private Optional<Difference> difference(TaskKey key, Task<?> task) {
        Path was = RunDirectory.finished(old, key);
        Path is = RunDirectory.finished(fresh, key);
        try {
            if (!Files.isDirectory(was)) {
                return Optional.of(new Difference(task.label(), key.folder(), "the result", "missing", "there"));
            }
            return files(was, is)
                    .map(found -> new Difference(task.label(), key.folder(), found.where(), found.was(), found.is()));
        } catch (IOException e) {
            throw new RunDirectoryException(was, "cannot be compared: " + e, e);
        }
    }

    private record Found(String where, String was, String is) {}

    private static Optional<Found> files(Path was, Path is) throws IOException {
        Optional<Found> metrics = metrics(was.resolve(WorkFolder.METRICS), is.resolve(WorkFolder.METRICS));
        if (metrics.isPresent()) {
            return metrics;
        }
        Map<String, ?> oldHashes = SealedFolder.hashes(was);
        Map<String, ?> newHashes = SealedFolder.hashes(is);
        TreeSet<String> names = new TreeSet<>(oldHashes.keySet());
        names.addAll(newHashes.keySet());
        for (String name : names) {
            if (!String.valueOf(oldHashes.get(name)).equals(String.valueOf(newHashes.get(name)))) {
                Optional<Found> found = file(name, was.resolve(name), is.resolve(name));
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<Found> metrics(Path was, Path is) throws IOException {
        List<String> before = Files.exists(was) ? Files.readAllLines(was) : List.of();
        List<String> now = Files.exists(is) ? Files.readAllLines(is) : List.of();
        for (int i = 0; i < Math.min(before.size(), now.size()); i++) {
            if (!before.get(i).equals(now.get(i))) {
                JsonNode one = StudyMapper.line().readTree(before.get(i));
                JsonNode two = StudyMapper.line().readTree(now.get(i));
                return json("step " + two.path("step"), one, two);
            }
        }
        return before.size() == now.size()
                ? Optional.empty()
                : Optional.of(new Found("number of steps", "" + before.size(), "" + now.size()));
    }

    private static Optional<Found> file(String name, Path was, Path is) throws IOException {
        if (!Files.exists(was) || !Files.exists(is)) {
            return Optional.of(
                    new Found(name, Files.exists(was) ? "there" : "missing", Files.exists(is) ? "there" : "missing"));
        }
        if (name.endsWith(".json")) {
            return json(
                    name,
                    StudyMapper.line().readTree(was.toFile()),
                    StudyMapper.line().readTree(is.toFile()));
        }
        long position = Files.mismatch(was, is);
        return Optional.of(new Found(name + ", byte " + position, at(was, position), at(is, position)));
    }

    private static String at(Path file, long position) throws IOException {
        try (var channel = Files.newByteChannel(file)) {
            var one = ByteBuffer.allocate(1);
            channel.position(position);
            return channel.read(one) == 1 ? String.format("0x%02x", one.get(0)) : "beyond its end";
        }
    }

    /** The first value that differs, named by the fields that lead to it; in rows by metric and step. */
    private static Optional<Found> json(String path, JsonNode was, JsonNode is) {
        if (was.equals(is)) {
            return Optional.empty();
        }
        if (was.isObject() && is.isObject()) {
            TreeSet<String> names = new TreeSet<>();
            was.fieldNames().forEachRemaining(names::add);
            is.fieldNames().forEachRemaining(names::add);
            names.remove(SECONDS);
            String here = is.has("metric")
                    ? path + ", metric " + is.path("metric").asText() + " at step " + is.path("step")
                    : path;
            return names.stream()
                    .flatMap(name -> json(here + ", " + name, was.path(name), is.path(name)).stream())
                    .findFirst();
        }
        if (was.isArray() && is.isArray() && was.size() == is.size()) {
            for (int i = 0; i < was.size(); i++) {
                Optional<Found> found = json(path + "[" + i + "]", was.get(i), is.get(i));
                if (found.isPresent()) {
                    return found;
                }
            }
            return Optional.empty();
        }
        return Optional.of(new Found(path, was.toString(), is.toString()));
    }
}
