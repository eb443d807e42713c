package org.preferencelearning.core.train;

/** Factor of the peak learning rate at each optimiser step. */
public enum LearningRateSchedule {
    /** 1 at every step after the warm-up. */
    CONSTANT {
        @Override
        double afterWarmup(double progress) {
            return 1;
        }
    },
    /** Falls linearly from 1 to 0. */
    LINEAR {
        @Override
        double afterWarmup(double progress) {
            return Math.max(0, 1 - progress);
        }
    },
    /** Falls from 1 to 0 along half a cosine. */
    COSINE {
        @Override
        double afterWarmup(double progress) {
            return Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)));
        }
    };

    abstract double afterWarmup(double progress);

    /**
     * The factor at a step, as Hugging Face computes it: linear warm-up from 0, then the schedule.
     *
     * @param step 0-based optimiser step
     * @param warmupSteps not negative; a fraction is meaningful: the public code's 0.1 makes step 0, and only it, run at 0
     * @param totalSteps number of optimiser steps
     */
    public double factor(long step, double warmupSteps, long totalSteps) {
        if (step < warmupSteps) {
            return step / Math.max(1, warmupSteps);
        }
        return afterWarmup((step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
    }
}
