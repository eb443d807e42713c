package org.preferencelearning.core.error;

import org.jspecify.annotations.Nullable;

/** Root of the errors that this library throws for bad input, as opposed to bugs of its own. */
public abstract class PreferenceException extends RuntimeException {
    protected PreferenceException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
