package org.preferencelearning.examples;

import picocli.CommandLine.Option;

/** Whether a file that a command writes may be there already. */
final class OverwriteOption {
    @Option(names = "--overwrite", description = "Replace the file that is written, if it is there.")
    private boolean overwrite;

    boolean given() {
        return overwrite;
    }
}
