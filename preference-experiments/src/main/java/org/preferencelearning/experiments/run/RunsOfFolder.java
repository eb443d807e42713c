package org.preferencelearning.experiments.run;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The runs that a directory holds, or is.
 *
 * @param finished those whose cells are all there, by name
 * @param unfinished the others
 */
public record RunsOfFolder(List<FinishedRun> finished, List<RunStatus> unfinished) {
    public RunsOfFolder {
        finished = ImmutableList.copyOf(finished);
        unfinished = ImmutableList.copyOf(unfinished);
    }

    /**
     * Opens a run, or every finished run in a folder.
     *
     * @throws RunDirectoryException if there is no finished one, or one is damaged
     */
    public static RunsOfFolder open(Path directory) {
        if (RunStatus.isRun(directory)) {
            // damage and missing cells of the one that is named are told as they are
            return new RunsOfFolder(List.of(FinishedRun.open(directory)), List.of());
        }
        List<FinishedRun> finished = new ArrayList<>();
        List<RunStatus> unfinished = new ArrayList<>();
        for (Path run : directories(directory)) {
            RunContents contents = RunContents.of(run);
            RunStatus status = RunStatus.of(run, contents);
            if (status.finished() == status.cells()) {
                finished.add(FinishedRun.open(run, contents));
            } else {
                unfinished.add(status);
            }
        }
        if (finished.isEmpty()) {
            throw new RunDirectoryException(
                    directory,
                    unfinished.isEmpty()
                            ? "is no run and holds none; name what --out named"
                            : "holds no finished run; resume one of them first");
        }
        return new RunsOfFolder(finished, unfinished);
    }

    /**
     * The directory itself if it is a run, else those in it that are, by name.
     *
     * @throws RunDirectoryException if there is no such folder
     */
    public static List<Path> directories(Path directory) {
        if (RunStatus.isRun(directory)) {
            return List.of(directory);
        }
        if (!Files.isDirectory(directory)) {
            throw new RunDirectoryException(directory, "no such folder");
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(RunStatus::isRun).sorted().toList();
        } catch (IOException e) {
            throw new RunDirectoryException(directory, "cannot be read: " + e.getMessage(), e);
        }
    }
}
