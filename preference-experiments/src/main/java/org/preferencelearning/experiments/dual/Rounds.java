package org.preferencelearning.experiments.dual;

import org.preferencelearning.core.error.SettingException;

/**
 * How long a model is trained: in rounds, in each of which the learning rate falls from its peak to 0 along half a cosine. It
 * ends when a round has moved what is watched by less than the tolerance, or when the rounds are used up, which the result
 * says.
 *
 * @param updates of a round, at least 1
 * @param most rounds, at least 1
 * @param tolerance that counts as no movement, above 0
 */
public record Rounds(int updates, int most, double tolerance) {
    public Rounds {
        SettingException.requireAtLeast("updates", updates, 1);
        SettingException.requireAtLeast("rounds", most, 1);
        SettingException.requirePositive("tolerance", tolerance);
    }

    /** At most 10 rounds of 100 updates, to 0.001. */
    public static Rounds standard() {
        return new Rounds(100, 10, 1e-3);
    }

    /** Four times as many, to a thousandth of the tolerance: for bounds, which nothing of their class may pass. */
    Rounds finer() {
        return new Rounds(updates, 4 * most, tolerance / 1000);
    }
}
