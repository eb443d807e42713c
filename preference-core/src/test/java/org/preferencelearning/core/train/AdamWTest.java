package org.preferencelearning.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.model.ParameterStore;
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

    private static float[] floats(JsonNode array) {
        float[] floats = new float[array.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = array.get(i).floatValue();
        }
        return floats;
    }
}
