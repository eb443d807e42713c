package org.preferencelearning.examples;

import org.preferencelearning.core.error.PreferenceException;

/** A result is not a finite number, so that nothing can be said with it. */
final class NonFiniteResultException extends PreferenceException {
    /**
     * @param name of the result
     * @param value what it is
     */
    NonFiniteResultException(String name, double value) {
        super(
                "result '" + name + "' is " + value
                        + ", not a finite number; are all weights of the models finite, and is the"
                        + " learning rate too high?",
                null);
    }
}
