package org.preferencelearning.core.data;

/** Texts as Python counts and strips them, where this library follows code that is written in Python. */
public final class PythonText {
    private PythonText() {}

    /** Python's {@code len(text)}: code points. */
    public static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    /** Python's {@code text.strip()}. */
    public static String strip(String text) {
        int start = 0;
        int end = text.length();
        while (start < end && isSpace(text.charAt(start))) {
            start++;
        }
        while (end > start && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(start, end);
    }

    /** Whether nothing is left of a text that is stripped. */
    public static boolean isBlank(String text) {
        return text.chars().allMatch(c -> isSpace((char) c));
    }

    /**
     * Python's {@code str.isspace()} of one character: bidirectional type WS, B or S, or category Zs. Java's
     * {@link Character#isWhitespace(char)} leaves out U+0085 and the no-break spaces U+00A0, U+2007 and U+202F.
     */
    private static boolean isSpace(char c) {
        return Character.isWhitespace(c) || c == '\u0085' || Character.getType(c) == Character.SPACE_SEPARATOR;
    }
}
