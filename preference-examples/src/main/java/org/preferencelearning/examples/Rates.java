package org.preferencelearning.examples;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.preferencelearning.experiments.result.Slope;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.study.CellId;

/**
 * How a squared error falls with the number of pairs: the fitted exponent of each method, beside the theory's -1 (errors of
 * order k log d / n and d / n: sparsity changes the factor, not the exponent).
 *
 * @param slopes by method; none where there is one size only, or two of one seed
 */
record Rates(Map<String, Slope> slopes) {
    /** Of two, one exponent goes through both, and nothing is left for its interval. */
    private static final int FEWEST_CELLS = 3;

    /** The exponents of {@code metric} for {@code methods}, over all sizes and seeds of a result. */
    static Rates of(StudyResult result, List<String> methods, String metric) {
        Map<String, Slope> slopes = new LinkedHashMap<>();
        int cells = result.cells(CellId.method(methods.get(0))).size();
        List<String> sizes = requireNonNull(result.study().coordinates().get(CellId.SIZE), CellId.SIZE);
        if (sizes.size() > 1 && cells >= FEWEST_CELLS) {
            methods.forEach(method -> slopes.put(method, Slope.of(result, CellId.method(method), metric)));
        }
        return new Rates(slopes);
    }

    /** An exponent with half the width of its 95 % interval. */
    String of(String method) {
        Slope slope = requireNonNull(slopes.get(method), method);
        return String.format(Locale.ROOT, "%.2f +/- %.2f", slope.value(), slope.halfWidth());
    }

    /** A line a method. */
    String lines() {
        if (slopes.isEmpty()) {
            return "";
        }
        StringBuilder text = new StringBuilder(
                String.format("%nSquared error as a power of the number of pairs (theory: -1 where the class holds the"
                        + " truth), 95 %% interval%n"));
        slopes.keySet().forEach(method -> text.append(String.format("  %-26s %s%n", method, of(method))));
        return text.toString();
    }

    /** For programs. */
    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        slopes.forEach((method, slope) -> json.put(
                method,
                Map.of(
                        "slope",
                        slope.value(),
                        "low",
                        slope.value() - slope.halfWidth(),
                        "high",
                        slope.value() + slope.halfWidth())));
        return json;
    }
}
