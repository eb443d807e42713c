package org.preferencelearning.experiments.online;

import static java.util.Objects.requireNonNull;

import org.preferencelearning.core.loss.PreferenceLosses;

/**
 * A way to learn from annotated responses.
 *
 * @param label short name for tables
 * @param loss a name of {@link PreferenceLosses}
 * @param beta scale of the implicit reward, above 0
 * @param regenerates whether every iteration draws new responses from the current policy; otherwise the first iteration's
 *     are used again
 * @param learnsFromRewardModel whether its annotator is a reward model, which the reward's mis-specification weakens; the
 *     labels of other methods stay the oracle's
 */
public record OnlineMethod(String label, String loss, double beta, boolean regenerates, boolean learnsFromRewardModel) {
    public OnlineMethod {
        requireNonNull(label, "label");
        PreferenceLosses.named(loss, beta);
    }

    /** The same method with another beta. */
    public OnlineMethod beta(double beta) {
        return new OnlineMethod(label, loss, beta, regenerates, learnsFromRewardModel);
    }

    /** The same method under another name. */
    public OnlineMethod named(String label) {
        return new OnlineMethod(label, loss, beta, regenerates, learnsFromRewardModel);
    }
}
