package org.preferencelearning.core.error;

/** A model's result is infinite or not a number; the message says which. Its weights are broken, or training diverged. */
public final class NonFiniteException extends PreferenceException {
    /**
     * @param what the quantity, and of what it is
     * @param value its value
     */
    public NonFiniteException(String what, double value) {
        super(
                what + " is " + value + "; it must be a finite number: the model's weights are broken or too large",
                null);
    }

    /**
     * Throws unless all of {@code values} are finite.
     *
     * @param what the quantity; the index of the first that is not finite follows it
     */
    public static void requireFinite(String what, double... values) {
        for (int i = 0; i < values.length; i++) {
            if (!Double.isFinite(values[i])) {
                throw new NonFiniteException(what + " " + i, values[i]);
            }
        }
    }
}
