package org.preferencelearning.core.error;

/** What was closed is used again; its memory is no longer there. */
public final class ClosedException extends PreferenceException {
    /** @param use what was asked for */
    public ClosedException(String use) {
        super("the model is closed: " + use + " is no longer possible", null);
    }
}
