package org.preferencelearning.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.error.SettingException;
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

    /**
     * Gradients of one size each after a few that are three times as large, and more values than a block holds. From a third
     * of what it grows to, the second moment changes by less in a step than half of what bfloat16 tells apart: rounded to the
     * nearest it would stay there. Rounded at random it wanders, by some percent in 400 steps, and follows on average.
     */
    @Test
    void roundedMomentsFollowTheExactOnes() {
        int length = 20_001;
        RandomSource random = RandomSource.of(8);
        double[] gradient = new double[length];
        Arrays.setAll(gradient, i -> (i % 2 == 0 ? 1 : -1) * (0.5 + random.nextDouble()));
        AdamConstants constants = new AdamConstants(0.9, 0.999, 1e-8);
        try (ParameterStore exact = zeros(length);
                ParameterStore rounded = zeros(length);
                ParameterStore again = zeros(length);
                AdamW exactly = new AdamW(exact, constants, 0);
                AdamW inHalf = new AdamW(rounded, constants, 0, MomentPrecision.BFLOAT16);
                AdamW inHalfAgain = new AdamW(again, constants, 0, MomentPrecision.BFLOAT16)) {
            for (int step = 0; step < 400; step++) {
                // large gradients first: the second moment has to fall by a third of a thousandth in every later step
                double size = step < 20 ? 3 : 1;
                for (ParameterStore store : List.of(exact, rounded, again)) {
                    store.get("weight")
                            .gradient()
                            .assign(Nd4j.createFromArray(gradient).muli(size));
                }
                exactly.step(0.01, 1);
                inHalf.step(0.01, 1);
                inHalfAgain.step(0.01, 1);
                if (step == 0) {
                    assertThat(rounded.get("weight").value())
                            .isEqualTo(exact.get("weight").value());
                }
            }
            double[] expected = exact.get("weight").value().toDoubleVector();
            double[] found = rounded.get("weight").value().toDoubleVector();
            double bias = 0;
            for (int i = 0; i < length; i++) {
                assertThat(found[i]).isCloseTo(expected[i], withinPercentage(6));
                bias += (found[i] / expected[i] - 1) / length;
            }
            assertThat(found).isNotEqualTo(expected);
            assertThat(bias).isCloseTo(0, within(5e-4));
            assertThat(again.get("weight").value())
                    .isEqualTo(rounded.get("weight").value());
            assertThat(rounded.get("weight").gradient().norm2Number().doubleValue())
                    .isZero();
        }
    }

    private static ParameterStore zeros(int length) {
        return ParameterStore.builder()
                .add("weight", Nd4j.zeros(DataType.FLOAT, length), true, true)
                .build();
    }

    @Test
    void momentsOfDoublesAreNotRounded() {
        try (ParameterStore doubles = ParameterStore.builder()
                .add("weight", Nd4j.createFromArray(1.0, -2.0), true, true)
                .build()) {
            assertThatThrownBy(
                            () -> new AdamW(doubles, new AdamConstants(0.9, 0.999, 1e-8), 0, MomentPrecision.BFLOAT16))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContainingAll("momentPrecision", "BFLOAT16", "weight");
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
