package org.preferencelearning.experiments.internal.tasks;

import static java.util.Objects.requireNonNull;

import org.preferencelearning.experiments.study.Measurements;
import org.preferencelearning.experiments.study.Measuring;
import org.preferencelearning.experiments.task.TaskContext;

/**
 * Counts a study's pairs and the rows that could not be used; where the truth is known, how often it agrees with the labels.
 *
 * @param pairs the pairs
 */
public record DescribeData(LoadPairs pairs) implements Measuring {
    /** Metric: pairs of the training part. */
    public static final String TRAINING_PAIRS = "training_pairs";
    /** Metric: pairs held out. */
    public static final String HELD_OUT_PAIRS = "held_out_pairs";
    /** Metric: accuracy that the truth itself is expected to have on the held-out labels. */
    public static final String CEILING = "ceiling";

    public DescribeData {
        requireNonNull(pairs, "pairs");
    }

    @Override
    public Measurements run(TaskContext context) {
        StudyData data = context.get(pairs);
        Measurements.Builder found = Measurements.builder()
                .add(TRAINING_PAIRS, data.train().size(), "pairs")
                .add(HELD_OUT_PAIRS, data.validation().size(), "pairs")
                .leftOut("file", data.rejected());
        data.ceiling().ifPresent(ceiling -> found.add(CEILING, ceiling, ""));
        return found.build(0);
    }

    @Override
    public String label() {
        return "description of " + pairs.data().label();
    }
}
