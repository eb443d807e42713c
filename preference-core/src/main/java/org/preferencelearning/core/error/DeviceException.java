package org.preferencelearning.core.error;

import org.jspecify.annotations.Nullable;

/**
 * A device cannot be used: what computes on it is not there, is too old, has no code for it, or refuses an operation; the
 * message says which.
 */
public final class DeviceException extends PreferenceException {
    public DeviceException(String message) {
        this(message, null);
    }

    public DeviceException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
