package org.preferencelearning.core.model;

/**
 * What a policy's distributions say where it predicts each of some tokens, one entry a token. The arrays belong to the receiver.
 *
 * @param entropies {@code -sum p log p} over the vocabulary, in nats
 * @param collisions {@code log sum p^2}: how likely two draws are to be the same token, at most 0
 * @param meanLogits mean over the vocabulary of what the softmax is taken of
 * @param likeliest whether no token is likelier than this one
 */
public record TokenDistributions(double[] entropies, double[] collisions, double[] meanLogits, boolean[] likeliest) {}
