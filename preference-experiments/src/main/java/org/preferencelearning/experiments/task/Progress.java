package org.preferencelearning.experiments.task;

import java.util.Map;

/** Hears how far a run has come. Calls come one after the other, in the order of the work. */
public interface Progress {
    /**
     * A study's run begins.
     *
     * @param study its name
     * @param cells cells of the study
     * @param tasks tasks that are to be computed, those of finished cells not among them
     */
    default void run(String study, int cells, int tasks) {}

    /**
     * A task begins; another may begin, and end, before it ends.
     *
     * @param id the name of its folder in a run directory
     * @param label what it does
     */
    default void task(String id, String label) {}

    /**
     * A task recorded the metrics of a step.
     *
     * @param id of the task
     */
    default void metrics(String id, long step, Map<String, Double> metrics) {}

    /** A task is done. */
    default void taskDone(String id) {}

    /**
     * A cell's result is there, computed or found.
     *
     * @param cell its coordinates
     * @param done cells so far, this one among them
     */
    default void cell(String cell, int done, int cells) {}

    /** A part of the run begins; it has {@code steps} steps. */
    void begin(String part, long steps);

    /**
     * A step of the current part is done.
     *
     * @param done steps done so far
     * @param status a short remark, for example the loss
     */
    void step(long done, String status);

    /** The current part is done. */
    void end(String summary);

    /** One that tells both others what it hears. */
    static Progress both(Progress first, Progress second) {
        return new BothProgress(first, second);
    }

    /** Hears and does nothing. */
    static Progress none() {
        return new Progress() {
            @Override
            public void begin(String part, long steps) {}

            @Override
            public void step(long done, String status) {}

            @Override
            public void end(String summary) {}
        };
    }
}
