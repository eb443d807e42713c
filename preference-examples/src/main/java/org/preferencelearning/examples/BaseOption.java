package org.preferencelearning.examples;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.error.SettingException;
import picocli.CommandLine.Option;

/** The model that adapters are of, for commands whose models may be folders of adapters. */
final class BaseOption {
    @Option(
            names = "--base",
            paramLabel = "MODEL",
            description =
                    "Where a model is a folder of adapters (peft's): folder or Hub name of the model that they are of"
                            + " (default: what adapter_config.json names).")
    private @Nullable String base;

    private boolean used;

    /** What was given, if anything, for adapters that are there. */
    Optional<String> model() {
        used = true;
        return Optional.ofNullable(base);
    }

    /** Throws if a model was given and none of the command's models are adapters. */
    void requireUsed() {
        SettingException.require(
                base == null || used, "--base", base, "nothing, unless a model is a folder of adapters");
    }
}
