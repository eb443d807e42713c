package org.preferencelearning.core.model;

/** A policy that can be trained: its {@link #forward} values are the log-probability sums. */
public interface TrainablePolicy extends Policy, Trainable {}
