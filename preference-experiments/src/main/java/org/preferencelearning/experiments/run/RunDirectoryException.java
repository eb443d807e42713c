package org.preferencelearning.experiments.run;

import java.nio.file.Path;
import org.preferencelearning.core.error.PreferenceException;

/** A run directory cannot be used: it belongs to another study, is in use, is of a newer form, or cannot be written. */
public final class RunDirectoryException extends PreferenceException {
    RunDirectoryException(Path directory, String problem, Throwable cause) {
        this(directory.toString(), problem, cause);
    }

    /** @param place a directory, or a store that holds one */
    RunDirectoryException(String place, String problem, Throwable cause) {
        super(place + ": " + problem, cause);
    }

    RunDirectoryException(Path directory, String problem) {
        this(directory, problem, null);
    }
}
