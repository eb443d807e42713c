package org.preferencelearning.spark;

import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.error.PreferenceException;

/** A task failed on an executor, or Spark gave a wave of tasks up; what was published before is kept. */
public final class SparkRunException extends PreferenceException {
    SparkRunException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Nobody on this side ended the application. */
    static SparkRunException ended(String master, Throwable cause) {
        return new SparkRunException(
                "Spark ended the application of master " + master
                        + ": no master answers there, or it was stopped (what Spark logged says more); what was published is"
                        + " kept",
                cause);
    }
}
