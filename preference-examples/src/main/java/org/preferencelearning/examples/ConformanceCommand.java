package org.preferencelearning.examples;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.preferencelearning.gpt2.conformance.Conformance;
import org.preferencelearning.gpt2.conformance.ConformanceReport;
import org.preferencelearning.gpt2.conformance.ConformanceReport.Entry;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Checks this machine and backend against recorded values. */
@Command(
        name = "conformance",
        description = "Recompute recorded values (logits, losses, gradients, training runs) and report the errors.")
final class ConformanceCommand implements Callable<Integer> {
    private static final String ROW = "%-62s %12s %12s  %-9s %s%n";

    private final Output output;

    @Mixin
    private CommonOptions options;

    @Mixin
    private DeviceOption device;

    @Parameters(
            paramLabel = "DIR",
            description =
                    "Folder with config.json, golden.json and policy, reference and reward.safetensors; what is missing is left"
                            + " out, and listed.")
    private Path folder;

    @Option(
            names = "--require-all",
            description = "Fail if a recorded value is not supported, or one is left out because something is missing.")
    private boolean requireAll;

    @Option(
            names = "--precision",
            description =
                    "Of products with weights: FLOAT32 or BFLOAT16 (default: FLOAT32). What is allowed stays that of"
                            + " float32.")
    private MatrixPrecision precision = MatrixPrecision.FLOAT32;

    ConformanceCommand(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        ConformanceReport report = Conformance.check(folder, precision);
        boolean complete = report.unsupported().isEmpty() && report.leftOut().isEmpty();
        boolean passed = report.passed() && (complete || !requireAll);
        output.result(table(report), json(report, passed), options.json);
        return passed ? Preference.DONE : Preference.CHECK_FAILED;
    }

    private static String table(ConformanceReport report) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(ROW, "entry", "max abs", "max rel", "tolerance", ""));
        for (Entry entry : report.entries()) {
            text.append(String.format(
                    Locale.ROOT,
                    ROW,
                    entry.name(),
                    String.format(Locale.ROOT, "%.2e", entry.absolute()),
                    String.format(Locale.ROOT, "%.2e", entry.relative()),
                    String.format(
                            Locale.ROOT,
                            "%.0e %s",
                            entry.tolerance(),
                            entry.bound() == ConformanceReport.Bound.ABSOLUTE ? "abs" : "rel"),
                    entry.passed() ? "ok" : "FAILED"));
        }
        text.append(String.format(
                "%n%d compared, %d failed, %d not supported%s",
                report.entries().size(),
                report.failures().size(),
                report.unsupported().size(),
                report.unsupported().isEmpty() ? "" : ": " + String.join(", ", report.unsupported())));
        if (!report.leftOut().isEmpty()) {
            text.append(
                    String.format("%n%d left out: %s", report.leftOut().size(), String.join(", ", report.leftOut())));
        }
        return text.toString();
    }

    private static Map<String, Object> json(ConformanceReport report, boolean passed) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("passed", passed);
        json.put("compared", report.entries().size());
        json.put("failed", names(report.failures()));
        json.put("unsupported", report.unsupported());
        json.put("left_out", report.leftOut());
        json.put(
                "entries",
                report.entries().stream()
                        .map(entry -> Map.of(
                                "name", entry.name(),
                                "absolute", entry.absolute(),
                                "relative", entry.relative(),
                                "tolerance", entry.tolerance(),
                                "bound", entry.bound().name().toLowerCase(Locale.ROOT),
                                "passed", entry.passed()))
                        .toList());
        return json;
    }

    private static List<String> names(List<Entry> entries) {
        return entries.stream().map(Entry::name).toList();
    }
}
