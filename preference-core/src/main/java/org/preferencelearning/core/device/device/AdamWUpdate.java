package org.preferencelearning.core.device;

/**
 * The numbers of one update of AdamW, in PyTorch's terms.
 *
 * @param step number of the update, from 1
 * @param learningRate not negative
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon added to the root of the corrected second moment
 * @param weightDecay of these values; 0 where they are not decayed
 * @param clip factor of the gradients
 */
public record AdamWUpdate(
        int step, double learningRate, double beta1, double beta2, double epsilon, double weightDecay, double clip) {}
