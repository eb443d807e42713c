package org.preferencelearning.core.state;

import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.error.PreferenceException;

/** A saved state cannot be read, or is not that of the object that should go on from it. */
public final class StateException extends PreferenceException {
    /**
     * @param source what the state is read from, as the user knows it
     * @param problem what is wrong, naming the value
     * @param cause the underlying failure, or null
     */
    public StateException(String source, String problem, @Nullable Throwable cause) {
        super(source + ": " + problem, cause);
    }

    public StateException(String source, String problem) {
        this(source, problem, null);
    }
}
