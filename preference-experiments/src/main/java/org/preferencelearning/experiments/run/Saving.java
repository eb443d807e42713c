package org.preferencelearning.experiments.run;

import java.time.Duration;
import org.preferencelearning.core.error.SettingException;

/**
 * How often the state of a task at work is saved, and how many of its states are kept.
 *
 * @param least time between two; longer where saving takes more than a fiftieth of it; not negative
 * @param states newest ones that are kept, at least 2, so that a damaged one has one before it. The best model of a training
 *     that looks for one is part of every state.
 */
public record Saving(Duration least, int states) {
    private static final int SHARE = 50;

    public Saving {
        SettingException.require(!least.isNegative(), "least", least, "a duration that is not negative");
        SettingException.requireAtLeast("states", states, 2);
    }

    /** Every ten seconds, two states. */
    public static Saving standard() {
        return new Saving(Duration.ofSeconds(10), 2);
    }

    /** After each step, however long saving takes: for tests, and for steps that take minutes. */
    public static Saving everyStep() {
        return new Saving(Duration.ZERO, 2);
    }

    /** Nanoseconds from a save that took {@code took} of them to the next. */
    long pause(long took) {
        return least.isZero() ? 0 : Math.max(least.toNanos(), SHARE * took);
    }
}
