package org.preferencelearning.experiments.dual;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
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
            log = best(population);
        }
        double value = population.value(log, population.reward());
        return Measurements.builder()
                .add(DualTokenStudy.VALUE, value, "reward")
                .add(DualTokenStudy.REWARD, population.expected(log, population.reward()), "reward")
                .add(DualTokenStudy.KL, population.divergence(log), "nats")
                .add(DualTokenStudy.OPTIMUM_GAP, population.optimum() - value, "reward")
                .build(0);
    }

    private static double[][] best(Population population) {
        double[][] log = new double[population.prompts()][];
        for (int x = 0; x < log.length; x++) {
            double[] reference = population.referenceLog()[x];
            double[] reward = population.reward()[x];
            double[] row = new double[reference.length];
            Arrays.setAll(row, y -> reference[y] + reward[y] / population.beta());
            double largest = Arrays.stream(row).max().orElseThrow();
            double normaliser = largest
                    + Math.log(
                            Arrays.stream(row).map(v -> Math.exp(v - largest)).sum());
            for (int y = 0; y < row.length; y++) {
                row[y] -= normaliser;
            }
            log[x] = row;
        }
        return log;
    }

    @Override
    public String label() {
        return method.label() + ", seed " + reference.seed();
    }
}
