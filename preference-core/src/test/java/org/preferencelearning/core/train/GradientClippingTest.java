package org.preferencelearning.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.random.RandomSource;

class GradientClippingTest {
    /** More than two blocks of the host's arithmetic, and no whole number of them. */
    private static final int LENGTH = 40_003;

    @Test
    void theNormIsThatOfAllGradientsTogetherInEitherArithmetic() {
        try (ParameterStore floats = store(DataType.FLOAT);
                ParameterStore doubles = store(DataType.DOUBLE)) {
            RandomSource random = RandomSource.of(3);
            double squares = 0;
            for (String name : new String[] {"weight", "bias"}) {
                INDArray gradient = floats.get(name).gradient();
                for (long i = 0; i < gradient.length(); i++) {
                    float value = (float) random.nextGaussian();
                    gradient.putScalar(i, value);
                    doubles.get(name).gradient().putScalar(i, value);
                    squares += (double) value * value;
                }
            }
            assertThat(HostFloats.fits(floats.get("weight").gradient())).isTrue();
            assertThat(GradientClipping.norm(floats)).isCloseTo(Math.sqrt(squares), within(1e-9));
            assertThat(GradientClipping.norm(doubles)).isCloseTo(Math.sqrt(squares), within(1e-9));
            assertThat(GradientClipping.norm(floats)).isEqualTo(GradientClipping.norm(floats));
        }
    }

    @Test
    void whatIsNotFiniteShowsInTheNorm() {
        try (ParameterStore store = store(DataType.FLOAT)) {
            store.get("weight").gradient().putScalar(LENGTH - 1L, Float.NaN);
            assertThat(GradientClipping.norm(store)).isNaN();
        }
    }

    @Test
    void clippingLeavesShortGradientsAlone() {
        assertThat(GradientClipping.factor(0.5, 1)).isEqualTo(1);
        assertThat(GradientClipping.factor(4, 1)).isCloseTo(0.25, within(1e-6));
    }

    private static ParameterStore store(DataType type) {
        return ParameterStore.builder()
                .add("weight", Nd4j.create(type, LENGTH), true, true)
                .add("bias", Nd4j.create(type, 7), true, false)
                .build();
    }
}
