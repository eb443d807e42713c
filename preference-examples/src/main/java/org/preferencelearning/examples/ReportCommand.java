package org.preferencelearning.examples;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.experiments.report.Report;
import org.preferencelearning.experiments.report.Reports;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a run as one page. */
@Command(
        name = "report",
        description =
                "Write a run, or the runs in a folder, as one HTML page with its charts, and their numbers as CSV.")
final class ReportCommand implements Callable<Integer> {
    private final Output output;

    @Mixin
    private CommonOptions options;

    @Parameters(paramLabel = "DIR", description = "What --out named: a run, or a folder that holds runs.")
    private Path directory;

    @Option(
            names = "--compare",
            paramLabel = "OTHER",
            description = "Also tell what differs from this run, or from the runs of this folder.")
    private @Nullable Path other;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "The page, ending in .html; its CSV files go to the folder of the same name without that"
                    + " (default: report.html in DIR).")
    private @Nullable Path out;

    ReportCommand(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        Report report = Report.of(directory);
        if (other != null) {
            report = report.compare(other);
        }
        Path page = out == null ? directory.resolve(Reports.FILE) : out;
        Reports.check("--out", page);
        Reports.write(report, page);
        Path tables = Reports.tables(page);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("page", page.toString());
        json.put("tables", tables.toString());
        output.result(page + ": open it in a browser; the numbers are in " + tables, json, options.json);
        return Preference.DONE;
    }
}
