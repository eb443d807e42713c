package org.preferencelearning.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.gpt2.internal.torch.TorchLibrary;
import org.preferencelearning.gpt2.model.ComputeDevice;
import org.preferencelearning.gpt2.model.Computing;

class DeviceOptionTest {
    private static final String GOLDEN = "../preference-gpt2/src/test/resources/golden-tiny";

    @TempDir
    Path folder;

    @AfterEach
    void forget() {
        System.clearProperty(Computing.DEVICE_PROPERTY);
        System.clearProperty(Computing.PRECISION_PROPERTY);
        System.clearProperty(TorchLibrary.PROPERTY);
    }

    @Test
    void aDeviceThatIsNoneIsRefusedWithWhatIsAllowed() {
        CommandRun run = CommandRun.of("conformance", GOLDEN, "--device", "gpu");
        assertThat(run.code()).isEqualTo(Failures.BAD_INPUT);
        assertThat(run.err()).contains("'device' is gpu").contains("torch-cpu");
        assertThat(System.getProperty(Computing.DEVICE_PROPERTY)).isNull();
    }

    @Test
    void theProcessorIsADeviceToo() {
        assertThat(CommandRun.of("conformance", GOLDEN, "--device", "cpu").code())
                .isZero();
    }

    @Test
    void withoutLibtorchADeviceOfItIsRefused() {
        System.setProperty(TorchLibrary.PROPERTY, folder.toString());
        CommandRun run = CommandRun.of("conformance", GOLDEN, "--device", "cuda:0");
        assertThat(run.code()).isEqualTo(Failures.BAD_INPUT);
        assertThat(run.err()).contains("libtorch").contains("needed: ").doesNotContain("\tat ");
    }

    @Test
    void whatBothOptionsSayIsWhatModelsAreMadeWith() {
        CommandRun.of("generate", "--device", "cuda:3", "--precision", "bfloat16", "--data", "none", "--model", "none");
        assertThat(Computing.standard().device()).isEqualTo(ComputeDevice.cuda(3));
        assertThat(System.getProperty(Computing.PRECISION_PROPERTY)).isEqualTo("BFLOAT16");
    }

    @Test
    void theDoctorTellsWhatThereIsAndChecksIt() {
        System.setProperty(TorchLibrary.PROPERTY, folder.toString());
        CommandRun run = CommandRun.of("doctor", "--json");
        assertThat(run.code()).isZero();
        JsonNode check = run.json().get("checks").get("cpu");
        assertThat(check.get("logProbabilities").doubleValue()).isBetween(1e-9, 1e-3);
        assertThat(check.get("gradients").doubleValue()).isBetween(1e-9, 1e-3);
        assertThat(check.get("continuations").booleanValue()).isTrue();
        assertThat(run.json().get("waiting").textValue()).contains("OMP_WAIT_POLICY=PASSIVE");
        assertThat(run.json().get("blas").textValue()).containsPattern("OPENBLAS 0\\.\\d");
        assertThat(run.json().get("libtorch").textValue()).isEqualTo("none");
        assertThat(run.out()).contains("processor ").contains("onednn ").contains("memory ");
    }

    @Test
    void aCheckThatIsNotPassedIsNotRight() {
        assertThat(new DeviceCheck(1e-6, 1e-6, true).right()).isTrue();
        assertThat(new DeviceCheck(2e-3, 1e-6, true).right()).isFalse();
        assertThat(new DeviceCheck(1e-6, 2e-3, true).right()).isFalse();
        assertThat(new DeviceCheck(Double.NaN, 1e-6, true).right()).isFalse();
        assertThat(new DeviceCheck(1e-6, 1e-6, false).right()).isFalse();
    }
}
