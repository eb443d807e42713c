package org.preferencelearning.core.internal.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Where file systems are mounted: such folders cannot be renamed. */
final class MountPoints {
    private static final Path TABLE = Path.of("/proc/self/mountinfo");
    private static final int FIELD = 4;

    private MountPoints() {}

    /** Whether something is mounted at {@code path}, which has no links; false where the system does not tell. */
    static boolean contains(Path path) {
        // the table writes these four as octal numbers (proc_pid_mountinfo(5))
        String escaped = path.toString()
                .replace("\\", "\\134")
                .replace(" ", "\\040")
                .replace("\t", "\\011")
                .replace("\n", "\\012");
        try (Stream<String> lines = Files.lines(TABLE, StandardCharsets.UTF_8)) {
            return lines.anyMatch(line -> line.split(" ")[FIELD].equals(escaped));
        } catch (IOException | UncheckedIOException e) {
            return false;
        }
    }
}
