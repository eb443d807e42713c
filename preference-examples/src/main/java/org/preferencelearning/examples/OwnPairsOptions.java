package org.preferencelearning.examples;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.experiments.study.DatasetSpec;
import picocli.CommandLine.Option;

/** Pairs of the user's own, for commands that have others to study otherwise. */
final class OwnPairsOptions extends FormatOptions {
    @Option(
            names = "--data",
            paramLabel = "FILE",
            description = "Preference pairs of your own, instead of the command's: " + SOURCE + ".")
    private @Nullable Path file;

    /** The file, where there is one. */
    Optional<DatasetSpec> dataset() {
        if (file == null) {
            requireNone();
        }
        return Optional.ofNullable(file).map(this::dataset);
    }
}
