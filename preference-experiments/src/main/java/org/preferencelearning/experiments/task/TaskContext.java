package org.preferencelearning.experiments.task;

import java.util.Map;

/** What a running task may ask for. */
public interface TaskContext {
    /**
     * The result of a task that is a component of the running one. It is shared: ask, copy, but do not change it.
     *
     * @throws IllegalArgumentException if it is no component of the running task
     */
    <A> A get(Task<A> input);

    /**
     * Records a step's metrics in the task's {@code metrics.jsonl}, which is saved and restored with its states.
     *
     * @param step updates made
     */
    void record(long step, Map<String, Double> metrics);

    /** Hears how far the task is. */
    Progress progress();

    /** Where the task's state is kept while it runs. */
    Checkpoints checkpoints();

    /** Whether the run was asked to stop: save a state, then call {@link #stopIfAsked}. */
    boolean stopAsked();

    /**
     * Ends the task here if the run was asked to stop. Call it between steps, after which nothing is lost.
     *
     * @throws StoppedException if the run was asked to stop
     */
    void stopIfAsked();
}
