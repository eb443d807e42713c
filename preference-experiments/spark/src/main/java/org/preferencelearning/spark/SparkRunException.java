package org.preferencelearning.spark;

import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.error.PreferenceException;

/** A task failed on an executor, or Spark gave a wave of tasks up; what was published before is kept. */
public final class SparkRunException extends PreferenceException {
    SparkRunException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
