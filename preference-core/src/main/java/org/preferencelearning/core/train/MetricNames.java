package org.preferencelearning.core.train;

/** Metric names, as in TRL's DPO and reward trainers. */
public final class MetricNames {
    public static final String LOSS = "loss";
    public static final String REWARDS_CHOSEN = "rewards/chosen";
    public static final String REWARDS_REJECTED = "rewards/rejected";
    public static final String REWARDS_MARGINS = "rewards/margins";
    public static final String REWARDS_ACCURACIES = "rewards/accuracies";
    public static final String LOGPS_CHOSEN = "logps/chosen";
    public static final String LOGPS_REJECTED = "logps/rejected";
    public static final String ACCURACY = "accuracy";
    public static final String MARGIN = "margin";
    public static final String MEAN_REWARD = "mean_reward";
    public static final String MIN_REWARD = "min_reward";
    public static final String MAX_REWARD = "max_reward";
    public static final String NUM_TOKENS = "num_tokens";
    public static final String GRAD_NORM = "grad_norm";
    public static final String LEARNING_RATE = "learning_rate";
    public static final String EPOCH = "epoch";

    private MetricNames() {}
}
