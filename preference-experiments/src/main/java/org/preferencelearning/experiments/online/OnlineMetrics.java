package org.preferencelearning.experiments.online;

/** Names of what is measured of a policy on the evaluation prompts. */
public final class OnlineMetrics {
    /** Mean oracle reward of responses at the evaluation temperature: the published metric. */
    public static final String REWARD = "reward";
    /** Mean oracle reward of responses drawn from the policy itself (temperature 1). */
    public static final String OWN_REWARD = "own_reward";
    /** Estimate of the divergence from the fine-tuned policy on those, in nats a response. */
    public static final String KL = "kl";
    /** The same divergence as a sum over all responses, where they are few enough to be listed. */
    public static final String EXACT_KL = "exact_kl";
    /**
     * Mean over the same responses of the oracle reward less beta times the log ratio to the fine-tuned policy: an estimate of
     * E[r] - beta KL, the measure of the paper's theorems, at the method's own beta.
     */
    public static final String VALUE = "value";
    /**
     * Estimate from the same responses of the largest value that any policy has, against the fine-tuned policy itself:
     * {@code beta log E_pi[exp(r / beta) pi_ref / pi]} by prompt. With few responses it is too small, never too large in the
     * mean (Jensen's inequality), and it is no smaller than {@link #VALUE}; equal to it where the policy is the best one.
     */
    public static final String OPTIMUM_ESTIMATE = "optimum_estimate";
    /**
     * Share of prompts on which the response at the evaluation temperature has a higher oracle reward than the fine-tuned
     * policy's; ties count half.
     */
    public static final String WIN_RATE = "win_rate";
    /** Share of responses at the evaluation temperature that end with the end of text. */
    public static final String ENDED = "ended";
    /** Their mean length in tokens. */
    public static final String LENGTH = "length";
    /** Pairs that an iteration trained on. */
    static final String PAIRS = "pairs";
    /** Prompts whose compared responses had equal rewards, or were equal. */
    static final String TIES = "ties";
    /** Share of held-out pairs that a reward ranks as labelled. */
    static final String ACCURACY = "accuracy";

    private OnlineMetrics() {}
}
