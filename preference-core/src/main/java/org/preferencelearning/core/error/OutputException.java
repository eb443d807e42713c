package org.preferencelearning.core.error;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file or folder cannot be written, or must not be replaced; what was there before is still there. */
public final class OutputException extends PreferenceException {
    private final transient Path path;
    private final String problem;

    /**
     * @param path the file or folder as given
     * @param problem why it cannot be written, in words
     * @param cause the underlying failure, or null
     */
    public OutputException(Path path, String problem, @Nullable Throwable cause) {
        super((path.toString().isEmpty() ? "''" : path) + ": cannot be written: " + problem, cause);
        this.path = path;
        this.problem = problem;
    }

    /** The file or folder as given. */
    public Path path() {
        return path;
    }

    /** Why it cannot be written, in words. */
    public String problem() {
        return problem;
    }
}
