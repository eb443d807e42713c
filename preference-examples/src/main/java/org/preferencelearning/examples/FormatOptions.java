package org.preferencelearning.examples;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.data.Columns;
import org.preferencelearning.core.data.DuckDb;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.study.DatasetSpec;
import picocli.CommandLine.Option;

/** How rows of pairs are read, alike in all commands that do. */
abstract class FormatOptions {
    /** What {@code --data} may name. */
    static final String SOURCE =
            "a file, a folder or a quoted pattern; JSON, CSV, TSV, zip, Parquet, packed with gzip, xz or zstd";

    // the default is written out: in a group of options, picocli knows it only once the group is used
    @Option(names = "--format", description = "Schema of its rows: ${COMPLETION-CANDIDATES} (default: HH_RLHF).")
    private DatasetSpec.@Nullable Format format;

    @Option(
            names = "--columns",
            split = ",",
            paramLabel = "FIELD=COLUMN",
            description = "Columns that stand for the schema's fields, as prompt=question,chosen=best.")
    private Map<String, String> columns = new LinkedHashMap<>();

    @Option(
            names = "--duckdb",
            paramLabel = "JAR",
            converter = JarConverter.class,
            description = "For Parquet: the jar of " + DuckDb.ARTIFACT
                    + ", which is not among this program's libraries (default: PREFERENCE_DUCKDB).")
    private void duckdb(Path jar) {
        System.setProperty(DuckDb.PROPERTY, jar.toString());
    }

    DatasetSpec.Format format() {
        return format == null ? DatasetSpec.Format.HH_RLHF : format;
    }

    Columns columns() {
        return Columns.of(columns);
    }

    /** Pairs of a file with these options. */
    DatasetSpec dataset(Path source) {
        DatasetSpec file = new DatasetSpec.File(format(), source.toString());
        return columns.isEmpty()
                ? file
                : new DatasetSpec.Renamed(file, columns().byField());
    }

    /** Refuses options of a file where there is none. */
    void requireNone() {
        SettingException.require(format == null, "--format", format, "nothing without --data");
        SettingException.require(columns.isEmpty(), "--columns", columns, "nothing without --data");
    }
}
