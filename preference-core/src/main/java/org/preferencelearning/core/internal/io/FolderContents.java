package org.preferencelearning.core.internal.io;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Taking folders away. */
final class FolderContents {
    private static final Logger LOG = LoggerFactory.getLogger(FolderContents.class);

    private FolderContents() {}

    /** Deletes a folder in the making, which nobody but its writer knew, if it is there. */
    static void deleteUnfinished(Path folder) throws IOException {
        if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
        }
    }

    /**
     * Deletes a folder that once had the target's name, file by file as its marker lists them. One that holds anything else
     * gets a visible name beside the target instead.
     */
    static void discard(Path folder, Path target) throws IOException {
        if (OutputMarker.foreign(folder, 1).isEmpty()) {
            try {
                deleteListed(folder);
                return;
            } catch (DirectoryNotEmptyException e) {
                LOG.debug("{}: somebody wrote to it", folder, e);
            }
        }
        Path kept = TemporaryName.kept(target);
        Files.move(folder, kept, StandardCopyOption.ATOMIC_MOVE);
        LOG.warn("{} was replaced while it got files that this library did not write: they are in {}", target, kept);
    }

    /** Deletes the files that are there and listed, not what the list says; the marker last, so that it can be taken up. */
    private static void deleteListed(Path folder) throws IOException {
        Set<String> listed = OutputMarker.listed(folder);
        Path marker = folder.resolve(OutputMarker.NAME);
        List<Path> inside;
        try (Stream<Path> paths = Files.walk(folder)) {
            inside = paths.filter(path -> !path.equals(folder) && !path.equals(marker))
                    .sorted(Comparator.reverseOrder())
                    .collect(Collectors.toList());
        }
        for (Path path : inside) {
            if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
                    || listed.contains(OutputMarker.relative(folder, path))) {
                Files.delete(path);
            }
        }
        Files.deleteIfExists(marker);
        Files.delete(folder);
    }
}
