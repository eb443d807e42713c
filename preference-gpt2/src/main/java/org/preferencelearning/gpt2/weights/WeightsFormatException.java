package org.preferencelearning.gpt2.weights;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.error.PreferenceException;

/** A weights file cannot be read as what it is said to be; the message names the file and, where known, the tensor. */
public final class WeightsFormatException extends PreferenceException {
    WeightsFormatException(String file, String problem, @Nullable Throwable cause) {
        super(file + ": " + problem, cause);
    }

    WeightsFormatException(String file, String problem) {
        this(file, problem, null);
    }

    /** The system cannot read the file. */
    static WeightsFormatException unreadable(String file, IOException cause) {
        return new WeightsFormatException(file, "cannot be read: " + cause, cause);
    }
}
