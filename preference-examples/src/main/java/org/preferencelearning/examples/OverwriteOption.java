package org.preferencelearning.examples;

import org.preferencelearning.core.error.SettingException;
import picocli.CommandLine.Option;

/** Whether a file that a command writes may be there already. */
final class OverwriteOption {
    @Option(names = "--overwrite", description = "Replace the file that is written, if it is there.")
    private boolean overwrite;

    /** Throws if it was given and nothing is written. */
    void requireUsed(boolean written, String options) {
        SettingException.require(!overwrite || written, "--overwrite", "given", "nothing without " + options);
    }

    boolean given() {
        return overwrite;
    }
}
