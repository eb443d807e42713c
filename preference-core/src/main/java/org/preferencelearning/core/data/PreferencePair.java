package org.preferencelearning.core.data;

import static java.util.Objects.requireNonNull;

import java.util.OptionalDouble;
import org.preferencelearning.core.error.SettingException;

/**
 * One comparison: of two responses to a prompt, {@code chosen} was preferred to {@code rejected}.
 *
 * @param prompt text before the response, template included; a response follows it without any separator
 * @param chosen the preferred response, not empty
 * @param rejected the other response, not empty
 * @param margin reward of chosen minus reward of rejected where an annotator gave rewards
 * @param weight factor of this pair's loss; finite and not negative, 1 where nothing is said
 */
public record PreferencePair(String prompt, String chosen, String rejected, OptionalDouble margin, double weight) {
    public PreferencePair {
        requireNonNull(prompt, "prompt");
        SettingException.require(!chosen.isEmpty(), "chosen", "empty", "a text");
        SettingException.require(!rejected.isEmpty(), "rejected", "empty", "a text");
        SettingException.require(
                margin.isEmpty() || Double.isFinite(margin.getAsDouble()), "margin", margin, "a finite number");
        SettingException.requireNotNegative("weight", weight);
    }

    /** A pair without margin and of weight 1. */
    public static PreferencePair of(String prompt, String chosen, String rejected) {
        return new PreferencePair(prompt, chosen, rejected, OptionalDouble.empty(), 1);
    }

    /** The same comparison with the given margin. */
    public PreferencePair withMargin(double margin) {
        return new PreferencePair(prompt, chosen, rejected, OptionalDouble.of(margin), weight);
    }
}
