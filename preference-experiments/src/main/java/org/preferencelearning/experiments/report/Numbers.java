package org.preferencelearning.experiments.report;

import java.util.Locale;

/** Numbers for people. */
final class Numbers {
    private static final double LONGEST_WHOLE = 1e7;
    private static final double SMALLEST_PLAIN = 1e-3;

    private Numbers() {}

    /** Four significant digits; whole numbers in full. */
    static String text(double value) {
        if (value == 0) {
            return "0";
        }
        double size = Math.abs(value);
        if (value == Math.rint(value) && size < LONGEST_WHOLE) {
            return sign(String.format(Locale.ROOT, "%.0f", value));
        }
        if (size < SMALLEST_PLAIN || size >= LONGEST_WHOLE) {
            return sign(String.format(Locale.ROOT, "%.2e", value));
        }
        int decimals = Math.max(0, 3 - (int) Math.floor(Math.log10(size)));
        return sign(String.format(Locale.ROOT, "%." + decimals + "f", value));
    }

    /** Two significant digits, for widths of intervals. */
    static String width(double value) {
        if (value == 0) {
            return "0";
        }
        double size = Math.abs(value);
        if (size < SMALLEST_PLAIN || size >= LONGEST_WHOLE) {
            return sign(String.format(Locale.ROOT, "%.1e", value));
        }
        return sign(String.format(Locale.ROOT, "%." + decimals(size) + "f", value));
    }

    /** As short as it is exact to six digits, for axes. */
    static String tick(double value) {
        double size = Math.abs(value);
        if (size >= 1e6 || value != 0 && size < SMALLEST_PLAIN) {
            String text = String.format(Locale.ROOT, "%.1e", value)
                    .replace(".0e", "e")
                    .replaceAll("e([+-])0*", "e$1");
            return sign(text.replace("e+", "e").replace("e-", "e−"));
        }
        String text = String.format(Locale.ROOT, "%.6f", value);
        return sign(text.replaceAll("\\.?0+$", ""));
    }

    /** With its sign, whichever it is, and one decimal more than two digits of half the width of its interval have. */
    static String signed(double value, double halfWidth) {
        if (halfWidth < SMALLEST_PLAIN || halfWidth >= LONGEST_WHOLE) {
            return signed(value);
        }
        String text = sign(String.format(Locale.ROOT, "%." + (decimals(halfWidth) + 1) + "f", value));
        return value > 0 ? "+" + text : text;
    }

    /** Decimals of two significant digits. */
    private static int decimals(double size) {
        return Math.max(0, 1 - (int) Math.floor(Math.log10(size)));
    }

    /** With its sign, whichever it is. */
    static String signed(double value) {
        return value > 0 ? "+" + text(value) : text(value);
    }

    private static String sign(String text) {
        return text.startsWith("-") ? "−" + text.substring(1) : text;
    }
}
