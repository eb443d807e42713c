package org.preferencelearning.experiments.run;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.error.PreferenceException;

/** A run directory cannot be used: it belongs to another study, is in use, is of a newer form, or cannot be written. */
public final class RunDirectoryException extends PreferenceException {
    RunDirectoryException(Path directory, String problem, @Nullable Throwable cause) {
        this(directory.toString(), problem, cause);
    }

    RunDirectoryException(Path directory, String problem) {
        this(directory, problem, null);
    }

    /** @param place a directory, or a store that holds one */
    RunDirectoryException(String place, String problem, @Nullable Throwable cause) {
        super(place + ": " + problem, cause);
    }
}
