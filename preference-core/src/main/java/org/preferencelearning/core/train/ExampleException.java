package org.preferencelearning.core.train;

import org.preferencelearning.core.error.PreferenceException;

/** An example cannot be trained on, for example because it is longer than the model's longest sequence. */
public final class ExampleException extends PreferenceException {
    private final int index;

    ExampleException(int index, int examples, PreferenceException cause) {
        super("example " + index + " (from 0, of " + examples + "): " + cause.getMessage(), cause);
        this.index = index;
    }

    /** Its place in the list of examples, from 0. */
    public int index() {
        return index;
    }
}
