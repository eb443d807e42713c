package org.preferencelearning.experiments.online;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.study.Measurements;
import org.preferencelearning.experiments.study.Measuring;
import org.preferencelearning.experiments.task.Task;
import org.preferencelearning.experiments.task.TaskContext;

/**
 * One method under one condition with one seed: what its iterations trained on and what became of its policy.
 *
 * @param data the pairs that each iteration drew, or those of the first where a method draws once
 * @param evaluations of the policy after each iteration
 */
record OnlineCell(List<DrawPairs> data, List<EvaluatePolicy> evaluations) implements Measuring {
    OnlineCell {
        data = ImmutableList.copyOf(data);
        evaluations = ImmutableList.copyOf(evaluations);
        SettingException.require(
                evaluations.stream().map(one -> one.measured().of()).distinct().count() == 1,
                "evaluations",
                evaluations.size(),
                "at least one, and all on the same prompts");
    }

    /** In the order of the work, so that a policy need not stay open longer than until the next one is there. */
    @Override
    public List<Task<?>> inputs() {
        List<Task<?>> inputs = new ArrayList<>();
        for (int i = 0; i < evaluations.size(); i++) {
            inputs.add(data.get(i));
            inputs.add(evaluations.get(i));
        }
        return inputs;
    }

    @Override
    public Measurements run(TaskContext context) {
        Measurements.Builder found =
                Measurements.builder(evaluations.get(0).measured().of().indices());
        Map<String, List<Double>> last = new LinkedHashMap<>();
        double seconds = 0;
        for (int i = 0; i < evaluations.size(); i++) {
            DrawnPairs drawn = context.get(data.get(i));
            Measurements evaluation = context.get(evaluations.get(i));
            found.add(OnlineMetrics.PAIRS, i + 1, drawn.pairs().size(), "pairs")
                    .add(OnlineMetrics.TIES, i + 1, drawn.ties(), "prompts")
                    .addAll(evaluation.values());
            last.putAll(evaluation.items());
            seconds += evaluation.seconds();
        }
        last.forEach((metric, values) -> found.items(
                metric, values.stream().mapToDouble(Double::doubleValue).toArray()));
        return found.build(seconds);
    }

    @Override
    public String label() {
        return "online cell";
    }
}
