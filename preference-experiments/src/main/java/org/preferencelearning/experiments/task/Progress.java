package org.preferencelearning.experiments.task;

/** Hears how far a run has come. Calls come from the running thread, in order. */
public interface Progress {
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
