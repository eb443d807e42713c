package org.preferencelearning.core.internal.io;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Forcing files and folders to disk, so that they outlive a loss of power. */
public final class Durability {
    private static final Logger LOG = LoggerFactory.getLogger(Durability.class);

    /** Forces that wait at once: a journal writes what waits for it together, so many cost little more than one. */
    private static final int AT_ONCE = 8;

    private Durability() {}

    /**
     * Forces every regular file and every folder of {@code folder}, and itself, and returns when all are on disk. In which
     * order they get there is not said: whoever renames the folder does so afterwards.
     *
     * @throws IOException if a file cannot be forced; it is then not to be relied on
     */
    public static void forceTree(Path folder) throws IOException {
        List<Path> paths;
        try (Stream<Path> all = Files.walk(folder)) {
            paths = all.filter(path -> Files.isDirectory(path) || Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
                    .toList();
        }
        ExecutorService threads = Executors.newFixedThreadPool(Math.min(AT_ONCE, paths.size()), work -> {
            Thread thread = new Thread(work, "forcing to disk");
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<Future<?>> forced = new ArrayList<>();
            for (Path path : paths) {
                forced.add(threads.submit(() -> {
                    force(path);
                    return null;
                }));
            }
            for (Future<?> one : forced) {
                one.get();
            }
        } catch (ExecutionException e) {
            Throwable cause = requireNonNull(e.getCause(), "cause");
            throw new IOException(cause.getMessage(), cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + folder + " was forced to disk", e);
        } finally {
            threads.shutdownNow();
        }
    }

    private static void force(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            forceFolder(path);
        } else {
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
        }
    }

    /** Makes the names in a folder durable, as after a rename; some systems do not let one be opened, and need it not. */
    public static void forceFolder(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            LOG.debug("{} cannot be forced to disk", folder, e);
        }
    }
}
