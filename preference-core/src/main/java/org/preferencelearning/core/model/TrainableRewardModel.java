package org.preferencelearning.core.model;

/** A reward model that can be trained: its {@link #forward} values are the rewards. */
public interface TrainableRewardModel extends RewardModel, Trainable {}
