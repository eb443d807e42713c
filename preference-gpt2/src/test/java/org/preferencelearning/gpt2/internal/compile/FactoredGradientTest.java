package org.preferencelearning.gpt2.internal.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.preferencelearning.gpt2.KernelClock;

class FactoredGradientTest {
    private final org.nd4j.linalg.api.rng.Random random =
            Nd4j.getRandomFactory().getNewRandomInstance(3);

    @BeforeEach
    void needsItsLibrary() {
        Assumptions.assumeTrue(DnnlContext.available(), "needs oneDNN's native library");
    }

    @Test
    void rowsAreThoseOfTheProduct() {
        INDArray left = normal(150, 70);
        INDArray right = normal(150, 90);
        INDArray expected = exact(left, right);
        FactoredGradient gradient = gradient(left, right);
        for (int first : new int[] {0, 1, 40}) {
            INDArray rows = Nd4j.valueArrayOf(new long[] {30, 90}, Double.NaN, DataType.FLOAT);
            gradient.rows(first, rows);
            INDArray off = rows.castTo(DataType.DOUBLE)
                    .sub(expected.get(NDArrayIndex.interval(first, first + 30), NDArrayIndex.all()));
            assertThat(off.amaxNumber().doubleValue())
                    .isLessThan(1e-6 * expected.amaxNumber().doubleValue());
        }
    }

    /** Fewer positions than a panel has, as many, and more that do not fill the last one. */
    @Test
    void squaresAreThoseOfTheProduct() {
        for (int positions : new int[] {1, 128, 300}) {
            INDArray left = normal(positions, 400).addi(0.5);
            INDArray right = normal(positions, 500);
            assertThat(gradient(left, right).squares())
                    .as("%d positions", positions)
                    .isCloseTo(squares(exact(left, right)), withinPercentage(1e-4));
        }
    }

    /** Pairs of positions whose contributions differ by a ten-thousandth: their Gram matrices' terms cancel to 1e-8. */
    @Test
    void squaresOfWhatAllButCancelsAreRight() {
        INDArray half = normal(100, 300);
        INDArray left = Nd4j.vstack(half, half);
        INDArray upstream = normal(100, 400);
        INDArray right =
                Nd4j.vstack(upstream, upstream.add(normal(100, 400).muli(1e-4)).negi());
        assertThat(gradient(left, right).squares()).isCloseTo(squares(exact(left, right)), withinPercentage(0.1));
    }

    @Test
    void squaresOfSmallValuesDoNotVanish() {
        INDArray left = normal(200, 300);
        INDArray right = normal(200, 400);
        double expected = squares(exact(left, right));
        for (double size : new double[] {1e-10, 1e-20, 1e-30}) {
            assertThat(gradient(left, right.mul(size)).squares() / size / size)
                    .as("of size %s", size)
                    .isCloseTo(expected, withinPercentage(1e-3));
        }
    }

    @Test
    void squaresOfNothingAreZeroAndOfWhatIsNotFiniteAreNot() {
        INDArray left = normal(40, 300);
        assertThat(gradient(left, Nd4j.zeros(DataType.FLOAT, 40, 200)).squares())
                .isZero();
        for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            INDArray right = normal(40, 200);
            right.putScalar(7, 11, value);
            assertThat(Double.isFinite(gradient(left, right).squares())).isFalse();
        }
    }

    @Test
    void paysWhereItSavesTwoFifths() {
        assertThat(FactoredGradient.pays(DataType.FLOAT, 384, 1280, 1280)).isTrue();
        assertThat(FactoredGradient.pays(DataType.FLOAT, 385, 1280, 1280)).isFalse();
        assertThat(FactoredGradient.pays(DataType.DOUBLE, 1, 768, 3072)).isFalse();
    }

    private static FactoredGradient gradient(INDArray left, INDArray right) {
        return new FactoredGradient(left, right, new KernelClock());
    }

    private INDArray normal(long rows, long columns) {
        return Nd4j.randn(0, 1, new long[] {rows, columns}, random).castTo(DataType.FLOAT);
    }

    private static INDArray exact(INDArray left, INDArray right) {
        return left.castTo(DataType.DOUBLE).transpose().mmul(right.castTo(DataType.DOUBLE));
    }

    private static double squares(INDArray matrix) {
        double norm = matrix.norm2Number().doubleValue();
        return norm * norm;
    }
}
