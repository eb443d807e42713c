package org.preferencelearning.examples;

import java.nio.file.Path;
import java.util.Optional;
import org.preferencelearning.core.data.PreferenceReader;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.study.DatasetSpec;
import picocli.CommandLine.Option;

/** Pairs of the user's own, for commands that have a world to study otherwise. */
final class OwnPairsOptions {
    @Option(
            names = "--data",
            paramLabel = "FILE",
            description = "Preference pairs of your own, perhaps .gz or .xz, instead of a world's.")
    private Path file;

    @Option(names = "--format", description = "Schema of FILE: ${COMPLETION-CANDIDATES} (default: HH_RLHF).")
    private DatasetSpec.Format format;

    /** The file, where there is one. */
    Optional<DatasetSpec> dataset() {
        SettingException.require(file != null || format == null, "--format", format, "nothing without --data");
        return Optional.ofNullable(file).map(path -> new DatasetSpec.File(format(), path.toString()));
    }

    /** The file's rows, where there is one. */
    Optional<Rows> rows() {
        return Optional.ofNullable(file).map(path -> {
            PreferenceReader.Result read = PreferenceReader.read(path, format().format());
            return Rows.read(read.dataset().size(), read.rejected());
        });
    }

    private DatasetSpec.Format format() {
        return format == null ? DatasetSpec.Format.HH_RLHF : format;
    }
}
