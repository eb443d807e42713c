package org.preferencelearning.experiments.study;

import static java.util.Objects.requireNonNull;

import org.preferencelearning.experiments.task.Task;

/**
 * One measurement of a study.
 *
 * @param id where it stands in the study's tables
 * @param task what measures it
 */
public record Cell(CellId id, Task<Measurements> task) {
    public Cell {
        requireNonNull(id, "id");
        requireNonNull(task, "task");
    }
}
