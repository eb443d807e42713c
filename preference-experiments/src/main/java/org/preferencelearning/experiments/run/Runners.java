package org.preferencelearning.experiments.run;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.task.Progress;

/** The ways to run a study. */
public final class Runners {
    private Runners() {}

    /**
     * On this machine, keeping every result in {@code directory}: absent, empty, or a run of the same study, which it goes on
     * with where it was, however that ended.
     */
    public static LocalRunner local(Path directory) {
        return new LocalRunner(Optional.of(directory));
    }

    /** On this machine, keeping results until the study is done. */
    public static LocalRunner inMemory() {
        return new LocalRunner(Optional.empty());
    }

    /** The study of a run directory. */
    public static Study study(Path directory) {
        return RunDirectory.study(directory);
    }

    /**
     * The finished cells of a run directory.
     *
     * @throws RunDirectoryException if it is no run, or a cell is missing or damaged
     */
    public static StudyResult load(Path directory) {
        return FinishedRun.open(directory).result();
    }

    /**
     * Computes a finished run again, in a folder of its own within the directory, and compares task by task.
     *
     * @throws RunDirectoryException if it is no run
     */
    public static Reproduction reproduce(Path directory, Progress progress) {
        RunDirectory.manifest(directory);
        Path fresh = directory
                .resolve("reproductions")
                .resolve(Long.toString(Instant.now().toEpochMilli()));
        return Reproducer.run(directory, fresh, progress);
    }

    /** What is known of a directory without computing anything. */
    public static RunStatus status(Path directory) {
        return RunStatus.of(directory);
    }
}
