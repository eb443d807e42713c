package org.preferencelearning.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.state.StateException;
import org.preferencelearning.core.testkit.MemoryState;

class BestModelTest {
    @Test
    void remembersTheParametersOfTheLeastLoss() {
        try (ParameterStore store = store();
                BestModel best = new BestModel(store)) {
            best.restore();
            assertThat(value(store)).isEqualTo(0);
            assertThat(offer(best, store, 2, 0.5)).isTrue();
            assertThat(offer(best, store, 3, 0.25)).isTrue();
            assertThat(offer(best, store, 4, 0.25)).isFalse();
            assertThat(offer(best, store, 5, 0.75)).isFalse();
            assertThat(best.leastLoss()).isEqualTo(0.25);
            best.restore();
            assertThat(value(store)).isEqualTo(3);
            assertThatThrownBy(() -> best.offer(Double.NaN)).isInstanceOf(TrainingException.class);
        }
    }

    @Test
    void isSavedAndGoesOn() {
        MemoryState none;
        MemoryState one;
        try (ParameterStore store = store();
                BestModel best = new BestModel(store)) {
            none = MemoryState.of(best);
            offer(best, store, 3, 0.1);
            store.get("weight").value().assign(9);
            one = MemoryState.of(best);
        }
        assertThat(one.names()).containsExactly("loss", "parameters/weight");
        try (ParameterStore store = store();
                BestModel best = new BestModel(store)) {
            one.loadInto(best);
            assertThat(value(store)).as("what is remembered, not what is there").isEqualTo(0);
            assertThat(offer(best, store, 5, 0.1)).isFalse();
            best.restore();
            assertThat(value(store)).isEqualTo(3);
            none.loadInto(best);
            assertThat(offer(best, store, 6, 100)).isTrue();
        }
        try (ParameterStore store = store();
                BestModel best = new BestModel(store)) {
            assertThatThrownBy(() -> one.without("parameters/weight").loadInto(best))
                    .isInstanceOf(StateException.class)
                    .hasMessageContaining("parameters/weight");
        }
    }

    private static boolean offer(BestModel best, ParameterStore store, double value, double loss) {
        store.get("weight").value().assign(value);
        return best.offer(loss);
    }

    private static double value(ParameterStore store) {
        return store.get("weight").value().getDouble(1);
    }

    private static ParameterStore store() {
        return ParameterStore.builder()
                .add("weight", Nd4j.zeros(2), true, true)
                .add("frozen", Nd4j.zeros(2), false, true)
                .build();
    }
}
