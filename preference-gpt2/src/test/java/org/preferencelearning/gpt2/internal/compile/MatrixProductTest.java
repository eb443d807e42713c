package org.preferencelearning.gpt2.internal.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.preferencelearning.gpt2.internal.compile.MatrixProduct.Factor;

class MatrixProductTest {
    private static final int INNER = 40;
    private static final int COLUMNS = 30;

    /** Few rows and many, each factor as it is and transposed, set and added: against sums in double precision. */
    @Test
    void productsEqualSumsInDoublePrecision() {
        agree(DataType.FLOAT, MatrixPrecision.FLOAT32, 2e-5);
        agree(DataType.DOUBLE, MatrixPrecision.FLOAT32, 1e-12);
    }

    /** Each factor is off by at most 2^-9 of itself; the terms' errors add up like a random walk. */
    @Test
    void halfPrecisionIsOffByNoMoreThanItsRounding() {
        assumeThat(FusedOperations.bfloat16())
                .as("this processor multiplies bfloat16")
                .isTrue();
        agree(DataType.FLOAT, MatrixPrecision.BFLOAT16, 0.1);
        assertThat(byOne(70, 1 + 1f / 1024)).containsOnly(1);
    }

    @Test
    void fewRowsAreNotWorthRounding() {
        assertThat(byOne(3, 1 + 1f / 1024)).containsOnly(1 + 1f / 1024);
    }

    private static float[] byOne(int rows, float value) {
        try (INDArray a = Nd4j.valueArrayOf(new long[] {rows, 1}, value, DataType.FLOAT);
                INDArray b = Nd4j.createFromArray(new float[][] {{1}});
                INDArray out = Nd4j.create(DataType.FLOAT, rows, 1);
                MatrixProduct product =
                        new MatrixProduct(Factor.of(a), Factor.of(b), out, false, MatrixPrecision.BFLOAT16)) {
            product.run();
            return out.reshape(rows).toFloatVector();
        }
    }

    private static void agree(DataType type, MatrixPrecision precision, double tolerance) {
        RandomSource random = RandomSource.of(6);
        for (int rows : new int[] {3, 70}) {
            for (int variant = 0; variant < 8; variant++) {
                boolean transposeA = (variant & 1) > 0;
                boolean transposeB = (variant & 2) > 0;
                boolean added = (variant & 4) > 0;
                double[][] a = random(rows, INNER, random);
                double[][] b = random(INNER, COLUMNS, random);
                double[] expected = new double[rows * COLUMNS];
                for (int i = 0; i < expected.length; i++) {
                    expected[i] = added ? 1 : 0;
                    for (int k = 0; k < INNER; k++) {
                        expected[i] += a[i / COLUMNS][k] * b[k][i % COLUMNS];
                    }
                }
                try (INDArray left = array(transposeA ? transposed(a) : a, type);
                        INDArray right = array(transposeB ? transposed(b) : b, type);
                        INDArray out = Nd4j.ones(type, rows, COLUMNS);
                        MatrixProduct product = new MatrixProduct(
                                new Factor(left, transposeA), new Factor(right, transposeB), out, added, precision)) {
                    product.run();
                    assertThat(out.reshape(out.length()).toDoubleVector())
                            .as("%d rows, variant %d", rows, variant)
                            .containsExactly(expected, within(tolerance));
                }
            }
        }
    }

    private static INDArray array(double[][] values, DataType type) {
        return Nd4j.createFromArray(values).castTo(type).dup('c');
    }

    private static double[][] transposed(double[][] matrix) {
        double[][] result = new double[matrix[0].length][matrix.length];
        for (int row = 0; row < matrix.length; row++) {
            for (int column = 0; column < matrix[0].length; column++) {
                result[column][row] = matrix[row][column];
            }
        }
        return result;
    }

    private static double[][] random(int rows, int columns, RandomSource random) {
        double[][] values = new double[rows][columns];
        for (double[] row : values) {
            Arrays.setAll(row, i -> random.nextGaussian());
        }
        return values;
    }
}
