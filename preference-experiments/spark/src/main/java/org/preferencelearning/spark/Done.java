package org.preferencelearning.spark;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.experiments.run.SharedWorker;

/**
 * What an executor says of a task.
 *
 * @param place of the task in its wave
 * @param outcome what became of it; null if there is a problem
 * @param problem what is wrong, which another attempt would find too; null if nothing is
 * @param where host and executor
 * @param seconds that it took
 */
record Done(
        int place,
        SharedWorker.@Nullable Outcome outcome,
        @Nullable String problem,
        String where,
        double seconds) implements Serializable {}
