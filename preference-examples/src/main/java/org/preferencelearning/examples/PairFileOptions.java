package org.preferencelearning.examples;

import java.nio.file.Path;
import org.preferencelearning.core.data.PreferenceDataset;
import org.preferencelearning.core.data.PreferenceReader;
import org.preferencelearning.experiments.study.DatasetSpec;
import picocli.CommandLine.Option;

/** A file of preference pairs. */
final class PairFileOptions {
    @Option(
            names = "--data",
            required = true,
            paramLabel = "FILE",
            description = "Preference pairs, perhaps .gz or .xz.")
    private Path file;

    @Option(names = "--format", description = "Schema: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private DatasetSpec.Format format = DatasetSpec.Format.HH_RLHF;

    @Option(names = "--data-size", description = "The first rows only (default: all).")
    private Integer size;

    PreferenceDataset read() {
        PreferenceDataset dataset = PreferenceReader.read(file, format.format()).dataset();
        return size == null ? dataset : dataset.first(Math.min(size, dataset.size()));
    }
}
