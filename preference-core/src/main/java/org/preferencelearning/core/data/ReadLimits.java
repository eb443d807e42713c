package org.preferencelearning.core.data;

import org.preferencelearning.core.error.SettingException;

/**
 * How much of a data file is read before it is refused, so that a small packed file cannot take hours or all memory. The
 * defaults are beyond the published preference data; larger files need larger limits, here or as system properties.
 *
 * @param rows most lines, blank ones among them, or elements of a list; at least 1; property {@code preference.data.rows}
 * @param bytes most bytes, unpacked; at least 1; property {@code preference.data.bytes}
 * @param rowLength longest line or element, in UTF-16 code units, which are never more than its bytes; at least 1; property
 *     {@code preference.data.rowLength}
 */
public record ReadLimits(long rows, long bytes, int rowLength) {
    private static final String PREFIX = "preference.data.";
    private static final ReadLimits DEFAULTS = new ReadLimits(4_000_000, 4L << 30, 32 << 20);

    public ReadLimits {
        require("rows", rows, Long.MAX_VALUE);
        require("bytes", bytes, Long.MAX_VALUE);
        // room for what a buffer reads beyond the end of a row
        require("rowLength", rowLength, Integer.MAX_VALUE - (1 << 20));
    }

    /** 4 million rows, 4 GiB, rows of 32 Mi units. */
    public static ReadLimits defaults() {
        return DEFAULTS;
    }

    /**
     * The defaults, but for what system properties say.
     *
     * @throws SettingException if a property is no number in its range
     */
    public static ReadLimits current() {
        return new ReadLimits(property("rows", DEFAULTS.rows), property("bytes", DEFAULTS.bytes), (int)
                Math.min(Integer.MAX_VALUE, property("rowLength", DEFAULTS.rowLength)));
    }

    /** These limits with another number of rows. */
    public ReadLimits withRows(long rows) {
        return new ReadLimits(rows, bytes, rowLength);
    }

    /** These limits with another number of bytes. */
    public ReadLimits withBytes(long bytes) {
        return new ReadLimits(rows, bytes, rowLength);
    }

    /** These limits with another length of rows. */
    public ReadLimits withRowLength(int rowLength) {
        return new ReadLimits(rows, bytes, rowLength);
    }

    /** How a limit is raised; the end of a message. */
    static String cure(String limit) {
        return "; ReadLimits or -D" + PREFIX + limit + "=... raises the limit";
    }

    private static void require(String name, long value, long most) {
        SettingException.require(value >= 1 && value <= most, PREFIX + name, value, "1 to " + most);
    }

    private static long property(String name, long otherwise) {
        String text = System.getProperty(PREFIX + name);
        try {
            return text == null ? otherwise : Long.parseLong(text.strip());
        } catch (NumberFormatException e) {
            throw new SettingException(PREFIX + name, text, "a whole number");
        }
    }
}
