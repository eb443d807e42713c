package org.preferencelearning.examples;

import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.preferencelearning.gpt2.model.Computing;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where the models of a command compute, and how exactly. */
final class ComputingOptions {
    @Mixin
    private DeviceOption device;

    @Option(
            names = "--precision",
            description = "Of products with weights: FLOAT32 or BFLOAT16; default: FLOAT32, or what the property"
                    + " preference.precision names.")
    void precision(MatrixPrecision precision) {
        System.setProperty(Computing.PRECISION_PROPERTY, precision.name());
    }
}
