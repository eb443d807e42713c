package org.preferencelearning.experiments.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keeps a second writer out of a run directory. The system holds the lock, so that it ends with the process that took it,
 * however that ends; the file says who that was.
 */
final class RunLock implements AutoCloseable {
    static final String FILE = "lock";

    private static final Pattern PROCESS = Pattern.compile("^process (\\d{1,18}),");

    private final FileChannel channel;

    private RunLock(FileChannel channel) {
        this.channel = channel;
    }

    static RunLock take(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // held by this process
        }
        if (lock == null) {
            channel.close();
            throw new RunDirectoryException(
                    directory, "is in use by " + Files.readString(file).strip() + "; wait for it, or stop it");
        }
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(("process " + ProcessHandle.current().pid() + ", since " + Instant.now() + "\n")
                .getBytes(StandardCharsets.UTF_8)));
        return new RunLock(channel);
    }

    /** Who holds it, by what the file says and whether that process lives; nothing is locked for it. */
    static Optional<String> writer(Path directory) {
        try {
            String said = Files.readString(directory.resolve(FILE)).strip();
            Matcher process = PROCESS.matcher(said);
            return process.find()
                            && ProcessHandle.of(Long.parseLong(process.group(1)))
                                    .isPresent()
                    ? Optional.of(said)
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Lets others in. The file stays: to delete it would take another's lock away. */
    @Override
    public void close() {
        try {
            channel.truncate(0);
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
