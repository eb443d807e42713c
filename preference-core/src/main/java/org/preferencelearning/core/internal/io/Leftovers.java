package org.preferencelearning.core.internal.io;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What writers that were killed left beside a target. */
final class Leftovers {
    private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

    private Leftovers() {}

    /**
     * Takes them away. What cannot be taken away stays: it harms nobody.
     *
     * @return a process that writes a folder to the same target now, if there is one
     */
    static Optional<String> clean(Path target) {
        Path folder = requireNonNull(target.getParent(), "folder");
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        Optional<String> writer = Optional.empty();
        try (DirectoryStream<Path> beside = Files.newDirectoryStream(folder)) {
            for (Path candidate : beside) {
                if (TemporaryName.FILE.processOf(candidate, target).isPresent()) {
                    cleanFile(candidate);
                }
                Optional<String> process = TemporaryName.FOLDER.processOf(candidate, target);
                if (process.isPresent() && !cleanFolder(candidate, target, process.get())) {
                    writer = process;
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            LOG.debug("{} cannot be looked through", folder, e);
        }
        return writer;
    }

    private static boolean cleanFolder(Path stage, Path target, String process) {
        try {
            return StagedFolder.clean(stage, target, process);
        } catch (IOException e) {
            LOG.debug("{} stays", stage, e);
            return true;
        }
    }

    private static void cleanFile(Path file) {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            Optional<WriterLock> lock = WriterLock.takeOver(file);
            if (lock.isPresent()) {
                try (WriterLock taken = lock.get()) {
                    Files.delete(taken.file());
                    LOG.info("{} removed: its writer was cut off", file);
                }
            }
        } catch (IOException e) {
            LOG.debug("{} stays", file, e);
        }
    }
}
