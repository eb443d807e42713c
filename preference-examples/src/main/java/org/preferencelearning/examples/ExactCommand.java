package org.preferencelearning.examples;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.preferencelearning.core.finite.Certificate;
import org.preferencelearning.core.finite.Identities;
import org.preferencelearning.core.finite.Identities.Residual;
import org.preferencelearning.experiments.exact.CaseBook;
import org.preferencelearning.experiments.exact.ExactResult;
import org.preferencelearning.experiments.exact.ExactResult.Judgement;
import org.preferencelearning.experiments.exact.ExactStudy;
import org.preferencelearning.experiments.exact.WinnerMap;
import org.preferencelearning.experiments.result.Verdict;
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
    static List<ExactResult> caseBook() {
        return CaseBook.all().stream().map(ExactStudy::run).toList();
    }

    @Override
    public Integer call() {
        List<ExactResult> results = caseBook();
        List<Residual> residuals = Identities.residuals(seed);
        List<String> parts = new ArrayList<>(List.of(values(results), verdicts(results), identities(residuals)));
        if (maps) {
            parts.add(WinnerMap.draw(CaseBook::policyMisspecified, "RLHF", "DPO"));
            parts.add(WinnerMap.draw(CaseBook::rewardMisspecified, "RLHF", "DPO"));
            parts.add(WinnerMap.draw(CaseBook::isomorphic, "online DPO (PILAF)", "DPO"));
        }
        if (cost) {
            parts.add(ExactCost.measure(seed));
        }
        output.result(String.join(System.lineSeparator(), parts), json(results, residuals), options.json);
        boolean held = results.stream()
                        .flatMap(result -> result.judgements().stream())
                        .allMatch(judgement -> judgement.verdict() == Verdict.SUPPORTED)
                && residuals.stream().allMatch(residual -> residual.residual() < EXACT);
        return held ? Preference.DONE : Preference.CHECK_FAILED;
    }

    static String values(List<ExactResult> results) {
        StringBuilder text = new StringBuilder("Regularised value under the true reward\n\n");
        String row = "%-34s %8s %8s %8s %10s %9s %9s %9s%n";
        text.append(
                String.format(row, "case", "RLHF", "DPO", "PILAF", "on-policy", "pol.grad.", "in class", "optimum"));
        for (ExactResult result : results) {
            List<Object> cells = new ArrayList<>();
            cells.add(result.study().name());
            result.study().methods().forEach(method -> cells.add(number(result.value(method.label()))));
            cells.add(number(result.classOptimum().value()));
            cells.add(number(result.optimum()));
            text.append(String.format(row, cells.toArray()));
        }
        return text.toString();
    }

    private static String verdicts(List<ExactResult> results) {
        StringBuilder text = new StringBuilder("Claims\n");
        for (ExactResult result : results) {
            text.append(String.format(
                    "%n%s%n  %s%n", result.study().name(), result.study().note()));
            for (Judgement judgement : result.judgements()) {
                text.append(String.format(
                        Locale.ROOT,
                        "  %-12s %-46s difference %9.6f  (%s)%n",
                        judgement.verdict().name().toLowerCase(Locale.ROOT),
                        judgement.claim(),
                        judgement.difference(),
                        judgement.claim().source()));
            }
            Certificate certificate = result.classOptimum().certificate();
            text.append(
                    certificate.starts() == 0
                            ? "  best in class: closed form\n"
                            : String.format(
                                    Locale.ROOT,
                                    "  best in class: gradient %.1e, %d of %d starts agree%s%n",
                                    certificate.gradientNorm(),
                                    certificate.agreeing(),
                                    certificate.starts(),
                                    certificate.upperBound().isPresent()
                                            ? String.format(
                                                    Locale.ROOT,
                                                    ", proven within %.1e",
                                                    certificate.upperBound().getAsDouble()
                                                            - result.classOptimum()
                                                                    .value())
                                            : ""));
        }
        return text.toString();
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

    private static Map<String, Object> json(List<ExactResult> results, List<Residual> residuals) {
        List<Map<String, Object>> cases = new ArrayList<>();
        for (ExactResult result : results) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("case", result.study().name());
            json.put("note", result.study().note());
            Map<String, Double> values = new LinkedHashMap<>();
            result.outcomes().forEach((label, outcome) -> values.put(label, outcome.value()));
            json.put("values", values);
            json.put("bestInClass", result.classOptimum().value());
            json.put("optimum", result.optimum());
            json.put("certificate", certificate(result.classOptimum().certificate()));
            json.put(
                    "claims",
                    result.judgements().stream()
                            .map(judgement -> Map.of(
                                    "claim", judgement.claim().toString(),
                                    "source", judgement.claim().source(),
                                    "difference", judgement.difference(),
                                    "verdict", judgement.verdict().name().toLowerCase(Locale.ROOT)))
                            .toList());
            cases.add(json);
        }
        Map<String, Double> identities = new LinkedHashMap<>();
        residuals.forEach(residual -> identities.put(residual.identity(), residual.residual()));
        return Map.of("cases", cases, "identities", identities);
    }

    private static Map<String, Object> certificate(Certificate certificate) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("gradientNorm", certificate.gradientNorm());
        json.put("starts", certificate.starts());
        json.put("agreeing", certificate.agreeing());
        certificate.upperBound().ifPresent(bound -> json.put("upperBound", bound));
        return json;
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }
}
