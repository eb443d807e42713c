/**
 * Losses as SameDiff expressions. A loss receives one variable per quantity of a batch of pairs and returns one value per
 * pair; differentiation, averaging, weighting and the models are not its business.
 *
 * <p>Notation of the formulas: {@code lw}, {@code ll} are the policy's log-probability sums of chosen and rejected,
 * {@code rw}, {@code rl} the reference's, {@code hw = lw - rw}, {@code hl = ll - rl}, {@code h = hw - hl}, {@code nw},
 * {@code nl} the numbers of scored tokens, {@code b} is beta, {@code m} the margin, {@code s} the sigmoid and {@code LS} its
 * logarithm.
 */
package org.preferencelearning.core.loss;
