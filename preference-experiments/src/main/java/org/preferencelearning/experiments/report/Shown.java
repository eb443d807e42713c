package org.preferencelearning.experiments.report;

import java.util.Locale;

/**
 * Text of anybody as it may stand on a page: what has no shape of its own, or changes the shape of its neighbours, is written
 * out. Control characters become their pictures, marks of direction, invisible characters and halves of surrogate pairs their
 * numbers, such as {@code ⟨U+202E⟩}. Line feeds stay.
 */
final class Shown {
    /** Longest text that is shown; what follows is counted. */
    static final int LONGEST = 2000;

    private static final int PICTURES = 0x2400;
    private static final int PICTURE_OF_DELETE = 0x2421;
    private static final int DELETE = 0x7f;
    private static final int NON_JOINER = 0x200c;
    private static final int JOINER = 0x200d;

    private Shown() {}

    /** The text, cut at {@link #LONGEST} characters. */
    static String text(String text) {
        return text(text, LONGEST);
    }

    /** The text, cut at {@code longest} characters, with the number of those left out. */
    static String text(String text, int longest) {
        int end = Math.min(text.length(), longest);
        if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
            end--;
        }
        StringBuilder shown = new StringBuilder(end);
        text.substring(0, end).codePoints().forEach(point -> append(shown, point));
        if (end < text.length()) {
            shown.append(String.format(Locale.ROOT, " … (%,d more characters)", text.length() - end));
        }
        return shown.toString();
    }

    private static void append(StringBuilder shown, int point) {
        if (point < ' ' && point != '\n') {
            shown.appendCodePoint(PICTURES + point);
        } else if (point == DELETE) {
            shown.appendCodePoint(PICTURE_OF_DELETE);
        } else if (isInvisible(point)) {
            shown.append(String.format(Locale.ROOT, "⟨U+%04X⟩", point));
        } else {
            shown.appendCodePoint(point);
        }
    }

    private static boolean isInvisible(int point) {
        if (point == '\n' || point == NON_JOINER || point == JOINER) {
            return false;
        }
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }
}
