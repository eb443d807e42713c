package org.preferencelearning.core.train;

/**
 * Metric names, as in TRL's trainers; {@link #LOGPS_MARGINS} is the public code's. Those that take every token's distribution are
 * reported by objectives {@code withTokenMetrics} only.
 */
public final class MetricNames {
    public static final String LOSS = "loss";
    public static final String REWARDS_CHOSEN = "rewards/chosen";
    public static final String REWARDS_REJECTED = "rewards/rejected";
    public static final String REWARDS_MARGINS = "rewards/margins";
    public static final String REWARDS_ACCURACIES = "rewards/accuracies";
    public static final String LOGPS_CHOSEN = "logps/chosen";
    public static final String LOGPS_REJECTED = "logps/rejected";
    public static final String LOGPS_MARGINS = "logps/margins";
    /** Mean negative log-likelihood of a token of the chosen responses. */
    public static final String NLL_LOSS = "nll_loss";

    /** Of unpaired losses: the divergence from the reference that mismatched responses estimate, at least 0. */
    public static final String KL = "kl";
    /** Of BCO: the mean implicit reward so far, its threshold. */
    public static final String DELTA = "delta";

    /** Tokens of a sampled response. */
    public static final String COMPLETIONS_MEAN_LENGTH = "completions/mean_length";
    /** Share of tokens, or of responses for losses of whole ones, that have an advantage and, being clipped, no slope. */
    public static final String CLIP_RATIO = "clip_ratio/region_mean";

    /** Mean over chosen responses' tokens of the mean of all logits where the token is predicted. */
    public static final String LOGITS_CHOSEN = "logits/chosen";
    /** The same of rejected responses. */
    public static final String LOGITS_REJECTED = "logits/rejected";
    /** Mean over response tokens of the entropy where they are predicted, in nats. */
    public static final String ENTROPY = "entropy";
    /** Share of response tokens, of pairs the chosen responses', than which no other was likelier. */
    public static final String MEAN_TOKEN_ACCURACY = "mean_token_accuracy";

    public static final String ACCURACY = "accuracy";
    public static final String MARGIN = "margin";
    public static final String MEAN_REWARD = "mean_reward";
    public static final String MIN_REWARD = "min_reward";
    public static final String MAX_REWARD = "max_reward";
    /** Tokens of the update's examples, prompts included; TRL's counts those of all updates so far. */
    public static final String NUM_TOKENS = "num_tokens";

    public static final String GRAD_NORM = "grad_norm";
    public static final String LEARNING_RATE = "learning_rate";
    public static final String EPOCH = "epoch";
    public static final String GLOBAL_STEP = "global_step";

    private MetricNames() {}
}
