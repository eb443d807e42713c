package org.preferencelearning.experiments.online;

import static java.util.Objects.requireNonNull;

import org.preferencelearning.core.error.SettingException;

/**
 * What a study expects of two arms' mean oracle reward after the last iteration.
 *
 * @param condition under which
 * @param better the arm expected to be better, or one of two equal ones
 * @param worse the other
 * @param equalWithin where they are expected to be equal, the difference up to which they count as equal, above 0; or 0
 *     where one is expected to be better
 * @param source where the claim comes from
 */
public record OnlineClaim(Condition condition, String better, String worse, double equalWithin, String source) {
    public OnlineClaim {
        requireNonNull(condition, "condition");
        SettingException.requireNotNegative("equalWithin", equalWithin);
    }

    /** That one arm is better than another. */
    public static OnlineClaim better(Condition condition, String better, String worse, String source) {
        return new OnlineClaim(condition, better, worse, 0, source);
    }

    /** That two arms are equal but for a difference of at most {@code within}. */
    public static OnlineClaim equal(Condition condition, String one, String other, double within, String source) {
        SettingException.requirePositive("equalWithin", within);
        return new OnlineClaim(condition, one, other, within, source);
    }

    @Override
    public String toString() {
        return condition + ": " + better + (equalWithin > 0 ? " = " : " > ") + worse;
    }
}
