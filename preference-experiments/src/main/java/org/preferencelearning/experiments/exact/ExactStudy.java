package org.preferencelearning.experiments.exact;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.List;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.finite.ExactOptimization;
import org.preferencelearning.core.finite.FiniteProblem;
import org.preferencelearning.core.finite.FunctionClass;

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
        List<Claim> claims) {

    public ExactStudy {
        requireNonNull(name, "name");
        requireNonNull(note, "note");
        methods = ImmutableList.copyOf(methods);
        claims = ImmutableList.copyOf(claims);
        SettingException.requireDistinct("compare", methods);
        SettingException.require(Double.isFinite(start), "start", start, "a finite number");
        // refuses features of another shape
        new ExactOptimization(problem, policies, rewards);
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

    /** Runs every method and judges every claim; takes milliseconds. */
    public ExactResult run() {
        return ExactResult.of(this);
    }
}
