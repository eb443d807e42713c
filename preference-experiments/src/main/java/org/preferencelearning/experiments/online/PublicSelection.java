package org.preferencelearning.experiments.online;

import static java.util.Objects.requireNonNull;

import org.preferencelearning.core.error.SettingException;

/**
 * A selection of the public code's.
 *
 * @param rule which
 * @param lengthPenalty reward subtracted per token, -1e6 to 1e6; read by {@link PairSelection#MAX_MIN_P} alone, 0 for others
 */
public record PublicSelection(PairSelection rule, double lengthPenalty) implements PairSelector {
    public PublicSelection {
        requireNonNull(rule, "rule");
        SettingException.requireBetween("lengthPenalty", lengthPenalty, -1e6, 1e6);
        SettingException.require(
                lengthPenalty == 0 || rule == PairSelection.MAX_MIN_P,
                "lengthPenalty",
                lengthPenalty,
                "0 for " + rule + ", which does not read it");
    }

    @Override
    public Pair select(double[] rewards, int[] lengths) {
        return rule.select(rewards, lengths, lengthPenalty);
    }
}
