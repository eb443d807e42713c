package org.preferencelearning.core.loss;

import org.nd4j.autodiff.samediff.SDVariable;

/**
 * What a {@link RolloutLoss} is computed from: one double-precision SameDiff vector per quantity, of one entry per sampled
 * response.
 *
 * @param policy log pi(response | prompt), summed over response tokens, in nats
 * @param behaviour the same of the policy that drew the response
 * @param advantage how much better than expected the response is; see {@link Advantages}
 * @param tokens number of response tokens, at least 1
 */
public record RolloutBatch(SDVariable policy, SDVariable behaviour, SDVariable advantage, SDVariable tokens) {}
