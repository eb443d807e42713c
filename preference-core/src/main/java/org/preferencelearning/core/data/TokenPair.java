package org.preferencelearning.core.data;

import static java.util.Objects.requireNonNull;

import java.util.OptionalDouble;
import org.preferencelearning.core.error.SettingException;

/**
 * A preference pair as token ids.
 *
 * @param chosen prompt and preferred response
 * @param rejected prompt and other response
 * @param margin reward of chosen minus reward of rejected, finite, where known
 * @param weight factor of the pair's loss, finite and not negative
 */
public record TokenPair(TokenSequence chosen, TokenSequence rejected, OptionalDouble margin, double weight) {
    public TokenPair {
        requireNonNull(chosen, "chosen");
        requireNonNull(rejected, "rejected");
        requireNonNull(margin, "margin");
        SettingException.require(
                margin.isEmpty() || Double.isFinite(margin.getAsDouble()), "margin", margin, "a finite number");
        SettingException.requireNotNegative("weight", weight);
    }

    /** A pair without margin and of weight 1. */
    public static TokenPair of(TokenSequence chosen, TokenSequence rejected) {
        return new TokenPair(chosen, rejected, OptionalDouble.empty(), 1);
    }
}
