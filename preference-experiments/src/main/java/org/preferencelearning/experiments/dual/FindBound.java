package org.preferencelearning.experiments.dual;

import static java.util.Objects.requireNonNull;

import org.preferencelearning.experiments.study.Measurements;
import org.preferencelearning.experiments.study.Measuring;
import org.preferencelearning.experiments.task.TaskContext;

/**
 * The value of the best of all policies, or of the reference, in closed form.
 *
 * @param method which of the two
 * @param reference the reference policy
 * @param beta strength of the regularisation
 */
record FindBound(DualMethod method, MakeReference reference, double beta) implements Measuring {
    FindBound {
        requireNonNull(method, "method");
        requireNonNull(reference, "reference");
    }

    @Override
    public Measurements run(TaskContext context) {
        Population population = reference.population(context.get(reference), beta);
        double[][] log = population.referenceLog();
        if (method == DualMethod.OPTIMUM) {
            log = population.best(population.reward());
        }
        double value = population.value(log, population.reward());
        return Measurements.builder()
                .add(DualTokenStudy.VALUE, value, "reward")
                .add(DualTokenStudy.REWARD, population.expected(log, population.reward()), "reward")
                .add(DualTokenStudy.KL, population.divergence(log), "nats")
                .add(DualTokenStudy.OPTIMUM_GAP, population.optimum() - value, "reward")
                .add(DualTokenStudy.COVERAGE, population.coverage(log), "nats")
                .build(0);
    }

    @Override
    public String label() {
        return method.label() + ", seed " + reference.seed();
    }
}
