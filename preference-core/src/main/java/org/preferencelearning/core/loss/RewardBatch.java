package org.preferencelearning.core.loss;

import org.nd4j.autodiff.samediff.SDVariable;

/**
 * What a {@link RewardLoss} is computed from: double-precision SameDiff vectors of one entry per pair.
 *
 * @param chosen reward of the chosen response
 * @param rejected reward of the rejected response
 * @param margin annotator's reward difference; 0 where unknown
 */
public record RewardBatch(SDVariable chosen, SDVariable rejected, SDVariable margin) {}
