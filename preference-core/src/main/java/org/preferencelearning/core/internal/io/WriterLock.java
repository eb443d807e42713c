package org.preferencelearning.core.internal.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that its writer keeps locked while it lives; the system lets go of it when the process ends, however it ends. So a
 * file that can be locked was left behind.
 */
final class WriterLock implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(WriterLock.class);
    private static final int TRIES = 100;

    /** Those of this process: opening and closing such a file a second time would let go of its lock (POSIX). */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel channel;

    private WriterLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** Makes a file with a temporary name beside {@code target} and locks it. */
    static WriterLock beside(Path target) throws IOException {
        for (int i = 0; i < TRIES; i++) {
            Optional<WriterLock> made = create(TemporaryName.FILE.beside(target));
            if (made.isPresent()) {
                return made.get();
            }
        }
        throw new FileSystemException(target.toString(), null, "others delete what is written");
    }

    /**
     * Makes a file and locks it.
     *
     * @return nothing where another process took the new file for a leftover before it was locked
     */
    static Optional<WriterLock> create(Path file) throws IOException {
        HELD.add(file);
        WriterLock made = open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        boolean locked;
        try {
            locked = made.channel.tryLock() != null;
        } catch (IOException e) {
            LOG.debug("{} is on a file system without locks: if it is left behind, nobody will know", file, e);
            locked = true;
        }
        return made.ifStill(locked);
    }

    /**
     * Locks a file that was left behind.
     *
     * @return nothing where its writer lives
     * @throws IOException where that cannot be told
     */
    static Optional<WriterLock> takeOver(Path file) throws IOException {
        if (!HELD.add(file)) {
            return Optional.empty();
        }
        WriterLock found = open(file, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        try {
            return found.ifStill(found.channel.tryLock() != null);
        } catch (IOException e) {
            found.close();
            throw e;
        }
    }

    private static WriterLock open(Path file, OpenOption... options) throws IOException {
        try {
            return new WriterLock(file, FileChannel.open(file, options));
        } catch (IOException | RuntimeException e) {
            HELD.remove(file);
            throw e;
        }
    }

    private Optional<WriterLock> ifStill(boolean locked) throws IOException {
        if (locked && Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.of(this);
        }
        close();
        return Optional.empty();
    }

    Path file() {
        return file;
    }

    FileChannel channel() {
        return channel;
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            HELD.remove(file);
        }
    }
}
