package org.preferencelearning.core.internal.io;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Failures of the file system in words. */
public final class Problems {
    private Problems() {}

    /** What to tell the user of a failure, the file's name included where the failure has one. */
    public static String words(IOException failure) {
        String said = failure instanceof FileSystemException system ? system.getReason() : failure.getMessage();
        String text = said == null ? "" : said;
        if (text.contains("No space left")) {
            return "the disk is full";
        }
        if (text.contains("Disk quota exceeded")) {
            return "the disk quota is used up";
        }
        String file = failure instanceof FileSystemException system && system.getFile() != null ? system.getFile() : "";
        if (text.contains("Read-only file system")) {
            return at(file, "the file system is read-only");
        }
        if (text.contains("File name too long")) {
            return at(file, "the name is too long");
        }
        if (failure instanceof AccessDeniedException) {
            return at(file, "no permission");
        }
        if (failure instanceof NoSuchFileException) {
            return at(file, "does not exist");
        }
        return at(file, text.isEmpty() ? failure.getClass().getSimpleName() : text);
    }

    private static String at(String file, String problem) {
        return file.isEmpty() ? problem : file + ": " + problem;
    }
}
