package org.preferencelearning.experiments.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How far a run is.
 *
 * @param directory where it lies
 * @param study the study's name
 * @param finished cells whose results are there
 * @param cells all cells
 * @param started when the last process began to work on it
 * @param writer the process of this machine that works on it now, if one does
 */
public record RunStatus(
        Path directory, String study, int finished, int cells, String started, Optional<String> writer) {
    static RunStatus of(Path directory) {
        return of(directory, RunContents.of(directory));
    }

    static RunStatus of(Path directory, RunContents run) {
        int finished = (int) run.cells().stream()
                .filter(cell -> Files.isDirectory(
                        RunDirectory.finished(directory, run.keys().of(cell.task()))))
                .count();
        List<Manifest.Session> sessions = run.manifest().sessions();
        return new RunStatus(
                directory,
                run.study().name(),
                finished,
                run.cells().size(),
                sessions.get(sessions.size() - 1).started(),
                RunLock.writer(directory));
    }

    /** Whether {@code directory} is a run, or one that was killed before it had begun. */
    public static boolean isRunOrEmpty(Path directory) {
        if (isRun(directory)) {
            return true;
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.allMatch(file -> file.getFileName().toString().equals(RunLock.FILE));
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether {@code directory} is a run. */
    public static boolean isRun(Path directory) {
        return Files.isRegularFile(directory.resolve(RunDirectory.MANIFEST));
    }
}
