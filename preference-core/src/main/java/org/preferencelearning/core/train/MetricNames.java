package org.preferencelearning.core.train;

/**
 * Metric names, as in TRL's trainers; {@link #LOGPS_MARGINS} is the public code's. Of TRL's, {@code logits/*}, {@code entropy} and
 * {@code mean_token_accuracy} are missing: they take every token's logits, and a model gives sums.
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
