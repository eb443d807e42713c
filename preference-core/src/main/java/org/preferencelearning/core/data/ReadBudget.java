package org.preferencelearning.core.data;

import java.io.IOException;

/** What was read of a source so far, against its limits; all files of a source count together. Not thread-safe. */
final class ReadBudget {
    /** Of a folder, a pattern or an archive: more is no data set but a slip, or an attack. */
    static final int MOST_FILES = 10_000;

    private final ReadLimits limits;
    private long rows;
    private long bytes;

    ReadBudget(ReadLimits limits) {
        this.limits = limits;
    }

    ReadLimits limits() {
        return limits;
    }

    /** Counts a row, before it is taken. */
    void row() throws LimitException {
        rows++;
        if (rows > limits.rows()) {
            throw new LimitException(
                    "more than " + limits.rows() + " rows, blank lines among them" + ReadLimits.cure("rows"));
        }
    }

    /** Counts unpacked bytes. */
    void bytes(long more) throws LimitException {
        bytes += more;
        if (bytes > limits.bytes()) {
            throw new LimitException("more than " + limits.bytes() + " bytes of text" + ReadLimits.cure("bytes"));
        }
    }

    /** Refuses a row of more characters than are allowed. */
    void requireLength(long length) throws LimitException {
        if (length > limits.rowLength()) {
            throw tooLong();
        }
    }

    LimitException tooLong() {
        return new LimitException(
                "a row is longer than " + limits.rowLength() + " characters" + ReadLimits.cure("rowLength"));
    }

    /** A limit is exceeded; the message says which. */
    static final class LimitException extends IOException {
        private static final long serialVersionUID = 1L;

        LimitException(String message) {
            super(message);
        }
    }
}
