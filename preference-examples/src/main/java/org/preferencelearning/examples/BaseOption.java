package org.preferencelearning.examples;

import picocli.CommandLine.Option;

/** The model that adapters are of, for commands whose models may be folders of adapters. */
final class BaseOption {
    @Option(
            names = "--base",
            paramLabel = "MODEL",
            description =
                    "Where a model is a folder of adapters (peft's): folder or Hub name of the model that they are of"
                            + " (default: what adapter_config.json names).")
    String base;
}
