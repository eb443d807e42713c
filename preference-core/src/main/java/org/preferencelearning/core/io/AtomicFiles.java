package org.preferencelearning.core.io;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replaces files as a whole: the content goes to a temporary file in the same folder, is forced to disk and then renamed,
 * so that a reader sees the old file or the new one and a crash leaves one of them.
 */
public final class AtomicFiles {
    private static final Logger LOG = LoggerFactory.getLogger(AtomicFiles.class);
    private static final String SUFFIX = ".partial";

    private AtomicFiles() {}

    /** Writes the content of a file. */
    @FunctionalInterface
    public interface Content {
        void writeTo(FileChannel channel) throws IOException;
    }

    /**
     * Replaces {@code file}, whose folder is made if it is missing.
     *
     * @throws UncheckedIOException naming the file if it cannot be written; what was there before is then still there
     */
    public static void write(Path file, Content content) {
        Path folder = file.toAbsolutePath().getParent();
        Path temporary = null;
        try {
            Files.createDirectories(folder);
            temporary = Files.createTempFile(folder, file.getFileName().toString() + ".", SUFFIX);
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                content.writeTo(channel);
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            temporary = null;
            force(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be written: " + e.getMessage(), e);
        } finally {
            delete(temporary);
        }
    }

    /** Replaces {@code file} with bytes. */
    public static void write(Path file, byte[] bytes) {
        write(file, channel -> {
            ByteBuffer left = ByteBuffer.wrap(bytes);
            while (left.hasRemaining()) {
                channel.write(left);
            }
        });
    }

    /** Fills a folder. */
    @FunctionalInterface
    public interface Folder {
        void fill(Path folder) throws IOException;
    }

    /**
     * Replaces {@code folder} as a whole: a new one beside it is filled, takes its name, and then the old one is deleted. A
     * crash leaves at least one complete folder, the old one perhaps under the name {@code folder.old}.
     *
     * @throws UncheckedIOException naming the folder if it cannot be written
     */
    public static void replaceFolder(Path folder, Folder content) {
        Path target = folder.toAbsolutePath();
        Path old = target.resolveSibling(target.getFileName() + ".old");
        Path fresh = null;
        try {
            Files.createDirectories(target.getParent());
            fresh = Files.createTempDirectory(target.getParent(), target.getFileName() + ".");
            content.fill(fresh);
            force(fresh);
            if (Files.exists(target)) {
                deleteFolder(old);
                Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
            }
            Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
            fresh = null;
            force(target.getParent());
            deleteFolder(old);
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": cannot be written: " + e.getMessage(), e);
        } finally {
            if (fresh != null) {
                deleteQuietly(fresh);
            }
        }
    }

    private static void deleteFolder(Path folder) throws IOException {
        if (Files.exists(folder)) {
            MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
        }
    }

    private static void deleteQuietly(Path folder) {
        try {
            deleteFolder(folder);
        } catch (IOException e) {
            LOG.warn("{} is left over and cannot be deleted", folder, e);
        }
    }

    private static void delete(Path temporary) {
        if (temporary != null) {
            try {
                Files.deleteIfExists(temporary);
            } catch (IOException e) {
                throw new UncheckedIOException(temporary + ": " + e.getMessage(), e);
            }
        }
    }

    /** A rename is durable once the folder is; some systems do not let a folder be opened, and then it is not needed. */
    private static void force(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            LOG.debug("{} cannot be forced to disk", folder, e);
        }
    }
}
