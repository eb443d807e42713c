package org.preferencelearning.core.internal.runtime;

import java.io.IOException;
import java.io.PrintStream;
import java.util.Locale;

/**
 * Hands all that is printed to another stream, but for ND4J's lines about differentiation from threads that asked for it.
 * Each call is handed on as it came, so that encoding, flushing and locking stay the other stream's.
 */
final class DifferentiationFilter extends PrintStream {
    /** How each of ND4J's lines begins; the name of an operation follows. */
    static final String NOISE = "Added differentiated op ";

    private static final ThreadLocal<Boolean> DROPS = new ThreadLocal<>();

    private final PrintStream original;

    DifferentiationFilter(PrintStream original) {
        super(original);
        this.original = original;
    }

    /** Says whether this thread's lines of {@link #NOISE} are dropped from now on. */
    static void drop(boolean drop) {
        if (drop) {
            DROPS.set(true);
        } else {
            DROPS.remove();
        }
    }

    PrintStream original() {
        return original;
    }

    @Override
    public void println(String line) {
        if (line == null || !line.startsWith(NOISE) || DROPS.get() == null) {
            original.println(line);
        }
    }

    @Override
    public void println() {
        original.println();
    }

    @Override
    public void println(boolean value) {
        original.println(value);
    }

    @Override
    public void println(char value) {
        original.println(value);
    }

    @Override
    public void println(int value) {
        original.println(value);
    }

    @Override
    public void println(long value) {
        original.println(value);
    }

    @Override
    public void println(float value) {
        original.println(value);
    }

    @Override
    public void println(double value) {
        original.println(value);
    }

    @Override
    public void println(char[] value) {
        original.println(value);
    }

    @Override
    public void println(Object value) {
        original.println(value);
    }

    @Override
    public void print(boolean value) {
        original.print(value);
    }

    @Override
    public void print(char value) {
        original.print(value);
    }

    @Override
    public void print(int value) {
        original.print(value);
    }

    @Override
    public void print(long value) {
        original.print(value);
    }

    @Override
    public void print(float value) {
        original.print(value);
    }

    @Override
    public void print(double value) {
        original.print(value);
    }

    @Override
    public void print(char[] value) {
        original.print(value);
    }

    @Override
    public void print(String value) {
        original.print(value);
    }

    @Override
    public void print(Object value) {
        original.print(value);
    }

    @Override
    public PrintStream printf(String format, Object... values) {
        original.printf(format, values);
        return this;
    }

    @Override
    public PrintStream printf(Locale locale, String format, Object... values) {
        original.printf(locale, format, values);
        return this;
    }

    @Override
    public PrintStream format(String format, Object... values) {
        original.format(format, values);
        return this;
    }

    @Override
    public PrintStream format(Locale locale, String format, Object... values) {
        original.format(locale, format, values);
        return this;
    }

    @Override
    public PrintStream append(CharSequence text) {
        original.append(text);
        return this;
    }

    @Override
    public PrintStream append(CharSequence text, int start, int end) {
        original.append(text, start, end);
        return this;
    }

    @Override
    public PrintStream append(char value) {
        original.append(value);
        return this;
    }

    @Override
    public void write(int value) {
        original.write(value);
    }

    @Override
    public void write(byte[] bytes) throws IOException {
        original.write(bytes);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        original.write(bytes, offset, length);
    }

    @Override
    public void writeBytes(byte[] bytes) {
        original.writeBytes(bytes);
    }

    @Override
    public void flush() {
        original.flush();
    }

    @Override
    public void close() {
        original.close();
    }

    @Override
    public boolean checkError() {
        return original.checkError();
    }
}
