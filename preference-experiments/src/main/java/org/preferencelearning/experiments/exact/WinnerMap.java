package org.preferencelearning.experiments.exact;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.study.CellId;

/** A {@link WinnerMapStudy}'s result as text. */
public final class WinnerMap {
    private WinnerMap() {}

    /**
     * A text map: rows are betas, columns scales of the reward; {@code +} where the first is better, {@code -} where the
     * second is, {@code =} where they are equal.
     *
     * @param result of a {@link WinnerMapStudy}
     */
    public static String draw(StudyResult result) {
        WinnerMapStudy study = (WinnerMapStudy) result.study();
        Map<String, List<String>> coordinates = study.coordinates();
        StringBuilder text = new StringBuilder(String.format(
                "%s against %s: + first better, - second better, = equal%n", study.first(), study.second()));
        List<String> scales = requireNonNull(coordinates.get(WinnerMapStudy.SCALE), WinnerMapStudy.SCALE);
        row(text, "beta \\ R", scales, scale -> number("%5.2f", scale));
        for (String beta : requireNonNull(coordinates.get(WinnerMapStudy.BETA), WinnerMapStudy.BETA)) {
            row(text, number("%8.2f", beta), scales, scale -> {
                double difference = difference(result, scale, beta);
                return Math.abs(difference) <= WinnerMapStudy.RESOLUTION ? "    =" : difference > 0 ? "    +" : "    -";
            });
        }
        return text.toString();
    }

    /** Value of the first method less that of the second. */
    public static double difference(StudyResult result, String scale, String beta) {
        WinnerMapStudy study = (WinnerMapStudy) result.study();
        CellId at = CellId.of(WinnerMapStudy.SCALE, scale).and(WinnerMapStudy.BETA, beta);
        return result.value(at.and(CellId.METHOD, study.first()), ExactStudy.VALUE)
                - result.value(at.and(CellId.METHOD, study.second()), ExactStudy.VALUE);
    }

    private static String number(String format, String value) {
        return String.format(Locale.ROOT, format, Double.parseDouble(value));
    }

    private static void row(StringBuilder text, String head, List<String> scales, Function<String, String> cell) {
        text.append(head);
        scales.forEach(scale -> text.append(' ').append(cell.apply(scale)));
        text.append(System.lineSeparator());
    }
}
