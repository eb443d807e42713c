package org.preferencelearning.experiments.dual;

import com.google.common.collect.ImmutableList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.task.Codec;
import org.preferencelearning.experiments.task.Task;
import org.preferencelearning.experiments.task.TaskContext;

/**
 * An arm's learning rate, chosen by one rule for all arms: of those whose policies end within 0.001 of the largest mean value,
 * on seeds that are not reported, the smallest. What is a little better on those seeds is mostly chance, and larger rates lose a
 * good answer more often.
 *
 * @param trials the arm with each rate and seed
 */
record ChooseRate(List<TrainArm> trials) implements Task<ChooseRate.Rate> {
    private static final double AS_GOOD = 1e-3;

    ChooseRate {
        trials = ImmutableList.copyOf(trials);
        SettingException.require(!trials.isEmpty(), "trials", 0, "at least 1");
    }

    @Override
    public Rate run(TaskContext context) {
        Map<Double, Double> sums = new LinkedHashMap<>();
        for (TrainArm trial : trials) {
            double value = context.get(trial).last(DualTokenStudy.VALUE).orElseThrow();
            sums.merge(trial.learningRate(), value, Double::sum);
        }
        double seeds = trials.size() / (double) sums.size();
        double best =
                sums.values().stream().mapToDouble(Double::doubleValue).max().orElseThrow();
        return new Rate(sums.entrySet().stream()
                .filter(rate -> best - rate.getValue() <= AS_GOOD * seeds)
                .mapToDouble(Map.Entry::getKey)
                .min()
                .orElseThrow());
    }

    @Override
    public Codec<Rate> codec() {
        return Codec.json(Rate.class);
    }

    @Override
    public String label() {
        TrainArm one = trials.get(0);
        return "learning rate of " + one.settings().method().label() + ", "
                + one.settings().policies().label();
    }

    /**
     * What is chosen.
     *
     * @param learningRate before the class's factor
     */
    record Rate(double learningRate) {}
}
