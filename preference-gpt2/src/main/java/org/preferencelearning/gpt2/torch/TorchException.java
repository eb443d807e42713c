package org.preferencelearning.gpt2.torch;

import org.preferencelearning.core.error.PreferenceException;

/** libtorch is not there, is too old, has no code for the device, or refuses an operation; the message says which. */
public final class TorchException extends PreferenceException {
    TorchException(String message) {
        this(message, null);
    }

    TorchException(String message, Throwable cause) {
        super(message, cause);
    }
}
