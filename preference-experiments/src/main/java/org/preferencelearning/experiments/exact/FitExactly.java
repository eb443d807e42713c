package org.preferencelearning.experiments.exact;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import org.preferencelearning.core.finite.Certificate;
import org.preferencelearning.core.finite.ExactFit;
import org.preferencelearning.core.finite.ExactOptimization;
import org.preferencelearning.core.finite.FiniteProblem;
import org.preferencelearning.core.finite.FunctionClass;
import org.preferencelearning.experiments.study.Measurements;
import org.preferencelearning.experiments.study.Measuring;
import org.preferencelearning.experiments.task.TaskContext;

/**
 * Where a method arrives under exact optimisation: its policy's value, with the certificate.
 *
 * @param problem true reward, reference policy and beta
 * @param policies class of policies
 * @param rewards class of rewards
 * @param method which
 * @param start every coordinate of the parameters that flows start from
 */
record FitExactly(
        FiniteProblem problem, FunctionClass policies, FunctionClass rewards, ExactMethod method, double start)
        implements Measuring {
    FitExactly {
        requireNonNull(problem, "problem");
        requireNonNull(policies, "policies");
        requireNonNull(rewards, "rewards");
        requireNonNull(method, "method");
    }

    @Override
    public Measurements run(TaskContext context) {
        ExactFit fit = fit();
        Certificate certificate = fit.certificate();
        Measurements.Builder found = Measurements.builder()
                .add(ExactStudy.VALUE, problem.value(fit.table()), "reward")
                .add(ExactStudy.GRADIENT_NORM, certificate.gradientNorm(), "")
                .add(ExactStudy.STARTS, certificate.starts(), "starts")
                .add(ExactStudy.AGREEING, certificate.agreeing(), "starts");
        certificate.upperBound().ifPresent(bound -> found.add(ExactStudy.UPPER_BOUND, bound, "reward"));
        return found.build(0);
    }

    private ExactFit fit() {
        ExactOptimization exact = new ExactOptimization(problem, policies, rewards);
        double[] from = new double[exact.dimension()];
        Arrays.fill(from, start);
        return method.fit(exact, from);
    }

    /** Regularised value of the policy under the true reward. */
    double value() {
        return problem.value(fit().table());
    }

    @Override
    public boolean small() {
        return true;
    }

    @Override
    public String label() {
        return method.label();
    }
}
