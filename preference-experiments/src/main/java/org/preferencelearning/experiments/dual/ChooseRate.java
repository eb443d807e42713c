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
 * An arm's learning rate, chosen by one rule for all arms: the one whose policies end with the largest mean value, on seeds
 * that are not reported.
 *
 * @param trials the arm with each rate and seed
 */
record ChooseRate(List<TrainArm> trials) implements Task<ChooseRate.Rate> {
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
        return new Rate(sums.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey());
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
