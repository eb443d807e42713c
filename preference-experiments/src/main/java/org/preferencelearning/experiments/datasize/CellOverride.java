package org.preferencelearning.experiments.datasize;

import static java.util.Objects.requireNonNull;

import org.preferencelearning.core.data.Criterion;
import org.preferencelearning.core.error.SettingException;

/**
 * Another budget for some cells.
 *
 * @param method label of the method
 * @param size training pairs asked for
 * @param objective how the data's pairs are judged
 * @param epochs passes over the pairs of these cells, at least 1
 */
public record CellOverride(String method, int size, Criterion objective, int epochs) {
    public CellOverride {
        requireNonNull(method, "method");
        requireNonNull(objective, "objective");
        SettingException.requireAtLeast("epochs", epochs, 1);
    }

    /** The public code's special case ({@code rm.py}): 6 epochs for the reward model of 9,000 pairs judged by safety. */
    public static CellOverride published() {
        return new CellOverride("reward model", 9000, Criterion.SAFER, 6);
    }
}
