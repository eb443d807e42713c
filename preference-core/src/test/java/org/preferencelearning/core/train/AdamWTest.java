package org.preferencelearning.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.TrainingSettings.AdamConstants;

class AdamWTest {
    /** {@code adamw.json}: eight float32 steps of torch.optim.AdamW with falling rate; the bias is not decayed. */
    @Test
    void stepsEqualPyTorchs() throws IOException {
        JsonNode golden;
        try (InputStream in = AdamWTest.class.getResourceAsStream("adamw.json")) {
            golden = new ObjectMapper().readTree(in);
        }
        try (ParameterStore store = ParameterStore.builder()
                        .add("weight", Nd4j.createFromArray(floats(golden.get("weight"))), true, true)
                        .add("bias", Nd4j.createFromArray(floats(golden.get("bias"))), true, false)
                        .build();
                AdamW optimizer = new AdamW(
                        store,
                        new AdamConstants(0.9, 0.999, 1e-8),
                        golden.get("weight_decay").doubleValue())) {
            for (int step = 0; step < golden.get("learning_rates").size(); step++) {
                JsonNode gradients = golden.get("gradients").get(step);
                store.get("weight").gradient().assign(Nd4j.createFromArray(floats(gradients.get(0))));
                store.get("bias").gradient().assign(Nd4j.createFromArray(floats(gradients.get(1))));
                optimizer.step(golden.get("learning_rates").get(step).doubleValue());
                JsonNode values = golden.get("values").get(step);
                assertThat(store.get("weight").value().toFloatVector())
                        .as("weight after step %d", step)
                        .containsExactly(floats(values.get(0)), within(1e-6f));
                assertThat(store.get("bias").value().toFloatVector())
                        .as("bias after step %d", step)
                        .containsExactly(floats(values.get(1)), within(1e-6f));
            }
            assertThat(optimizer.steps()).isEqualTo(8);
        }
    }

    @Test
    void aRateOfZeroMovesTheMomentsAndNothingElse() {
        try (ParameterStore store = ParameterStore.builder()
                        .add("weight", Nd4j.createFromArray(1.0, -2.0), true, true)
                        .build();
                AdamW optimizer = new AdamW(store, new AdamConstants(0.9, 0.999, 1e-8), 0.1)) {
            store.get("weight").gradient().assign(3);
            optimizer.step(0);
            assertThat(store.get("weight").value().toDoubleVector()).containsExactly(1, -2);
            // m = 0.3 then 0.27, v = 0.009 then 0.008991; the corrections are 1 - 0.81 and 1 - 0.998001
            store.get("weight").gradient().assign(0);
            optimizer.step(0.01);
            double moved = 0.01 * (0.27 / 0.19) / (Math.sqrt(0.008991 / 0.001999) + 1e-8);
            assertThat(store.get("weight").value().toDoubleVector())
                    .containsExactly(new double[] {1 * 0.999 - moved, -2 * 0.999 - moved}, within(1e-12));
        }
    }

    /** More values than a block holds, and not a multiple of it; double precision goes through ND4J's operations. */
    @Test
    void bothKindsOfArithmeticAgree() {
        int length = 40_001;
        RandomSource random = RandomSource.of(4);
        double[] values = new double[length];
        Arrays.setAll(values, i -> random.nextGaussian());
        try (ParameterStore floats = ParameterStore.builder()
                        .add("weight", Nd4j.createFromArray(values).castTo(DataType.FLOAT), true, true)
                        .build();
                ParameterStore doubles = ParameterStore.builder()
                        .add("weight", Nd4j.createFromArray(values), true, true)
                        .build();
                AdamW host = new AdamW(floats, new AdamConstants(0.9, 0.999, 1e-8), 0.1);
                AdamW exact = new AdamW(doubles, new AdamConstants(0.9, 0.999, 1e-8), 0.1)) {
            assertThat(HostFloats.fits(floats.get("weight").value())).isTrue();
            assertThat(HostFloats.fits(doubles.get("weight").value())).isFalse();
            for (int step = 0; step < 3; step++) {
                double[] gradient = new double[length];
                Arrays.setAll(gradient, i -> random.nextGaussian());
                floats.get("weight").gradient().assign(Nd4j.createFromArray(gradient));
                doubles.get("weight").gradient().assign(Nd4j.createFromArray(gradient));
                host.step(0.01, 0.5);
                exact.step(0.01, 0.5);
            }
            assertThat(floats.get("weight").value().toDoubleVector())
                    .containsExactly(doubles.get("weight").value().toDoubleVector(), within(2e-6));
            assertThat(floats.get("weight").gradient().norm2Number().doubleValue())
                    .isZero();
            assertThat(doubles.get("weight").gradient().norm2Number().doubleValue())
                    .isZero();
        }
    }

    private static float[] floats(JsonNode array) {
        float[] floats = new float[array.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = array.get(i).floatValue();
        }
        return floats;
    }
}
