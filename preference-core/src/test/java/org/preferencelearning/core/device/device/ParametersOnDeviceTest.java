package org.preferencelearning.core.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.train.AdamW;
import org.preferencelearning.core.train.MomentPrecision;
import org.preferencelearning.core.train.TrainingSettings.AdamConstants;

/** Whichever side of a parameter is asked for is up to date, and nothing is copied that need not be. */
class ParametersOnDeviceTest {
    private static final AdamConstants ADAM = new AdamConstants(0.9, 0.99, 1e-6);

    private final FakeDevice device = new FakeDevice();

    private static ParameterStore store() {
        return ParameterStore.builder()
                .add("weight", Nd4j.createFromArray(1f, -2f, 3f), true, true)
                .add("bias", Nd4j.createFromArray(0.5f, 4f), true, false)
                .add("frozen", Nd4j.createFromArray(7f), false, true)
                .build();
    }

    private ParameterStore onDevice() {
        ParameterStore store = store();
        store.moveTo(Optional.of(device));
        return store;
    }

    @Test
    void eachSideSeesWhatTheOtherChanged() {
        try (ParameterStore store = onDevice()) {
            Parameter weight = store.get("weight");
            assertThat(FakeDevice.values(weight.onDevice())).containsExactly(1, -2, 3);
            FakeDevice.set(weight.changeOnDevice(), 4, 5, 6);
            assertThat(weight.value().toFloatVector()).containsExactly(4, 5, 6);
            weight.value().assign(9);
            assertThat(FakeDevice.values(weight.onDevice())).containsExactly(9, 9, 9);
        }
        assertThat(device.live).isZero();
    }

    @Test
    void readingOnTheHostAndUsingTheDeviceInTurnCopiesOnce() {
        try (ParameterStore store = onDevice()) {
            Parameter weight = store.get("weight");
            FakeDevice.set(weight.changeOnDevice(), 4, 5, 6);
            int before = device.copies;
            for (int i = 0; i < 3; i++) {
                assertThat(weight.readValue().toFloatVector()).containsExactly(4, 5, 6);
                weight.onDevice();
            }
            assertThat(device.copies - before).isEqualTo(1);
            store.count();
            weight.changeOnDevice();
            weight.shape();
            store.trainedCount();
            assertThat(device.copies - before).isEqualTo(1);
        }
    }

    @Test
    void gradientsTravelBothWaysAndAreClearedOnBothSides() {
        try (ParameterStore store = onDevice()) {
            Parameter bias = store.get("bias");
            FakeDevice.set(bias.gradientOnDevice(), 1, 2);
            assertThat(bias.gradient().toFloatVector()).containsExactly(1, 2);
            bias.gradient().addi(1);
            assertThat(FakeDevice.values(bias.gradientOnDevice())).containsExactly(2, 3);
            store.clearGradients();
            assertThat(FakeDevice.values(bias.gradientOnDevice())).containsExactly(0, 0);
            assertThat(bias.gradient().toFloatVector()).containsExactly(0, 0);
            assertThatThrownBy(() -> store.get("frozen").gradientOnDevice())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("frozen");
        }
    }

    @Test
    void movingThereAndBackKeepsValuesAndGradients() {
        try (ParameterStore store = store()) {
            store.get("weight").gradient().assign(2);
            store.moveTo(Optional.of(device));
            assertThat(FakeDevice.values(store.get("weight").gradientOnDevice()))
                    .containsExactly(2, 2, 2);
            FakeDevice.set(store.get("weight").changeOnDevice(), 4, 5, 6);
            FakeDevice.set(store.get("weight").gradientOnDevice(), 7, 8, 9);
            store.moveTo(Optional.empty());
            assertThat(device.live).isZero();
            assertThat(store.device()).isEmpty();
            assertThat(store.get("weight").value().toFloatVector()).containsExactly(4, 5, 6);
            assertThat(store.get("weight").gradient().toFloatVector()).containsExactly(7, 8, 9);
        }
    }

    @Test
    void updatesOnADeviceAreThoseOnTheHost() {
        try (ParameterStore host = store();
                ParameterStore other = onDevice();
                AdamW hosts = new AdamW(host, ADAM, 0.1);
                AdamW others = new AdamW(other, ADAM, 0.1)) {
            for (int step = 0; step < 3; step++) {
                for (ParameterStore store : new ParameterStore[] {host, other}) {
                    store.get("weight").gradient().assign(Nd4j.createFromArray(0.3f, -1f, step));
                    store.get("bias").gradient().assign(Nd4j.createFromArray(2f, 0.01f));
                }
                hosts.step(0.05);
                others.step(0.05);
                for (String name : new String[] {"weight", "bias"}) {
                    assertThat(other.get(name).value().toFloatVector())
                            .containsExactly(host.get(name).value().toFloatVector(), within(1e-6f));
                    assertThat(other.get(name).gradient().toFloatVector()).containsOnly(0);
                }
            }
            assertThat(device.updates).extracting(AdamWUpdate::step).containsExactly(1, 1, 2, 2, 3, 3);
            assertThat(device.updates.subList(0, 2))
                    .extracting(AdamWUpdate::weightDecay)
                    .containsExactly(0.1, 0.0);
        }
        assertThat(device.live).isZero();
    }

    @Test
    void roundedMomentsAreRefused() {
        try (ParameterStore store = onDevice()) {
            assertThatThrownBy(() -> new AdamW(store, ADAM, 0, MomentPrecision.BFLOAT16))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining("momentPrecision")
                    .hasMessageContaining("fake");
        }
    }
}
