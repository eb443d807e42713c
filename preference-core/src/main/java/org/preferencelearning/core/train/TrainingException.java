package org.preferencelearning.core.train;

import org.preferencelearning.core.error.PreferenceException;

/** Training cannot go on, for example because a loss is not finite. */
public final class TrainingException extends PreferenceException {
    public TrainingException(String message) {
        super(message, null);
    }
}
