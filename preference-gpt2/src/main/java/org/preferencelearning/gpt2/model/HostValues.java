package org.preferencelearning.gpt2.model;

import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Values of arrays as Java's, copied as a block where ND4J would fetch them one by one. */
final class HostValues {
    private HostValues() {}

    /**
     * All values of an array.
     *
     * @param array row-major and without gaps
     */
    static double[] of(INDArray array) {
        if (array.dataType() != DataType.FLOAT) {
            return array.reshape(array.length()).toDoubleVector();
        }
        float[] floats = new float[(int) array.length()];
        copy(array, 0, floats);
        double[] values = new double[floats.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = floats[i];
        }
        return values;
    }

    /** A row of a matrix without gaps, as floats. */
    static void copyRow(INDArray matrix, int row, float[] into) {
        if (matrix.dataType() == DataType.FLOAT) {
            copy(matrix, (long) row * into.length, into);
        } else {
            System.arraycopy(matrix.getRow(row).toFloatVector(), 0, into, 0, into.length);
        }
    }

    private static void copy(INDArray array, long start, float[] into) {
        new FloatPointer(array.data().pointer())
                .position(array.offset() + start)
                .get(into);
    }
}
