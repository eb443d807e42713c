package org.preferencelearning.experiments.dual;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Maps;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
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
        Map<Double, List<Double>> values = trials.stream()
                .collect(Collectors.groupingBy(
                        TrainArm::learningRate,
                        Collectors.mapping(
                                trial -> context.get(trial)
                                        .last(DualTokenStudy.VALUE)
                                        .orElseThrow(),
                                Collectors.toList())));
        return new Rate(choose(Maps.transformValues(
                values, of -> of.stream().mapToDouble(value -> value).average().orElseThrow())));
    }

    /** The rate that the rule takes, by each rate's mean value. */
    static double choose(Map<Double, Double> values) {
        double best = Collections.max(values.values());
        return values.entrySet().stream()
                .filter(rate -> best - rate.getValue() <= AS_GOOD)
                .mapToDouble(Map.Entry::getKey)
                .min()
                .orElseThrow();
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
