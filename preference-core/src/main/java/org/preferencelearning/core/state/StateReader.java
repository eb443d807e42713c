package org.preferencelearning.core.state;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Gives back what a {@link StateWriter} took. Every method throws a {@link StateException} if there is no such value. */
public interface StateReader {
    /** A whole number. */
    long whole(String name);

    /** A real number. */
    double real(String name);

    /** Text. */
    String text(String name);

    /** Texts in order. */
    List<String> texts(String name);

    /** Bytes. */
    byte[] bytes(String name);

    /** Real numbers in order. */
    double[] reals(String name);

    /**
     * Reads a tensor into an array.
     *
     * @throws StateException also if it is of another shape or type
     */
    void tensor(String name, INDArray into);

    /** The error that a value is not what it should be. */
    StateException fault(String name, String problem);

    /**
     * Checks that a value is the one expected.
     *
     * @param expected the value of the object that loads
     * @param meaning what it is, in words
     * @throws StateException if the text saved is another
     */
    default void requireText(String name, String expected, String meaning) {
        String saved = text(name);
        if (!saved.equals(expected)) {
            throw fault(name, "the state is of a run with " + meaning + " " + saved + ", not " + expected);
        }
    }

    /** A reader whose names all begin with {@code name/}. */
    default StateReader child(String name) {
        return new PrefixedReader(this, name + "/");
    }
}
