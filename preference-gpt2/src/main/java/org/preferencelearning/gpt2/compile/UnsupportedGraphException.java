package org.preferencelearning.gpt2.compile;

import org.preferencelearning.core.error.PreferenceException;

/** A graph holds an operation that {@link CompiledGraph} cannot replay; {@link SessionGraph} may still run it. */
public final class UnsupportedGraphException extends PreferenceException {
    UnsupportedGraphException(String operation, String reason) {
        super("operation '" + operation + "' cannot be run: " + reason, null);
    }
}
