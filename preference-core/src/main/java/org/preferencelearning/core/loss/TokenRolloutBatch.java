package org.preferencelearning.core.loss;

import org.nd4j.autodiff.samediff.SDVariable;

/**
 * What a {@link TokenRolloutLoss} is computed from: one double-precision SameDiff vector per quantity, of one entry per token of
 * the sampled responses.
 *
 * @param policy log pi(token | all before it), in nats
 * @param behaviour the same of the policy that drew the response
 * @param advantage how much better than expected its response is; see {@link Advantages}
 */
public record TokenRolloutBatch(SDVariable policy, SDVariable behaviour, SDVariable advantage) {}
