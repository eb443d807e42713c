package org.preferencelearning.experiments.run;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Map;
import org.preferencelearning.experiments.study.CellId;

/**
 * What a task recorded at each of its steps.
 *
 * @param kind the kind of task, such as {@code fine-tune}
 * @param label what the task does
 * @param cells the cells that need its result, directly or not
 * @param steps in the order of the work
 */
public record TaskMetrics(String kind, String label, List<CellId> cells, List<Step> steps) {
    public TaskMetrics {
        cells = ImmutableList.copyOf(cells);
        steps = ImmutableList.copyOf(steps);
    }

    /**
     * A step.
     *
     * @param step updates made
     * @param metrics its numbers by name, those that are finite
     */
    public record Step(long step, Map<String, Double> metrics) {
        public Step {
            metrics = ImmutableMap.copyOf(metrics);
        }
    }
}
