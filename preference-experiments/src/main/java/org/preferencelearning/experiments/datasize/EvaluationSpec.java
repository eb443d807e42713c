package org.preferencelearning.experiments.datasize;

import org.preferencelearning.core.error.SettingException;

/**
 * When a cell is evaluated on the held-out pairs, and which of its models counts.
 *
 * @param perTraining evaluations in the course of a training, evenly spaced, the last at its end; at least 1
 * @param keepBest whether the model with the least held-out loss counts, rather than the last one; choosing it on the pairs
 *     that it is then measured on flatters it
 */
public record EvaluationSpec(int perTraining, boolean keepBest) {
    public EvaluationSpec {
        SettingException.requireAtLeast("perTraining", perTraining, 1);
    }

    /** Once, at the end. */
    public static EvaluationSpec atEnd() {
        return new EvaluationSpec(1, false);
    }

    /** As the public code ({@code rm.py}, {@code dpo.py}): every quarter, and the best one counts. */
    public static EvaluationSpec published() {
        return new EvaluationSpec(4, true);
    }

    /** Whether to evaluate after a step. */
    public boolean isDue(long step, long total) {
        long every = (total + perTraining - 1) / perTraining;
        return step == total || step % every == 0;
    }
}
