package org.preferencelearning.core.error;

/** Two threads use what serves one at a time. The one that came first is not disturbed. */
public final class ConcurrentUseException extends PreferenceException {
    /**
     * @param first the thread that uses it, and what for
     * @param second the thread that was refused, and what for
     */
    public ConcurrentUseException(String first, String second) {
        super(
                "a model serves one thread at a time: " + second + " must wait until " + first
                        + " is done, or have a copy of the model",
                null);
    }
}
