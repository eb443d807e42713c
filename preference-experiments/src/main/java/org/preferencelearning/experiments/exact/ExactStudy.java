package org.preferencelearning.experiments.exact;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.finite.ExactOptimization;
import org.preferencelearning.core.finite.FiniteProblem;
import org.preferencelearning.core.finite.FunctionClass;
import org.preferencelearning.experiments.study.Cell;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Claim;
import org.preferencelearning.experiments.study.Contents;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.task.Described;

/**
 * A study of exact optimisation. An inert value; each of its methods returns a changed copy, and refuses what is outside its
 * range where it is said.
 *
 * @param name what it is called
 * @param note what it shows, and whether it is the paper's construction or reconstructed
 * @param problem true reward, reference policy and beta
 * @param policies class of policies
 * @param rewards class of rewards
 * @param methods what is compared
 * @param start every coordinate of the parameters that the flows start from
 * @param claims what is expected
 */
public record ExactStudy(
        String name,
        String note,
        FiniteProblem problem,
        FunctionClass policies,
        FunctionClass rewards,
        List<ExactMethod> methods,
        double start,
        List<Claim> claims)
        implements Study {
    /** Regularised value under the true reward. */
    public static final String VALUE = "value";
    /** Of the method's objective at its end; 0 for closed forms. */
    public static final String GRADIENT_NORM = "gradient_norm";
    /** Starting points of the search; 0 for closed forms. */
    public static final String STARTS = "starts";
    /** How many of them ended at the best value. */
    public static final String AGREEING = "agreeing";
    /** A proven upper bound of the method's objective, where there is one. */
    public static final String UPPER_BOUND = "upper_bound";

    private static final List<String> METRICS = List.of(VALUE, GRADIENT_NORM, STARTS, AGREEING, UPPER_BOUND);
    private static final List<ExactMethod> BOUNDS = List.of(new ExactMethod.BestInClass(), new ExactMethod.Optimum());

    public ExactStudy {
        requireNonNull(name, "name");
        requireNonNull(note, "note");
        methods = ImmutableList.copyOf(methods);
        claims = ImmutableList.copyOf(claims);
        methods.forEach(method -> Described.require("compare", method, ExactMethod.class));
        SettingException.requireDistinct(
                "compare", methods.stream().map(ExactMethod::label).toList());
        SettingException.require(Double.isFinite(start), "start", start, "a finite number");
        // refuses features of another shape
        new ExactOptimization(problem, policies, rewards);
        SettingException.require(
                Collections.disjoint(methods, BOUNDS), "compare", methods, "methods; the bounds are always there");
        Claim.requireAnswerable(claims, METRICS, coordinates(methods));
    }

    @Override
    public List<String> metrics() {
        return METRICS;
    }

    @Override
    public Map<String, List<String>> coordinates() {
        return coordinates(methods);
    }

    private static Map<String, List<String>> coordinates(List<ExactMethod> methods) {
        return Map.of(
                CellId.METHOD,
                Stream.concat(methods.stream(), BOUNDS.stream())
                        .map(ExactMethod::label)
                        .toList());
    }

    @Override
    public List<Cell> cells(Contents contents) {
        return Stream.concat(methods.stream(), BOUNDS.stream())
                .map(method -> new Cell(
                        CellId.method(method.label()), new FitExactly(problem, policies, rewards, method, start)))
                .toList();
    }

    /** A problem of one prompt, with a uniform reference and unrestricted classes. */
    public static ExactStudy of(String name, double beta, double... trueReward) {
        double[] uniform = new double[trueReward.length];
        Arrays.fill(uniform, 1.0 / Math.max(1, trueReward.length));
        return new ExactStudy(
                name,
                "",
                FiniteProblem.bandit(trueReward, uniform, beta),
                FunctionClass.unrestricted(),
                FunctionClass.unrestricted(),
                List.of(new ExactMethod.Rlhf(), new ExactMethod.Dpo()),
                0.1,
                List.of());
    }

    /** The same study of another problem, for example one with several prompts. */
    public ExactStudy problem(FiniteProblem problem) {
        return new ExactStudy(name, note, problem, policies, rewards, methods, start, claims);
    }

    /** The same study with this remark. */
    public ExactStudy note(String note) {
        return new ExactStudy(name, note, problem, policies, rewards, methods, start, claims);
    }

    /** The same study with another reference policy: positive probabilities of the responses. */
    public ExactStudy reference(double... reference) {
        return problem(FiniteProblem.bandit(problem.reward()[0], reference, problem.beta()));
    }

    /** The same study over this class of policies. */
    public ExactStudy policies(FunctionClass policies) {
        return new ExactStudy(name, note, problem, policies, rewards, methods, start, claims);
    }

    /** The same study over this class of rewards. */
    public ExactStudy rewards(FunctionClass rewards) {
        return new ExactStudy(name, note, problem, policies, rewards, methods, start, claims);
    }

    /** The same study of these methods. */
    public ExactStudy compare(ExactMethod... methods) {
        return new ExactStudy(name, note, problem, policies, rewards, List.of(methods), start, claims);
    }

    /** The same study whose flows start at parameters that all equal {@code start}. */
    public ExactStudy start(double start) {
        return new ExactStudy(name, note, problem, policies, rewards, methods, start, claims);
    }

    /** The same study that also expects this. */
    public ExactStudy expect(Claim... more) {
        return new ExactStudy(
                name,
                note,
                problem,
                policies,
                rewards,
                methods,
                start,
                ImmutableList.<Claim>builder().addAll(claims).add(more).build());
    }

    /**
     * The value of one method's policy, without running the rest of the study.
     *
     * @throws SettingException if no method that is compared, and no bound, has this label
     */
    public double value(String label) {
        return new FitExactly(problem, policies, rewards, method(label), start).value();
    }

    /** The method, or the bound, of this label. */
    ExactMethod method(String label) {
        return Stream.concat(methods.stream(), BOUNDS.stream())
                .filter(one -> one.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new SettingException(
                        "method", label, "one of " + coordinates().get(CellId.METHOD)));
    }

    /** The same study without expectations. */
    public ExactStudy withoutClaims() {
        return new ExactStudy(name, note, problem, policies, rewards, methods, start, List.of());
    }

    /** That the first method's value is the larger; a method's label, {@code best in class} or {@code optimum}. */
    public static Claim better(String first, String second, String source) {
        return Claim.larger(VALUE, CellId.method(first), CellId.method(second), source);
    }

    /** That two methods' values are equal, up to the resolution of the searches. */
    public static Claim equal(String first, String second, String source) {
        return Claim.equal(VALUE, CellId.method(first), CellId.method(second), 0, source);
    }
}
