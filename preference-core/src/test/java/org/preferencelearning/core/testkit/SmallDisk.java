package org.preferencelearning.core.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A disk of a few megabytes on Linux, in memory. Closing takes it away. */
public final class SmallDisk implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SmallDisk.class);

    private final Path folder;

    private SmallDisk(Path folder) {
        this.folder = folder;
    }

    /** Mounts one on a new folder. Where the tests may not, the test is skipped, with a warning in the log. */
    public static SmallDisk mount(Path folder, int megabytes) {
        try {
            Files.createDirectory(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (run("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "none", folder.toString()) != 0) {
            LOG.warn("SKIPPED: this test needs a small disk, and none can be mounted");
            Assumptions.abort("cannot mount");
        }
        return new SmallDisk(folder);
    }

    /** Where it is. */
    public Path folder() {
        return folder;
    }

    /** Lets nothing be written any more; tells whether the system has done so. */
    public boolean makeReadOnly() {
        return run("mount", "-o", "remount,ro", folder.toString()) == 0;
    }

    @Override
    public void close() {
        run("umount", folder.toString());
    }

    private static int run(String... command) {
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            return -1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -1;
        }
    }
}
