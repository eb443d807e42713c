package org.preferencelearning.examples;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.preferencelearning.core.finite.Identities;
import org.preferencelearning.core.finite.Identities.Residual;
import org.preferencelearning.experiments.exact.ExactMethod;
import org.preferencelearning.experiments.exact.ExactStudy;
import org.preferencelearning.experiments.exact.WinnerMap;
import org.preferencelearning.experiments.exact.WinnerMapStudy;
import org.preferencelearning.experiments.flagship.CaseBook;
import org.preferencelearning.experiments.result.ResultTable;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.result.Verdict;
import org.preferencelearning.experiments.study.CellId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Section 3 under exact optimisation: every condition, its claims and the identities behind them. */
@Command(name = "exact", description = "Run the case book of Section 3 under exact optimisation and judge its claims.")
final class ExactCommand implements Callable<Integer> {
    private static final double EXACT = 1e-10;

    private final Output output;

    @Mixin
    private CommonOptions options;

    @Option(names = "--maps", description = "Also draw, over reward and beta, which method wins (takes seconds).")
    private boolean maps;

    @Mixin
    private StudyRunOptions run;

    ExactCommand(Output output) {
        this.output = output;
    }

    @Option(
            names = "--seed",
            description =
                    "Of the random instances of the identities, and of those of --cost (default: ${DEFAULT-VALUE}).")
    private long seed = 41;

    @Option(names = "--cost", description = "Also measure how the time of a study grows with responses and features.")
    private boolean cost;

    /** Every study of the case book, run. */
    static List<StudyResult> caseBook(StudyRunOptions run) {
        List<StudyResult> results = new ArrayList<>();
        for (ExactStudy study : CaseBook.all()) {
            results.add(run.run(study, "exact-" + (results.size() + 1)));
        }
        return results;
    }

    @Override
    public Integer call() {
        run.withoutUpdates();
        List<StudyResult> results = caseBook(run);
        List<Residual> residuals = Identities.residuals(seed);
        List<String> parts =
                new ArrayList<>(List.of(answers(results), values(results), verdicts(results), identities(residuals)));
        if (maps) {
            int drawn = 0;
            for (WinnerMapStudy map : CaseBook.maps()) {
                parts.add(WinnerMap.draw(run.run(map, "map-" + ++drawn)));
            }
        }
        if (cost) {
            parts.add(ExactCost.measure(seed));
        }
        output.result(String.join(System.lineSeparator(), parts) + run.place(), json(results, residuals), options.json);
        boolean held = results.stream()
                        .flatMap(result -> result.judgements().stream())
                        .allMatch(judgement -> judgement.verdict() == Verdict.SUPPORTED)
                && residuals.stream().allMatch(residual -> residual.residual() < EXACT);
        return held ? Preference.DONE : Preference.CHECK_FAILED;
    }

    /** Every study's claims in a sentence each. */
    static String answers(List<StudyResult> results) {
        StringBuilder text = new StringBuilder();
        for (StudyResult result : results) {
            text.append(String.format("%s%n%s", result.study().name(), ResultTable.answers(result)));
        }
        return text.toString();
    }

    static String values(List<StudyResult> results) {
        StringBuilder text = new StringBuilder("Regularised value under the true reward\n\n");
        String row = "%-34s %8s %8s %8s %10s %9s %9s %9s%n";
        text.append(
                String.format(row, "case", "RLHF", "DPO", "PILAF", "on-policy", "pol.grad.", "in class", "optimum"));
        for (StudyResult result : results) {
            List<Object> cells = new ArrayList<>();
            cells.add(result.study().name());
            requireNonNull(result.study().coordinates().get(CellId.METHOD), CellId.METHOD)
                    .forEach(method -> cells.add(number(result.value(CellId.method(method), ExactStudy.VALUE))));
            text.append(String.format(row, cells.toArray()));
        }
        return text.toString();
    }

    private static String verdicts(List<StudyResult> results) {
        StringBuilder text = new StringBuilder("Claims\n");
        for (StudyResult result : results) {
            text.append(String.format("%n%s%n  %s%n", result.study().name(), ((ExactStudy) result.study()).note()));
            text.append(ResultTable.claims(result));
            CellId best = CellId.method(ExactMethod.BestInClass.LABEL);
            double starts = result.value(best, ExactStudy.STARTS);
            text.append(
                    starts == 0
                            ? "  best in class: closed form\n"
                            : String.format(
                                    Locale.ROOT,
                                    "  best in class: gradient %.1e, %.0f of %.0f starts agree%s%n",
                                    result.value(best, ExactStudy.GRADIENT_NORM),
                                    result.value(best, ExactStudy.AGREEING),
                                    starts,
                                    proven(result, best)));
        }
        return text.toString();
    }

    private static String proven(StudyResult result, CellId best) {
        OptionalDouble bound = result.cells(best).get(0).measurements().last(ExactStudy.UPPER_BOUND);
        return bound.isPresent()
                ? String.format(
                        Locale.ROOT, ", proven within %.1e", bound.getAsDouble() - result.value(best, ExactStudy.VALUE))
                : "";
    }

    private String identities(List<Residual> residuals) {
        StringBuilder text = new StringBuilder("Identities, residual over random instances (reconstructed)\n\n");
        for (Residual residual : residuals) {
            text.append(String.format(Locale.ROOT, "  %.1e  %s%n", residual.residual(), residual.identity()));
        }
        double[] deviations = Identities.pilafDeviations(seed, 1, 0.1, 0.01);
        text.append(String.format(
                Locale.ROOT,
                "%nPILAF's direction against the policy gradient, relative deviation at reward mismatch x 1, 0.1, 0.01:"
                        + " %.4f, %.4f, %.4f%n",
                deviations[0],
                deviations[1],
                deviations[2]));
        return text.toString();
    }

    private static Map<String, Object> json(List<StudyResult> results, List<Residual> residuals) {
        List<Map<String, Object>> cases = new ArrayList<>();
        for (StudyResult result : results) {
            Map<String, Object> json = StudyRunOptions.json(result);
            json.put("note", ((ExactStudy) result.study()).note());
            cases.add(json);
        }
        Map<String, Double> identities = new LinkedHashMap<>();
        residuals.forEach(residual -> identities.put(residual.identity(), residual.residual()));
        return Map.of("cases", cases, "identities", identities);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }
}
