package org.preferencelearning.gpt2.compile;

/**
 * What kernels of a transformer must know beside their arrays.
 *
 * @param rows sequences in a batch
 * @param length tokens of each
 * @param heads attention heads
 * @param epsilon added to the variance in LayerNorm
 * @param gradients whether forward nodes keep what their gradient nodes need
 */
public record TransformerShape(int rows, int length, int heads, double epsilon, boolean gradients) {}
