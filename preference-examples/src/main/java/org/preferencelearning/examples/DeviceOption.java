package org.preferencelearning.examples;

import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.gpt2.model.ComputeDevice;
import org.preferencelearning.gpt2.model.Computing;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where the models of a command compute. */
final class DeviceOption {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            description =
                    "Where models compute: cpu, torch-cpu (libtorch on the processor), cuda or cuda:N (libtorch on a GPU);"
                            + " default: cpu, or what the property preference.device names.")
    void device(String name) {
        try {
            System.setProperty(Computing.DEVICE_PROPERTY, ComputeDevice.of(name).toString());
        } catch (SettingException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }
}
