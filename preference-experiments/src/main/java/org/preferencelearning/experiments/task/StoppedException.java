package org.preferencelearning.experiments.task;

import org.preferencelearning.core.error.PreferenceException;

/** The run was asked to stop; what it had done is kept. */
public final class StoppedException extends PreferenceException {
    /** @param message what was done and how to go on */
    public StoppedException(String message) {
        super(message, null);
    }
}
