package org.preferencelearning.core.internal.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.preferencelearning.core.error.DataFormatException;

/** Opens files that a user names; what is no regular file is refused, as a named pipe or a device might never end. */
public final class RegularFiles {
    private RegularFiles() {}

    /**
     * Opens a file for reading; a link to a file is followed.
     *
     * @throws DataFormatException if there is no such file, it is no regular file, or it may not be read
     */
    public static InputStream open(Path file) {
        try {
            requireRegular(file);
            return Files.newInputStream(file);
        } catch (IOException e) {
            throw unreadable(file, 0, e);
        }
    }

    /** The failure to read {@code file}, in words. */
    public static DataFormatException unreadable(Path file, long line, IOException failure) {
        String problem;
        if (failure instanceof NoSuchFileException) {
            problem = "no such file";
        } else if (failure instanceof AccessDeniedException) {
            problem = "it may not be read: permission denied";
        } else {
            problem = "it cannot be read: " + failure.getMessage();
        }
        return new DataFormatException(file.toString(), line, problem, failure);
    }

    private static void requireRegular(Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        if (!attributes.isRegularFile()) {
            throw new DataFormatException(
                    file.toString(),
                    0,
                    attributes.isDirectory()
                            ? "it is a folder, not a file"
                            : "it is a named pipe, a device or the like; only regular files are read");
        }
    }
}
