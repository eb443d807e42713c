package org.preferencelearning.examples;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.internal.io.AtomicFiles;
import org.preferencelearning.experiments.report.Report;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Gives a run's numbers to other programs. */
@Command(
        name = "rows",
        description =
                "Print every number of a run, or of the runs in a folder, as CSV; or write them as Parquet, or query them.")
final class RowsCommand implements Callable<Integer> {
    private final Output output;

    @Mixin
    private CommonOptions options;

    @Parameters(paramLabel = "DIR", description = "What --out named: a run, or a folder that holds runs.")
    private Path directory;

    @Option(names = "--csv", paramLabel = "FILE", description = "Write them to FILE (default: print them).")
    private @Nullable Path csv;

    @Option(names = "--parquet", paramLabel = "FILE", description = "Write them to FILE as Parquet; needs --duckdb.")
    private @Nullable Path parquet;

    @Option(
            names = "--sql",
            paramLabel = "QUERY",
            description = "Print what the query says of the table 'rows' instead, as CSV; needs --duckdb.")
    private @Nullable String sql;

    @Option(
            names = "--duckdb",
            paramLabel = "JAR",
            converter = JarConverter.class,
            defaultValue = "${env:PREFERENCE_DUCKDB}",
            description = "The jar of " + RowsDatabase.ARTIFACT
                    + ", which is not among this program's libraries (default: PREFERENCE_DUCKDB).")
    private @Nullable Path duckdb;

    @Mixin
    private OverwriteOption overwrite;

    RowsCommand(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        if (csv != null) {
            Outputs.checkFile("--csv", csv, overwrite.given(), directory);
        }
        if (parquet != null) {
            Outputs.checkFile("--parquet", parquet, overwrite.given(), directory);
        }
        SettingException.require(
                (csv == null ? 0 : 1) + (parquet == null ? 0 : 1) + (sql == null ? 0 : 1) <= 1,
                "--csv, --parquet, --sql",
                "given together",
                "one of them");
        overwrite.requireUsed(csv != null || parquet != null, "--csv or --parquet");
        String rows = requireNonNull(Report.of(directory).csv().get("rows.csv"), "rows.csv");
        long count = rows.lines().count() - 1;
        if (parquet != null || sql != null) {
            return database(rows, count);
        }
        if (csv == null) {
            output.result(rows, Map.of("count", count), options.json);
        } else {
            AtomicFiles.write(csv, rows.getBytes(StandardCharsets.UTF_8));
            output.result(csv + ": " + count + " rows", Map.of("count", count, "csv", csv.toString()), options.json);
        }
        return Preference.DONE;
    }

    private int database(String rows, long count) {
        try (RowsDatabase database = RowsDatabase.of(rows, duckdb)) {
            if (parquet != null) {
                database.writeParquet(parquet);
                Map<String, Object> json = Map.of("count", count, "parquet", parquet.toString());
                output.result(parquet + ": " + count + " rows", json, options.json);
                return Preference.DONE;
            }
            List<Map<String, Object>> found = database.query(requireNonNull(sql, "sql"));
            output.result(csv(found), Map.of("rows", found), options.json);
            return Preference.DONE;
        }
    }

    private static String csv(List<Map<String, Object>> rows) {
        if (rows.isEmpty()) {
            return "";
        }
        List<String> columns = List.copyOf(rows.get(0).keySet());
        String head = columns.stream().map(RowsCommand::field).collect(Collectors.joining(","));
        return head
                + rows.stream()
                        .map(row -> columns.stream()
                                .map(column -> field(row.get(column)))
                                .collect(Collectors.joining(",", "\n", "")))
                        .collect(Collectors.joining());
    }

    private static String field(@Nullable Object value) {
        String text = value == null ? "" : value.toString();
        return text.matches("[^,\"\r\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}
