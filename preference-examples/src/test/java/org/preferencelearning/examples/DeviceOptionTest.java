package org.preferencelearning.examples;

import static org.assertj.core.api.Assertions.assertThat;

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
    void theDoctorTellsWhatThereIsNot() {
        System.setProperty(TorchLibrary.PROPERTY, folder.toString());
        CommandRun run = CommandRun.of("doctor", "--json");
        assertThat(run.code()).isZero();
        assertThat(run.json().get("errors").get("cpu").doubleValue()).isBetween(0.0, 1e-3);
        assertThat(run.out()).contains("oneDNN").contains("to do: for a GPU");
    }
}
