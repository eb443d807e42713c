package org.preferencelearning.gpt2.internal.compile;

import org.preferencelearning.core.error.PreferenceException;

/** A graph holds an operation that what is to run it has no kernel for; {@link SessionGraph} may still run it. */
public final class UnsupportedGraphException extends PreferenceException {
    /**
     * @param operation its name
     * @param reason why it cannot be run
     */
    public UnsupportedGraphException(String operation, String reason) {
        super("operation '" + operation + "' cannot be run: " + reason, null);
    }
}
