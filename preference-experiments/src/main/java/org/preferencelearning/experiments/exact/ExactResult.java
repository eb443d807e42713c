package org.preferencelearning.experiments.exact;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.finite.Certificate;
import org.preferencelearning.core.finite.ExactFit;
import org.preferencelearning.core.finite.ExactOptimization;
import org.preferencelearning.core.finite.FiniteProblem;
import org.preferencelearning.experiments.result.Verdict;

/**
 * What an exact study found.
 *
 * @param study the study
 * @param outcomes by the methods' labels
 * @param classOptimum best value in the policy class, with its certificate
 * @param optimum best value of all policies
 * @param judgements one per claim
 */
public record ExactResult(
        ExactStudy study,
        Map<String, Outcome> outcomes,
        Outcome classOptimum,
        double optimum,
        List<Judgement> judgements) {

    /** Values closer than this are not told apart: the searches end within about 1e-9 of an optimum. */
    private static final double RESOLUTION = 1e-7;

    public ExactResult {
        outcomes = ImmutableMap.copyOf(outcomes);
        judgements = ImmutableList.copyOf(judgements);
    }

    static ExactResult of(ExactStudy study) {
        ExactOptimization exact = new ExactOptimization(study.problem(), study.policies(), study.rewards());
        FiniteProblem problem = study.problem();
        double[] start = new double[exact.dimension()];
        Arrays.fill(start, study.start());
        Map<String, Outcome> outcomes = new LinkedHashMap<>();
        for (ExactMethod method : study.methods()) {
            outcomes.put(method.label(), outcome(problem, method.fit(exact, start)));
        }
        Outcome best = outcome(problem, exact.classOptimum());
        Map<String, Double> values = new LinkedHashMap<>();
        outcomes.forEach((label, outcome) -> values.put(label, outcome.value()));
        values.put(Claim.CLASS_OPTIMUM, best.value());
        values.put(Claim.OPTIMUM, problem.optimalValue());
        List<Judgement> judgements = new ArrayList<>();
        for (Claim claim : study.claims()) {
            judgements.add(judge(claim, value(values, claim.first()) - value(values, claim.second())));
        }
        return new ExactResult(study, outcomes, best, problem.optimalValue(), judgements);
    }

    private static Outcome outcome(FiniteProblem problem, ExactFit fit) {
        return new Outcome(problem.value(fit.table()), fit);
    }

    private static double value(Map<String, Double> values, String label) {
        SettingException.require(
                values.containsKey(label), "expect", label, "a method that is compared: " + values.keySet());
        return values.get(label);
    }

    /** Nothing is random here: a difference is there or it is not, up to the resolution of the searches. */
    private static Judgement judge(Claim claim, double difference) {
        boolean equal = Math.abs(difference) <= RESOLUTION;
        boolean holds = claim.relation() == Claim.Relation.EQUAL ? equal : !equal && difference > 0;
        return new Judgement(claim, difference, holds ? Verdict.SUPPORTED : Verdict.CONTRADICTED);
    }

    /** Value of a method's policy. */
    public double value(String method) {
        return outcomes.get(method).value();
    }

    /** Best value in the policy class less a method's. */
    public double gapToClass(String method) {
        return classOptimum.value() - value(method);
    }

    /** Best value of all policies less a method's. */
    public double gapToOptimum(String method) {
        return optimum - value(method);
    }

    /**
     * Where a method ended.
     *
     * @param value regularised value under the true reward
     * @param fit the policy and its certificate
     */
    public record Outcome(double value, ExactFit fit) {
        /** Why the policy may be believed to be the optimum of what the method optimises. */
        public Certificate certificate() {
            return fit.certificate();
        }
    }

    /**
     * A claim and what became of it.
     *
     * @param claim the claim
     * @param difference value of the first minus value of the second
     * @param verdict what follows
     */
    public record Judgement(Claim claim, double difference, Verdict verdict) {}
}
