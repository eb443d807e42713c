package org.preferencelearning.core.state;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Takes named values. A name is given once; it may hold {@code /}, as the names of a {@link #child} do.
 *
 * <p>Tensors are not copied: they must stay as they are until the state has been written.
 */
public interface StateWriter {
    /** A whole number. */
    void whole(String name, long value);

    /** A real number, kept to the bit; infinities too. */
    void real(String name, double value);

    /** Text. */
    void text(String name, String value);

    /** Texts in order. */
    void texts(String name, List<String> values);

    /** Bytes. */
    void bytes(String name, byte[] value);

    /** Real numbers in order, kept to the bit. */
    void reals(String name, double[] values);

    /** A tensor in FLOAT or DOUBLE of at most 2 GiB, kept to the bit. */
    void tensor(String name, INDArray value);

    /** A writer whose names all begin with {@code name/}. */
    default StateWriter child(String name) {
        return new PrefixedWriter(this, name + "/");
    }
}
