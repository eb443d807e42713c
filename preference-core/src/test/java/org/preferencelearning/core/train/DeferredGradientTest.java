package org.preferencelearning.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.preferencelearning.core.model.DeferredGradient;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.train.TrainingSettings.AdamConstants;

class DeferredGradientTest {
    @Test
    void isComputedWhenItIsAskedForAndAddedToOneThatIsThere() {
        try (ParameterStore store = store(2, 3)) {
            Parameter weight = store.get("weight");
            INDArray values = Nd4j.createFromArray(new float[][] {{1, 2, 3}, {4, 5, 6}});
            weight.defer(new Known(values));
            assertThat(GradientClipping.norm(store)).isCloseTo(Math.sqrt(91), within(1e-12));
            assertThat(weight.deferred()).isPresent();
            assertThat(weight.hasGradientArray()).isFalse();
            assertThat(weight.gradient()).isEqualTo(values);
            assertThat(weight.deferred()).isEmpty();
            assertThat(weight.hasGradientArray()).isTrue();
            weight.defer(new Known(values));
            assertThat(weight.deferred()).as("there is an array to add to").isEmpty();
            assertThat(weight.gradient()).isEqualTo(values.mul(2));
            store.clearGradients();
            assertThat(weight.gradient().sumNumber().doubleValue()).isZero();
        }
    }

    @Test
    void isDroppedWithTheOthersAndComputedWithTheOthers() {
        try (ParameterStore store = store(1, 2)) {
            Parameter weight = store.get("weight");
            weight.defer(new Known(Nd4j.createFromArray(new float[][] {{7, 8}})));
            store.clearGradients();
            assertThat(weight.deferred()).isEmpty();
            assertThat(weight.gradient().sumNumber().doubleValue()).isZero();
        }
        try (ParameterStore store = store(1, 2)) {
            INDArray values = Nd4j.createFromArray(new float[][] {{7, 8}});
            store.get("weight").defer(new Known(values));
            store.computeDeferredGradients();
            values.assign(0);
            assertThat(store.get("weight").gradient().toFloatVector()).containsExactly(7, 8);
        }
    }

    @Test
    void isRefusedTwiceAndByAFrozenParameter() {
        try (ParameterStore store = store(1, 2)) {
            Known gradient = new Known(Nd4j.ones(DataType.FLOAT, 1, 2));
            store.get("weight").defer(gradient);
            assertThatThrownBy(() -> store.get("weight").defer(gradient))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("'weight'");
            assertThatThrownBy(() -> store.get("frozen").defer(gradient))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("'frozen'");
        }
    }

    /** The larger matrix is more than is computed at once, and its rows do not share out evenly. */
    @ParameterizedTest
    @EnumSource(MomentPrecision.class)
    void updatesAsOneThatIsThereToTheBit(MomentPrecision precision) {
        for (long[] size : new long[][] {{3, 5}, {701, 6_007}}) {
            AdamConstants constants = new AdamConstants(0.9, 0.999, 1e-8);
            try (ParameterStore there = store(size);
                    ParameterStore later = store(size);
                    AdamW ofThere = new AdamW(there, constants, 0.1, precision);
                    AdamW ofLater = new AdamW(later, constants, 0.1, precision)) {
                for (int step = 0; step < 3; step++) {
                    INDArray gradient = Nd4j.rand(DataType.FLOAT, size).subi(0.5);
                    there.get("weight").gradient().assign(gradient);
                    later.get("weight").defer(new Known(gradient));
                    ofThere.step(0.01, 0.5);
                    ofLater.step(0.01, 0.5);
                    assertThat(later.get("weight").deferred()).isEmpty();
                }
                assertThat(later.get("weight").value())
                        .isEqualTo(there.get("weight").value());
                assertThat(there.get("weight").value().sumNumber().doubleValue())
                        .isNotZero();
                assertThat(later.get("weight").gradient().sumNumber().doubleValue())
                        .isZero();
            }
        }
    }

    private static ParameterStore store(long... size) {
        return ParameterStore.builder()
                .add("weight", Nd4j.zeros(DataType.FLOAT, size), true, true)
                .add("frozen", Nd4j.zeros(DataType.FLOAT, size), false, true)
                .build();
    }

    private record Known(INDArray values) implements DeferredGradient {
        @Override
        public double squares() {
            double norm = values.castTo(DataType.DOUBLE).norm2Number().doubleValue();
            return norm * norm;
        }

        @Override
        public void rows(long first, INDArray into) {
            into.assign(values.get(NDArrayIndex.interval(first, first + into.size(0)), NDArrayIndex.all()));
        }
    }
}
