package org.preferencelearning.core.data;

/** How a row of a file becomes a preference pair. Implement it for a schema of your own. */
@FunctionalInterface
public interface PreferenceFormat {
    /**
     * The pair that {@code row} describes.
     *
     * @throws RowRejectedException if the row is well formed but cannot be used; it is then counted under that reason
     * @throws org.preferencelearning.core.error.DataFormatException if the row is not of this schema
     */
    PreferencePair parse(JsonRow row) throws RowRejectedException;
}
