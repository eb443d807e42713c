package org.preferencelearning.examples;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.preferencelearning.core.io.AtomicFiles;
import org.preferencelearning.experiments.report.Report;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Gives a run's numbers to other programs. */
@Command(name = "rows", description = "Print every number of a run, or of the runs in a folder, as CSV.")
final class RowsCommand implements Callable<Integer> {
    private final Output output;

    @Mixin
    private CommonOptions options;

    @Parameters(paramLabel = "DIR", description = "What --out named: a run, or a folder that holds runs.")
    private Path directory;

    @Option(names = "--csv", paramLabel = "FILE", description = "Write them to FILE (default: print them).")
    private Path csv;

    RowsCommand(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        if (csv != null) {
            Outputs.checkFile("--csv", csv, directory);
        }
        String rows = Report.of(directory).csv().get("rows.csv");
        long count = rows.lines().count() - 1;
        if (csv == null) {
            output.result(rows, Map.of("count", count), options.json);
        } else {
            AtomicFiles.write(csv, rows.getBytes(StandardCharsets.UTF_8));
            output.result(csv + ": " + count + " rows", Map.of("count", count, "csv", csv.toString()), options.json);
        }
        return Preference.DONE;
    }
}
