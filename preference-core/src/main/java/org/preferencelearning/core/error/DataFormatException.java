package org.preferencelearning.core.error;

import org.jspecify.annotations.Nullable;

/** A data file cannot be read as what it is said to be. The message starts with {@code file:line}. */
public final class DataFormatException extends PreferenceException {
    private final String file;
    private final long line;

    /**
     * @param file the file's name as given
     * @param line 1-based line, or 0 where the fault is not in a line
     * @param problem what is wrong, naming the field
     * @param cause the underlying failure, or null
     */
    public DataFormatException(String file, long line, String problem, @Nullable Throwable cause) {
        super(file + (line > 0 ? ":" + line : "") + ": " + problem, cause);
        this.file = file;
        this.line = line;
    }

    public DataFormatException(String file, long line, String problem) {
        this(file, line, problem, null);
    }

    /** The file's name as given. */
    public String file() {
        return file;
    }

    /** 1-based line of the fault, 0 if it is not in a line. */
    public long line() {
        return line;
    }
}
