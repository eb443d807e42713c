package org.preferencelearning.testkit;

import java.util.Arrays;
import org.assertj.core.api.AbstractAssert;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Assertions on a tensor. */
public final class TensorAssert extends AbstractAssert<TensorAssert, INDArray> {
    TensorAssert(INDArray tensor) {
        super(tensor, TensorAssert.class);
    }

    /** Its shape is this one; none for a scalar. */
    public TensorAssert hasShape(long... shape) {
        isNotNull();
        if (!Arrays.equals(actual.shape(), shape)) {
            throw failure("the shape is %s; expected: %s", Arrays.toString(actual.shape()), Arrays.toString(shape));
        }
        return this;
    }

    /** No entry is infinite or not a number. */
    public TensorAssert isFinite() {
        isNotNull();
        double[] entries = entries(actual);
        for (int i = 0; i < entries.length; i++) {
            if (!Double.isFinite(entries[i])) {
                throw failure("entry %s is %s; expected: a finite number", index(i), entries[i]);
            }
        }
        return this;
    }

    /**
     * Of one shape with another, and each entry within {@code absolute + relative * |expected|} of the other's. Not a number
     * is close to nothing.
     */
    public TensorAssert isCloseTo(INDArray expected, double relative, double absolute) {
        hasShape(expected.shape());
        double[] found = entries(actual);
        double[] wanted = entries(expected);
        int worst = -1;
        int differing = 0;
        double excess = 0;
        for (int i = 0; i < found.length; i++) {
            double allowed = absolute + relative * Math.abs(wanted[i]);
            double error = Math.abs(found[i] - wanted[i]);
            if (found[i] == wanted[i] || error <= allowed) {
                continue;
            }
            differing++;
            double share = Double.isNaN(error) ? Double.POSITIVE_INFINITY : error - allowed;
            if (worst < 0 || share > excess) {
                worst = i;
                excess = share;
            }
        }
        if (worst >= 0) {
            throw failure(
                    "%s of %s entries differ by more than %s + %s * |expected|, most of all entry %s: it is %s;"
                            + " expected: %s",
                    differing, found.length, absolute, relative, index(worst), found[worst], wanted[worst]);
        }
        return this;
    }

    private static double[] entries(INDArray tensor) {
        return tensor.castTo(DataType.DOUBLE).dup('c').ravel().toDoubleVector();
    }

    /** Where an entry is, of those in the order of the last dimension first. */
    private String index(int entry) {
        long[] shape = actual.shape();
        long[] index = new long[shape.length];
        long rest = entry;
        for (int dimension = shape.length - 1; dimension >= 0; dimension--) {
            index[dimension] = rest % shape[dimension];
            rest /= shape[dimension];
        }
        return Arrays.toString(index);
    }
}
