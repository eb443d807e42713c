package org.preferencelearning.experiments.dual;

/**
 * A reward of every response of a world.
 *
 * @param rewards by prompt and response
 * @param excess cross-entropy above that of the true reward, over pairs of the reference policy, in nats; not below 0 but for
 *     rounding
 * @param updates that fitting took
 * @param moved cross-entropy that the last round gained
 */
record FittedReward(double[][] rewards, double excess, long updates, double moved) {}
