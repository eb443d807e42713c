package org.preferencelearning.core.loss;

import org.nd4j.autodiff.samediff.SDVariable;

/**
 * A loss over the tokens of sampled responses, written as one SameDiff expression, and how tokens are averaged: a batch's loss is
 * the mean of its responses', weighted by {@link #responseWeight}, and a response's the sum of its tokens', each times
 * {@link #tokenWeight}.
 */
public interface TokenRolloutLoss {
    /** The field's name for it. */
    String name();

    /**
     * One loss per token.
     *
     * @return a vector with one entry per token
     */
    SDVariable perToken(TokenRolloutBatch batch);

    /**
     * What each token of a response counts in the response's loss, above 0.
     *
     * @param tokens of the response, at least 1
     */
    double tokenWeight(int tokens);

    /**
     * What a response counts in the batch's mean, above 0.
     *
     * @param tokens of the response, at least 1
     */
    default double responseWeight(int tokens) {
        return 1;
    }
}
