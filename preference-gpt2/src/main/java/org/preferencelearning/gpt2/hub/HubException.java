package org.preferencelearning.gpt2.hub;

import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.error.PreferenceException;

/** A file of the Hub cannot be had; the message names it and says what may help. */
public final class HubException extends PreferenceException {
    /** Why. */
    public enum Reason {
        /** The repository, revision or file does not exist. */
        NOT_FOUND,
        /** A token is missing or has no access. */
        UNAUTHORIZED,
        /** The server asks for fewer requests, for longer than is waited. */
        RATE_LIMITED,
        /** It is not in the cache and the network must not be used. */
        OFFLINE,
        /** What came has another size or checksum than was announced. */
        CORRUPT,
        /** It is larger than is accepted of its kind, or than there is room for. */
        TOO_LARGE,
        /** The cache cannot be written, or holds something that is not the cache's own. */
        CACHE,
        /** The server cannot be reached, or does not answer as it should. */
        NETWORK
    }

    private final Reason reason;

    HubException(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    HubException(Reason reason, String message) {
        this(reason, message, null);
    }

    /** Why. */
    public Reason reason() {
        return reason;
    }
}
