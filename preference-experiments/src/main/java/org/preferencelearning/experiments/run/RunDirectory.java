package org.preferencelearning.experiments.run;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.preferencelearning.core.internal.io.AtomicFiles;
import org.preferencelearning.core.internal.io.JsonProblems;
import org.preferencelearning.core.internal.io.Problems;
import org.preferencelearning.experiments.result.Provenance;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.study.StudyJson;
import org.preferencelearning.experiments.task.Codec;
import org.preferencelearning.experiments.task.StudyMapper;
import org.preferencelearning.experiments.task.Task;
import org.preferencelearning.experiments.task.TaskKey;
import org.preferencelearning.experiments.task.TaskKeys;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A study's results in a folder that can be read by hand, copied while nobody writes, and worked on again:
 *
 * <pre>
 * manifest.json             the study, its hash, hashes of its files, and what worked on it
 * tasks/KIND-KEY/           a finished task: task.json, metrics.jsonl, its result, files.sha256 (last)
 * work/KIND-KEY/            a task at work: its newest states, and metrics.jsonl so far
 * damaged/                  what was found changed, set aside
 * lock                      held by the process that writes
 * </pre>
 */
public final class RunDirectory implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RunDirectory.class);
    static final String MANIFEST = "manifest.json";
    /** Characters of a value that a message tells. */
    private static final int LONGEST_TEXT = 120;

    private static final String TASKS = "tasks";
    private static final String WORK = "work";
    private static final String DAMAGED = "damaged";
    private static final String TASK = "task.json";
    private static final String RESULT = "result";

    private final Path root;
    /** Of the process that may write; empty where that is another, for which this one works. */
    private final Optional<RunLock> lock;
    /** Tells this process from others that work on the same task; empty for the one that holds the lock. */
    private final String attempt;
    /** With the other processes that work on the run. */
    private final Exchange exchange;

    private final Publisher publisher = new Publisher();
    private final long opened = System.nanoTime();
    /** Nanoseconds that the run waited for results and states to be saved. */
    private long saving;

    private RunDirectory(Path root, Optional<RunLock> lock, String attempt, Exchange exchange) {
        this.root = root;
        this.lock = lock;
        this.attempt = attempt;
        this.exchange = exchange;
    }

    /**
     * A directory that another process has opened, to work on a task for it as one of several attempts.
     *
     * @param store through which the two exchange folders, if {@code root} is this process's own
     */
    static RunDirectory ofAttempt(Path root, String attempt, Optional<RunStore> store) {
        return new RunDirectory(root, Optional.empty(), attempt, new Exchange(store, root, attempt));
    }

    /** Makes an own folder that of a process which works for another, with the run's manifest. */
    static void prepareForAttempts(Path root, RunStore store) {
        try {
            byte[] manifest = store.read(MANIFEST)
                    .orElseThrow(() -> new RunDirectoryException(root, store + " holds no " + MANIFEST));
            Files.createDirectories(root.resolve(TASKS));
            Files.createDirectories(root.resolve(WORK));
            AtomicFiles.write(root.resolve(MANIFEST), manifest);
        } catch (IOException e) {
            throw new RunDirectoryException(root, store + " cannot be copied from: " + Problems.words(e), e);
        }
    }

    /**
     * Opens a directory to work on {@code study}: an empty or absent one, or one of the same study.
     *
     * @throws RunDirectoryException if it holds something else, is in use, or cannot be written
     */
    static RunDirectory open(Path root, Study study, Map<String, String> contents, Provenance provenance) {
        return open(root, study, contents, provenance, Optional.empty());
    }

    /**
     * As {@link #open(Path, Study, Map, Provenance)}, with the same content as a store afterwards: of each, what the other lacks.
     *
     * @param store through which other processes work on the run
     */
    static RunDirectory open(
            Path root, Study study, Map<String, String> contents, Provenance provenance, Optional<RunStore> store) {
        if (Files.exists(root) && !Files.isDirectory(root)) {
            throw new RunDirectoryException(root, "is a file; name a folder");
        }
        try {
            Files.createDirectories(root);
            Path manifest = root.resolve(MANIFEST);
            if (!Files.exists(manifest)) {
                requireEmpty(root);
            }
            RunDirectory directory =
                    new RunDirectory(root, Optional.of(RunLock.take(root)), "", new Exchange(store, root, "driver"));
            try {
                if (store.isPresent()) {
                    meet(root, store.get(), study, contents);
                }
                directory.begin(manifest, study, contents, provenance);
                if (store.isPresent()) {
                    directory.exchangeAll(store.get());
                }
            } catch (RuntimeException | IOException e) {
                directory.close();
                throw e;
            }
            return directory;
        } catch (IOException e) {
            throw new RunDirectoryException(root, "cannot be written: " + Problems.words(e), e);
        }
    }

    private static void requireEmpty(Path root) throws IOException {
        try (var files = Files.list(root)) {
            List<String> others = files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals("lock") && !name.startsWith(MANIFEST))
                    .sorted()
                    .limit(3)
                    .toList();
            if (!others.isEmpty()) {
                throw new RunDirectoryException(
                        root,
                        "holds other files (" + String.join(", ", others)
                                + "); allowed: an empty or new folder, or a run");
            }
        }
    }

    /** Takes over the manifest of the study's run that a store holds, or refuses what else it holds. */
    private static void meet(Path root, RunStore store, Study study, Map<String, String> contents) {
        try {
            Optional<byte[]> there = store.read(MANIFEST);
            if (there.isPresent()) {
                JsonNode other = StudyMapper.pretty().readTree(there.get());
                requireSame(store.toString(), other, StudyMapper.pretty().readTree(StudyJson.write(study)), contents);
                if (!Files.exists(root.resolve(MANIFEST))) {
                    AtomicFiles.write(root.resolve(MANIFEST), there.get());
                }
                return;
            }
            List<String> others = store.list("").stream()
                    .filter(name -> !name.startsWith("."))
                    .toList();
            if (!others.isEmpty()) {
                throw new RunDirectoryException(
                        store.toString(),
                        "holds other files (" + others.get(0) + "); allowed: a new folder, or a run",
                        null);
            }
        } catch (IOException e) {
            throw unusable(store, e);
        }
    }

    private static RunDirectoryException unusable(RunStore store, IOException e) {
        return new RunDirectoryException(store.toString(), "cannot be used: " + Problems.words(e), e);
    }

    private void exchangeAll(RunStore store) {
        try {
            store.write(MANIFEST, Files.readAllBytes(root.resolve(MANIFEST)));
            for (Path parent : List.of(root.resolve(TASKS), root.resolve(WORK))) {
                exchange.deleteUnfinished(parent);
            }
            exchange.bringAll(root.resolve(TASKS), "");
            for (Path task : folders(root.resolve(TASKS))) {
                exchange.give(task);
            }
            for (Path task : folders(root.resolve(WORK))) {
                for (Path kept : folders(task)) {
                    exchange.give(kept);
                }
            }
        } catch (IOException e) {
            throw unusable(store, e);
        }
    }

    private static List<Path> folders(Path parent) throws IOException {
        try (Stream<Path> all = Files.list(parent)) {
            return all.filter(Files::isDirectory)
                    .filter(folder -> !folder.getFileName().toString().startsWith("."))
                    .toList();
        }
    }

    private void begin(Path file, Study study, Map<String, String> contents, Provenance provenance) throws IOException {
        JsonNode json = StudyMapper.pretty().readTree(StudyJson.write(study));
        List<Manifest.Session> sessions = new ArrayList<>();
        if (Files.exists(file)) {
            Manifest old = manifest(root);
            requireSame(root.toString(), StudyMapper.pretty().valueToTree(old), json, contents);
            sessions.addAll(old.sessions());
            sessions.forEach(session -> requireSamePrecision(root, session.provenance(), provenance));
            otherThreads(sessions.get(sessions.size() - 1).provenance(), provenance)
                    .ifPresent(warning -> LOG.warn("{} {}", root, warning));
        }
        sessions.add(new Manifest.Session(Instant.now().toString(), provenance));
        Files.createDirectories(root.resolve(TASKS));
        Files.createDirectories(root.resolve(WORK));
        SealedFolder.deleteUnfinished(root.resolve(TASKS));
        SealedFolder.deleteUnfinished(root.resolve(WORK));
        String hash = TaskKeys.sha256(TaskKeys.canonical(study));
        Manifest manifest = new Manifest(Manifest.FORMAT, json, hash, contents, sessions);
        AtomicFiles.write(file, StudyMapper.pretty().writeValueAsBytes(manifest));
    }

    /** Else its results would be of two kinds, and nothing would say which is which. */
    private static void requireSamePrecision(Path root, Provenance old, Provenance wanted) {
        String was = precision(old);
        String is = precision(wanted);
        if (!was.equals(is)) {
            throw new RunDirectoryException(
                    root,
                    "was begun in precision " + was + ", and " + is + " is asked for; allowed: " + was
                            + ", or another folder");
        }
    }

    /** What to say where threads are others than before; they may be had on another machine only, so nothing is refused. */
    static Optional<String> otherThreads(Provenance old, Provenance now) {
        String was = threads(old);
        String is = threads(now);
        return was.equals(is)
                ? Optional.empty()
                : Optional.of("was computed with " + was + " threads and is gone on with " + is
                        + ": results have other last digits than with one number alone; "
                        + CurrentProvenance.THREADS_VARIABLE + "=" + was + " would go on with the same");
    }

    private static String threads(Provenance provenance) {
        return requireNonNull(CurrentProvenance.ofBits(provenance).get(CurrentProvenance.THREADS));
    }

    /** Runs did not keep it while there was only one. */
    static String precision(Provenance provenance) {
        return provenance.facts().getOrDefault(CurrentProvenance.PRECISION, MatrixPrecision.FLOAT32.name());
    }

    /** The manifest of a directory that nobody need hold. */
    static Manifest manifest(Path root) {
        Path file = root.resolve(MANIFEST);
        if (!Files.isRegularFile(file)) {
            throw new RunDirectoryException(root, noRun(root));
        }
        try {
            JsonNode tree = StudyMapper.pretty().readTree(file.toFile());
            int format = tree.path("format").asInt(0);
            if (format != Manifest.FORMAT) {
                throw new RunDirectoryException(
                        root,
                        "field 'format' of " + MANIFEST + " is " + tree.path("format") + "; this library reads "
                                + Manifest.FORMAT
                                + (format > Manifest.FORMAT
                                        ? "; a newer one wrote it"
                                        : "; an older one wrote it: run the study again, in another folder"));
            }
            return StudyMapper.pretty().treeToValue(tree, Manifest.class);
        } catch (IOException e) {
            String problem = e instanceof JsonProcessingException parsing
                    ? JsonProblems.describe(parsing)
                    : "it cannot be read: " + e.getMessage();
            throw new RunDirectoryException(
                    root, MANIFEST + ": " + problem + "; a run of the same study in another folder begins anew", e);
        }
    }

    private static String noRun(Path root) {
        if (!Files.isDirectory(root)) {
            return "no such folder";
        }
        try (Stream<Path> files = Files.list(root)) {
            List<String> runs = files.filter(RunStatus::isRun)
                    .map(run -> run.getFileName().toString())
                    .sorted()
                    .toList();
            return runs.isEmpty()
                    ? "is no run: " + MANIFEST + " is missing"
                    : "holds runs and is none itself; name one of them: " + String.join(", ", runs);
        } catch (IOException e) {
            return "cannot be read: " + e.getMessage();
        }
    }

    /** The study of a directory. */
    static Study study(Path root) {
        return study(root, manifest(root));
    }

    static Study study(Path root, Manifest manifest) {
        return StudyJson.read(
                root.resolve(MANIFEST).toString(), manifest.study().toString());
    }

    private static void requireSame(String place, JsonNode manifest, JsonNode study, Map<String, String> contents) {
        JsonNode old = manifest.path("study");
        if (!old.path("kind").equals(study.path("kind"))) {
            throw new RunDirectoryException(
                    place, "holds another study, '" + old.path("name").asText() + "'; name another folder", null);
        }
        List<String> differences = new ArrayList<>();
        differences("study", old, study, differences);
        differences("contents", manifest.path("contents"), StudyMapper.pretty().valueToTree(contents), differences);
        if (!differences.isEmpty()) {
            throw new RunDirectoryException(
                    place,
                    "belongs to another study or other files (" + String.join("; ", differences)
                            + "); name another folder",
                    null);
        }
    }

    private static void differences(String path, JsonNode old, JsonNode wanted, List<String> into) {
        if (old.equals(wanted)) {
            return;
        }
        if (old.isObject() && wanted.isObject()) {
            TreeSet<String> names = new TreeSet<>();
            old.fieldNames().forEachRemaining(names::add);
            wanted.fieldNames().forEachRemaining(names::add);
            names.forEach(name -> differences(path + "." + name, old.path(name), wanted.path(name), into));
            return;
        }
        if (old.isArray() && old.path(0).isContainerNode() && wanted.isArray() && old.size() == wanted.size()) {
            for (int i = 0; i < old.size(); i++) {
                differences(path + "[" + i + "]", old.get(i), wanted.get(i), into);
            }
            return;
        }
        into.add(path + " was " + text(old) + " and is " + text(wanted));
    }

    private static String text(JsonNode node) {
        String text = node.isMissingNode() ? "absent" : node.toString();
        return text.length() <= LONGEST_TEXT
                ? text
                : text.substring(0, LONGEST_TEXT) + "... (" + text.length() + " characters"
                        + (node.isArray() ? ", " + node.size() + " entries" : "") + ")";
    }

    /** Where it lies. */
    Path root() {
        return root;
    }

    /** Whether the state of a task at work is here. */
    boolean holdsStates() {
        Path work = root.resolve(WORK);
        if (!Files.isDirectory(work)) {
            return false;
        }
        try (Stream<Path> tasks = Files.list(work)) {
            return tasks.findAny().isPresent();
        } catch (IOException e) {
            throw new RunDirectoryException(root, "cannot be read: " + Problems.words(e), e);
        }
    }

    /** Whether the task's result is there, whole or damaged. */
    boolean holds(TaskKey key) {
        Path folder = finished(root, key);
        try {
            return exchange.holds(folder);
        } catch (IOException e) {
            throw unread(folder, e);
        }
    }

    /** Copies here what another process has published. */
    void bring(TaskKey key) {
        Path folder = finished(root, key);
        try {
            exchange.bring(folder);
        } catch (IOException e) {
            throw unread(folder, e);
        }
    }

    private static RunDirectoryException unread(Path folder, IOException e) {
        return new RunDirectoryException(folder, "cannot be read: " + Problems.words(e), e);
    }

    /** Whether the task's result is here and what was written; a damaged one is set aside and said so. */
    boolean isFinished(TaskKey key) {
        Path folder = finished(root, key);
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try {
            String damage = SealedFolder.damage(folder);
            if (damage == null) {
                // a crash after the result was published left its states
                SealedFolder.delete(work(key));
                exchange.delete(work(key));
                return true;
            }
            setAside(folder, damage);
            return false;
        } catch (IOException e) {
            throw new RunDirectoryException(folder, "cannot be read: " + e, e);
        }
    }

    /** Where a finished task lies. */
    static Path finished(Path root, TaskKey key) {
        return root.resolve(TASKS).resolve(key.folder());
    }

    /** A finished task's result. */
    <A> A read(Task<A> task, TaskKey key) {
        publisher.settle();
        return read(root, task, key);
    }

    /**
     * A finished task's result, if it is what was written.
     *
     * @throws RunDirectoryException if it is missing or damaged
     */
    <A> A readWhole(Task<A> task, TaskKey key) {
        bring(key);
        try {
            requireWhole(finished(root, key));
        } catch (RunDirectoryException e) {
            leaveDamaged(finished(root, key), String.valueOf(e.getMessage()));
            throw e;
        }
        return read(root, task, key);
    }

    /** What a store damaged is not found again by whoever goes on with the run. */
    private void leaveDamaged(Path folder, String damage) {
        try {
            if (exchange.shared() && Files.isDirectory(folder)) {
                setAside(folder, damage);
            }
        } catch (IOException e) {
            throw unread(folder, e);
        }
    }

    /** Throws unless the folder of a finished task is there and what was written. */
    static void requireWhole(Path folder) {
        try {
            String damage = SealedFolder.damage(folder);
            if (damage != null) {
                throw new RunDirectoryException(
                        folder, "is damaged: " + damage + "; resume the run to compute it again");
            }
        } catch (IOException e) {
            throw new RunDirectoryException(folder, "cannot be read: " + e, e);
        }
    }

    static <A> A read(Path root, Task<A> task, TaskKey key) {
        Path folder = finished(root, key);
        try {
            return task.codec().read(folder.resolve(RESULT));
        } catch (IOException e) {
            throw new RunDirectoryException(folder, "cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Writes a finished task's result, and leaves it to be published, and its states to be forgotten, while the run goes on.
     * Until then a crash loses what it loses of a task at work.
     *
     * @throws RunDirectoryException if it, or one before it, cannot be written
     */
    <A> void publish(Task<A> task, TaskKey key, byte[] description, A result, List<String> metrics) {
        long start = System.nanoTime();
        try {
            SealedFolder folder = fill(task, key, description, result, metrics);
            publisher.publish(() -> {
                try {
                    // an executor of a driver that was killed may have been faster
                    folder.publishIfFirst();
                    exchange.give(finished(root, key));
                    SealedFolder.delete(work(key));
                    exchange.delete(work(key));
                } catch (IOException e) {
                    throw unwritten(task, e);
                }
            });
        } catch (IOException e) {
            throw unwritten(task, e);
        } finally {
            saving += System.nanoTime() - start;
        }
    }

    /**
     * Publishes a finished task's result unless another attempt has done so; that one's then stands.
     *
     * @return whether this one's stands
     */
    <A> boolean publishIfFirst(Task<A> task, TaskKey key, byte[] description, A result, List<String> metrics) {
        try {
            boolean first = exchange.publish(fill(task, key, description, result, metrics), finished(root, key));
            SealedFolder.deleteShared(work(key), attempt);
            exchange.delete(work(key));
            return first;
        } catch (IOException e) {
            throw unwritten(task, e);
        }
    }

    private <A> SealedFolder fill(Task<A> task, TaskKey key, byte[] description, A result, List<String> metrics)
            throws IOException {
        Codec<A> codec = task.codec();
        return SealedFolder.fill(finished(root, key), attempt, fresh -> {
            Files.write(fresh.resolve(TASK), description);
            if (!metrics.isEmpty()) {
                Files.write(fresh.resolve(WorkFolder.METRICS), metrics);
            }
            codec.write(result, Files.createDirectory(fresh.resolve(RESULT)));
        });
    }

    /** Deletes what attempts that came to nothing left of tasks that are finished. */
    void deleteLeftovers() {
        try {
            SealedFolder.deleteUnfinished(root.resolve(TASKS));
            SealedFolder.deleteUnfinished(root.resolve(WORK));
            leaveStore();
            try (DirectoryStream<Path> tasks = Files.newDirectoryStream(root.resolve(WORK))) {
                for (Path task : tasks) {
                    if (Files.isDirectory(root.resolve(TASKS).resolve(task.getFileName()))) {
                        SealedFolder.delete(task);
                    }
                }
            }
        } catch (IOException e) {
            // an attempt that nobody waits for may still write; the next who opens the directory tries again
            LOG.debug("{}: what attempts left cannot be deleted", root, e);
        }
    }

    /** Copies here what other processes left in the store of tasks that are at work, and deletes what is of no worth. */
    private void leaveStore() throws IOException {
        exchange.deleteUnfinished(root.resolve(TASKS));
        exchange.deleteUnfinished(root.resolve(WORK));
        for (String task : exchange.names(root.resolve(WORK))) {
            Path work = root.resolve(WORK).resolve(task);
            if (Files.isDirectory(root.resolve(TASKS).resolve(task))) {
                exchange.delete(work);
            } else {
                exchange.bringAll(work, "");
            }
        }
    }

    private RunDirectoryException unwritten(Task<?> task, IOException e) {
        return new RunDirectoryException(
                root, "the result of " + task.label() + " cannot be written (" + e + "); its newest state is kept", e);
    }

    /** Where a task's states are kept. */
    WorkFolder workFolder(TaskKey key, Saving interval) {
        return new WorkFolder(
                work(key), exchange, attempt, interval, this::setAside, nanoseconds -> saving += nanoseconds);
    }

    private Path work(TaskKey key) {
        return root.resolve(WORK).resolve(key.folder());
    }

    private void setAside(Path folder, String damage) throws IOException {
        Path aside = Files.createDirectories(root.resolve(DAMAGED))
                .resolve(requireNonNull(folder.getParent(), "parent").getFileName() + "-" + folder.getFileName() + "-"
                        + Instant.now().toEpochMilli());
        Files.move(folder, aside, StandardCopyOption.ATOMIC_MOVE);
        exchange.move(folder, aside);
        LOG.warn("{} is damaged ({}); set aside as {} and computed again", folder, damage, aside);
    }

    /**
     * Lets others in when all is published.
     *
     * @throws RunDirectoryException if a result cannot be published
     */
    @Override
    public void close() {
        long start = System.nanoTime();
        try {
            publisher.close();
        } finally {
            lock.ifPresent(RunLock::close);
            long end = System.nanoTime();
            LOG.info(
                    "{}: saving took {} s of {} s",
                    root,
                    String.format(Locale.ROOT, "%.2f", (saving + end - start) / 1e9),
                    String.format(Locale.ROOT, "%.1f", (end - opened) / 1e9));
        }
    }
}
