package org.preferencelearning.testkit;

/**
 * What losses obey. {@link PreferenceLossContract} checks those up to {@link #ALIGNED} but {@link #SHIFT},
 * {@link RewardLossContract} those that have a meaning for rewards, {@link UnpairedLossContract}, {@link RolloutLossContract} and
 * {@link TokenRolloutLossContract} those that have one for single responses, for which read response or token where a pair is
 * said. A contract test that exempts its loss from a law gives the
 * reason, and fails where the loss obeys the law after all.
 *
 * <p>"Around equality" are pairs whose log-ratios {@code log(pi / pi_ref)}, or whose rewards, are between -1 and 1, among them
 * those where policy and reference agree.
 */
public enum Law {
    /** The derivatives that are trained on are those of the values: they equal central differences. */
    GRADIENT,
    /** Values and gradients are finite at the largest inputs too. */
    FINITENESS,
    /** A loss is one value per pair, and a pair's value depends on no other pair and no order. */
    INDEPENDENCE,
    /** A pair's weight scales its gradients and not its value. */
    WEIGHTS,
    /** Around equality, the loss falls where the log-probability or reward of the chosen response rises. */
    CHOSEN_SLOPE,
    /** Around equality, the loss rises where the log-probability or reward of the rejected response rises. */
    REJECTED_SLOPE,
    /** Where both responses have the same numbers, the loss answers to both alike, with opposite signs. */
    MIRROR,
    /** A loss that declares a margin changes with it; one that declares none does not. */
    MARGIN,
    /** Around equality, a larger margin asks for at least as much: the slope by the chosen response does not rise with it. */
    MARGIN_SLOPE,
    /** Adding a constant to both rewards changes nothing. */
    SHIFT,
    /**
     * Around equality, the loss rises with the reference's log-probability of the chosen response; a loss that declares that
     * it needs no reference does not read it.
     */
    CHOSEN_REFERENCE,
    /** The same for the rejected response, with the opposite sign. */
    REJECTED_REFERENCE,
    /** Adding a constant to the policy's and the reference's log-probability of one response changes nothing. */
    INVARIANCE,
    /** The loss declares the beta that it was made with, and with another beta has other values and gradients. */
    BETA,
    /**
     * A response's number of tokens acts only together with that response's log-probability: how the loss answers to the
     * number, as such or relative to how it answers to the log-probability, does not depend on the other response.
     */
    TOKEN_COUNTS,
    /**
     * A loss that declares that it reads the aligned log-probabilities of both responses answers more to a pair where one of them
     * is larger; one that does not declare it does not read them.
     */
    ALIGNED,
    /** Around equality, the loss of a wanted response falls with its log-probability and rises with the reference's. */
    DESIRABLE_SLOPE,
    /** Around equality, the loss of a response that is not wanted rises with its log-probability and falls with the reference's. */
    UNDESIRABLE_SLOPE,
    /**
     * A loss that declares that it reads mismatched responses reads their log-ratios alone: the larger their mean, the less likely
     * seems each response; a mean below 0 is as 0. One that declares none does not read them.
     */
    MISMATCHED,
    /** A loss that declares that it reads the mean log-ratio asks more where it is larger; one that declares none does not. */
    MEAN,
    /**
     * Where the policy is the one that drew a response, its loss falls with its log-probability if the advantage is above 0,
     * rises if below, and the slope is in proportion to the advantage.
     */
    ADVANTAGE,
    /**
     * Where the policy has left the one that drew a response in the advantage's direction, by a factor of e or more a token,
     * there is no slope; where it has left it in the other, there is one, down to the same factor.
     */
    CLIP,
    /** The weights of tokens and responses are those of the average that is declared. */
    COUNTS
}
