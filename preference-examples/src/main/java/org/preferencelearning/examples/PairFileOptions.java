package org.preferencelearning.examples;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.data.PreferenceDataset;
import org.preferencelearning.core.data.PreferenceReader;
import org.preferencelearning.core.data.ReadLimits;
import org.preferencelearning.core.error.SettingException;
import picocli.CommandLine.Option;

/** A file of preference pairs. */
final class PairFileOptions extends FormatOptions {
    @Option(names = "--data", required = true, paramLabel = "FILE", description = "Preference pairs: " + SOURCE + ".")
    private Path file;

    @Option(names = "--data-size", description = "At most so many rows, the first (default: all).")
    private @Nullable Integer size;

    /**
     * The pairs.
     *
     * @param dataset those to use
     * @param rows of the file
     */
    record Pairs(PreferenceDataset dataset, Rows rows) {}

    Path file() {
        return file;
    }

    void check() {
        if (size != null) {
            SettingException.requireAtLeast("--data-size", size, 1);
        }
    }

    Pairs read() {
        PreferenceReader.Result read = PreferenceReader.read(file, format().format(), columns(), ReadLimits.current());
        PreferenceDataset dataset = read.dataset();
        Rows rows = Rows.read(read);
        if (size == null || size >= dataset.size()) {
            return new Pairs(dataset, rows);
        }
        return new Pairs(dataset.first(size), rows.without("after the first " + size, dataset.size() - size));
    }
}
