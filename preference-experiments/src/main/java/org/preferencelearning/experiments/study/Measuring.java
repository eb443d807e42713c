package org.preferencelearning.experiments.study;

import org.preferencelearning.experiments.task.Codec;
import org.preferencelearning.experiments.task.Task;

/** A task that measures something: a cell's, or part of one. */
public interface Measuring extends Task<Measurements> {
    @Override
    default Codec<Measurements> codec() {
        return Codec.json(Measurements.class);
    }
}
