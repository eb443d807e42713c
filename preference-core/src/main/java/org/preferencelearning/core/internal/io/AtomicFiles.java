package org.preferencelearning.core.internal.io;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.preferencelearning.core.error.OutputException;

/**
 * Replaces files as a whole: the content goes to a temporary file in the same folder, is forced to disk and then renamed,
 * so that a reader sees the old file or the new one and a crash leaves one of them. What a crash leaves beside it is taken
 * away by the next write to the same file.
 */
public final class AtomicFiles {
    private AtomicFiles() {}

    /** Writes the content of a file. */
    @FunctionalInterface
    public interface Content {
        void writeTo(FileChannel channel) throws IOException;
    }

    /**
     * Replaces {@code file}, whose folder is made if it is missing. A link is followed.
     *
     * @throws OutputException naming the file if it cannot be written or is no regular file; what was there before is then
     *     still there
     */
    public static void write(Path file, Content content) {
        try {
            Destination destination = Destination.of(file);
            destination.requireReplaceableFile();
            Path target = destination.path();
            Path folder = requireNonNull(target.getParent(), "folder");
            Files.createDirectories(folder);
            Leftovers.clean(target);
            write(target, WriterLock.beside(target), content);
            Durability.forceFolder(folder);
        } catch (RefusedException e) {
            throw new OutputException(file, e.getMessage(), e);
        } catch (IOException e) {
            throw new OutputException(file, Problems.words(e), e);
        }
    }

    /** The lock is held until the file has its name. */
    private static void write(Path target, WriterLock temporary, Content content) throws IOException {
        try (temporary) {
            try {
                content.writeTo(temporary.channel());
                temporary.channel().force(true);
                Files.move(
                        temporary.file(), target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(temporary.file());
            }
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
}
