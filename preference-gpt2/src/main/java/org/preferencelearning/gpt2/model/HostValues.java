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

    /** Some columns of a matrix of floats without gaps, row after row. */
    static float[] columns(INDArray matrix, int... indices) {
        FloatPointer values = pointer(matrix, 0);
        float[] some = new float[Math.toIntExact(matrix.size(0) * indices.length)];
        int to = 0;
        for (long row = 0; row < matrix.size(0); row++) {
            for (int index : indices) {
                some[to++] = values.get(row * matrix.size(1) + index);
            }
        }
        return some;
    }

    /** Adds to a row of a matrix of floats without gaps. */
    static void addToRow(INDArray matrix, int row, double... update) {
        float[] sum = new float[update.length];
        copyRow(matrix, row, sum);
        for (int i = 0; i < sum.length; i++) {
            sum[i] += (float) update[i];
        }
        pointer(matrix, (long) row * sum.length).put(sum);
    }

    private static FloatPointer pointer(INDArray array, long start) {
        return new FloatPointer(array.data().pointer()).position(array.offset() + start);
    }

    private static void copy(INDArray array, long start, float[] into) {
        pointer(array, start).get(into);
    }
}
