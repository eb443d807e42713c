package org.preferencelearning.core.train;

/** Hears of every update. */
@FunctionalInterface
public interface TrainingListener {
    /** Called after each update, on the training thread. */
    void onStep(StepReport report);

    /** Hears and does nothing. */
    static TrainingListener none() {
        return report -> {};
    }
}
