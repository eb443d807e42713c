package org.preferencelearning.experiments.result;

import java.util.Locale;
import java.util.OptionalDouble;
import org.preferencelearning.experiments.study.DataSizeStudy;
import org.preferencelearning.experiments.study.Measure;
import org.preferencelearning.experiments.study.MethodSpec;

/** Writes a {@link StudyResult} as a plain-text table. */
public final class ResultTable {
    private static final String ROW = "%-18s %7s  %-10s %8s %8s %10s %6s  %s%n";

    private ResultTable() {}

    /** The table, its comparison of the first two methods, and what was left out. */
    public static String of(StudyResult result) {
        StringBuilder text = new StringBuilder();
        DataSizeStudy study = result.study();
        text.append(String.format(
                Locale.ROOT,
                "%s: %s, %d seed(s), %d held-out pairs, %.0f s%n%n",
                study.name(),
                study.dataset().label(),
                study.seeds().size(),
                result.cells().get(0).validated(),
                result.seconds()));
        text.append(row("method", "pairs", "measure", "mean", "sd", "95% +/-", "used", "dropped"));
        for (Measure measure : study.measures()) {
            for (int size : study.sizes()) {
                for (MethodSpec method : study.methods()) {
                    Summary summary = result.summary(method.label(), size, measure);
                    CellResult cell = result.cells(method.label(), size).get(0);
                    text.append(row(
                            method.label(),
                            size,
                            measure.label(),
                            number(summary.mean()),
                            number(summary.deviation()),
                            number(summary.halfWidth()),
                            cell.trained(),
                            cell.trainRejected()));
                }
            }
        }
        compare(text, result);
        remarks(text, result);
        return text.toString();
    }

    private static void compare(StringBuilder text, StudyResult result) {
        DataSizeStudy study = result.study();
        if (study.methods().size() != 2 || !study.measures().contains(Measure.VALIDATION_ACCURACY)) {
            return;
        }
        String first = study.methods().get(0).label();
        String second = study.methods().get(1).label();
        text.append(String.format("%n%s minus %s, accuracy, seed by seed:%n", first, second));
        for (int size : study.sizes()) {
            Comparison comparison = Comparison.of(
                    result.difference(first, second, size, Measure.VALIDATION_ACCURACY),
                    result.cells().get(0).validated());
            text.append(String.format(
                    Locale.ROOT,
                    "  %6d pairs: %+.4f +/- %.4f  %s%n",
                    size,
                    comparison.difference(),
                    comparison.halfWidth(),
                    comparison.inFavourOf(first, second)));
        }
    }

    private static void remarks(StringBuilder text, StudyResult result) {
        CellResult any = result.cells().get(0);
        double error = Math.sqrt(0.25 / any.validated());
        text.append(String.format(
                Locale.ROOT,
                "%nChance is 0.5; one accuracy on %d held-out pairs has a standard error of about %.3f, which the intervals of differences"
                        + " include.%n",
                any.validated(),
                error));
        result.ceiling()
                .ifPresent(ceiling -> text.append(String.format(
                        Locale.ROOT,
                        "The labels are noisy: the true reward itself is expected to be right on %.4f of them.%n",
                        ceiling)));
        text.append(
                "The intervals of means are over seeds, which change the order of pairs and new parameters, not the data.\n");
        text.append(String.format("Rows of the file that could not be used: %s.%n", result.rejectedRows()));
        text.append(String.format("Held-out pairs dropped: %s.%n", any.validationRejected()));
    }

    private static String number(OptionalDouble value) {
        return value.isPresent() ? number(value.getAsDouble()) : "-";
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }

    private static String row(Object... columns) {
        return String.format(Locale.ROOT, ROW, columns);
    }
}
