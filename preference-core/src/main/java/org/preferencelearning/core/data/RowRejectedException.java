package org.preferencelearning.core.data;

/** A well-formed row that cannot serve as training data. Readers catch it and count its reason. */
public final class RowRejectedException extends Exception {
    private final String reason;

    public RowRejectedException(String reason) {
        super(reason, null, false, false);
        this.reason = reason;
    }

    /** What rows like this are counted under. */
    public String reason() {
        return reason;
    }
}
