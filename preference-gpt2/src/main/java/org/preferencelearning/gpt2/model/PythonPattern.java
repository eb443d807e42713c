package org.preferencelearning.gpt2.model;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.preferencelearning.core.internal.io.JsonFields;

/**
 * A regular expression of Python's, as files of the peft library hold them, in the part that Java's have too. One that takes
 * too many steps, as hostile ones can for years, is refused.
 */
final class PythonPattern {
    private static final int MOST_STEPS = 1_000_000;

    private final JsonFields fields;
    private final String field;
    private final Pattern pattern;

    private PythonPattern(JsonFields fields, String field, Pattern pattern) {
        this.fields = fields;
        this.field = field;
        this.pattern = pattern;
    }

    /**
     * The pattern that a field holds.
     *
     * @throws org.preferencelearning.core.error.DataFormatException if it is none
     */
    static PythonPattern of(JsonFields fields, String field, String expression) {
        try {
            return new PythonPattern(fields, field, Pattern.compile(expression.replace("(?P<", "(?<")));
        } catch (PatternSyntaxException e) {
            throw fields.fault(field, "a regular expression that Java reads too: " + e.getDescription());
        }
    }

    /** Whether the whole of a text matches. */
    boolean matches(String text) {
        try {
            return pattern.matcher(new Counted(text)).matches();
        } catch (TooManySteps | StackOverflowError e) {
            throw fields.fault(field, "a regular expression that is decided in " + MOST_STEPS + " steps");
        }
    }

    private static final class TooManySteps extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** A text that can be looked at a limited number of times. */
    private static final class Counted implements CharSequence {
        private final String text;
        private int steps;

        Counted(String text) {
            this.text = text;
        }

        @Override
        public char charAt(int index) {
            if (++steps > MOST_STEPS) {
                throw new TooManySteps();
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.substring(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
