package org.preferencelearning.experiments.result;

import com.google.common.base.Strings;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Measurements;

/** Writes a {@link StudyResult} of any kind as plain text: its numbers, what describes its data, and its verdicts. */
public final class ResultTable {
    private ResultTable() {}

    /** The whole text. */
    public static String of(StudyResult result) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                "%s: %d cells%n%n", result.study().name(), result.cells().size()));
        String answers = answers(result);
        text.append(answers.isEmpty() ? "" : answers + System.lineSeparator());
        text.append(numbers(result));
        text.append(descriptions(result));
        text.append(claims(result));
        return text.toString();
    }

    /** A row for each method and whatever else cells differ in but seeds, a column for each metric: mean and interval. */
    public static String numbers(StudyResult result) {
        Map<CellId, List<CellResult>> rows = result.groups();
        boolean seeds = result.study().coordinates().containsKey(CellId.SEED);
        List<String> coordinates = result.study().coordinates().keySet().stream()
                .filter(name -> !name.equals(CellId.SEED))
                .toList();
        List<String> metrics = result.study().metrics().stream()
                .filter(metric -> rows.values().stream()
                        .flatMap(List::stream)
                        .anyMatch(cell -> cell.measurements().last(metric).isPresent()))
                .toList();
        List<List<String>> table = new ArrayList<>();
        List<String> head = new ArrayList<>(coordinates);
        head.addAll(metrics);
        table.add(head);
        rows.forEach((id, cells) -> {
            List<String> row = new ArrayList<>();
            coordinates.forEach(coordinate -> row.add(id.get(coordinate).orElse("-")));
            metrics.forEach(metric -> row.add(summary(cells, metric)));
            table.add(row);
        });
        return aligned(table)
                + (seeds
                        ? System.lineSeparator()
                                + "mean over seeds [95 % interval, over seeds and the items that cells kept]"
                                + System.lineSeparator()
                        : "");
    }

    private static String summary(List<CellResult> cells, String metric) {
        double[] values = CellResult.last(cells, metric);
        if (values.length == 0) {
            return "-";
        }
        return number(Summary.of(values).mean())
                + Estimates.interval(cells, metric)
                        .filter(interval -> interval.high() > interval.low())
                        .map(interval -> String.format(Locale.ROOT, " [%.3g, %.3g]", interval.low(), interval.high()))
                        .orElse("");
    }

    /** What the study's data, models and worlds are, and the rows that were left out, by reason. */
    public static String descriptions(StudyResult result) {
        StringBuilder text = new StringBuilder();
        for (CellResult cell : result.cells()) {
            cell.id().get(CellId.ABOUT).ifPresent(about -> {
                List<String> facts = cell.measurements().values().stream()
                        .map(value -> value.metric() + " " + number(value.value()))
                        .toList();
                text.append(String.format("%n%s: %s", about, String.join(", ", facts)));
            });
        }
        Set<String> leftOut = new LinkedHashSet<>();
        for (Row row : result.rows()) {
            if (row.metric().startsWith(Measurements.LEFT_OUT)
                    && row.cell().get(CellId.ABOUT).isEmpty()) {
                CellId cell = row.cell().without(CellId.SEED);
                leftOut.add(String.format(
                        Locale.ROOT,
                        "%s: %.0f %s",
                        cell,
                        row.value(),
                        row.metric().substring(Measurements.LEFT_OUT.length())));
            }
        }
        if (!text.isEmpty()) {
            text.append(System.lineSeparator());
        }
        if (!leftOut.isEmpty()) {
            text.append(String.format("%nleft out: %s%n", String.join("; ", leftOut)));
        }
        return text.toString();
    }

    /** A sentence for each claim: what was asked, the answer, the difference with its interval; empty if there is none. */
    public static String answers(StudyResult result) {
        return result.judgements().stream()
                .map(judgement -> "  " + judgement.answer() + System.lineSeparator())
                .collect(Collectors.joining());
    }

    /** Each claim with its verdict and how it was judged; empty if there is none. */
    public static String claims(StudyResult result) {
        List<Judgement> judgements = result.judgements();
        List<List<String>> table = new ArrayList<>();
        for (Judgement judgement : judgements) {
            table.add(List.of(
                    judgement.verdict().name().toLowerCase(Locale.ROOT),
                    judgement.claim() + (judgement.at().coordinates().isEmpty() ? "" : " at " + judgement.at()),
                    judgement.claim().metric(),
                    String.format(Locale.ROOT, "%+.4g", judgement.difference()) + interval(judgement),
                    judgement.adjustedP().isPresent()
                            ? "p " + Answer.p(judgement.adjustedP().getAsDouble())
                            : "",
                    judgement.method().label(),
                    "(" + judgement.claim().source() + ")"));
        }
        if (table.isEmpty()) {
            return "";
        }
        long tested = judgements.stream()
                .filter(judgement -> judgement.p().isPresent())
                .count();
        String level = tested == 0
                ? ""
                : String.format(
                        "  each difference with its 95 %% interval, taken alone; verdicts at p <= %s, adjusted by Holm's method"
                                + " for %d comparison(s)%n",
                        Crossed.ERROR_RATE, tested);
        return String.format("%nClaims%n%s%s", aligned(table), level);
    }

    private static String interval(Judgement judgement) {
        if (judgement.method() == JudgingMethod.EXACT) {
            return "";
        }
        return judgement
                .interval()
                .map(interval -> String.format(Locale.ROOT, " [%+.3g, %+.3g]", interval.low(), interval.high()))
                .orElse(" [?]");
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e9
                ? String.format(Locale.ROOT, "%.0f", value)
                : String.format(Locale.ROOT, "%.4g", value);
    }

    /** Columns as wide as their widest entry; the last is not filled up. */
    static String aligned(List<List<String>> table) {
        StringBuilder text = new StringBuilder();
        for (List<String> row : table) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < row.size(); column++) {
                int c = column;
                int width = table.stream()
                        .mapToInt(other -> other.get(c).length())
                        .max()
                        .orElse(0);
                line.append(Strings.padEnd(row.get(column), width + 2, ' '));
            }
            text.append("  ").append(line.toString().stripTrailing()).append(System.lineSeparator());
        }
        return text.toString();
    }
}
