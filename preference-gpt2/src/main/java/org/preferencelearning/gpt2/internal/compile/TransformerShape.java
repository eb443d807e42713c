package org.preferencelearning.gpt2.internal.compile;

import java.util.List;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.gpt2.graph.MatrixPrecision;

/**
 * What kernels of a transformer must know beside their arrays.
 *
 * @param rows sequences in a batch
 * @param length tokens of each
 * @param heads attention heads
 * @param attentionScales what attention scores are multiplied by, one number for each block
 * @param epsilon added to the variance in LayerNorm
 * @param gelu the form of GELU
 * @param firstGradientLayer the lowest block whose attention is differentiated: from it on, forward nodes keep what their
 *     gradient nodes need
 * @param mask added to attention scores in place of the causal mask, {@code [rows, 1, length, length]}; read at every run
 * @param cache where keys and values are kept for tokens to come: with a length of 1 the graph computes one more token of
 *     every row of the cache, otherwise its prompts
 * @param kernels what computes the single nodes
 * @param precision of products with weights, by {@link Kernels#ONEDNN} alone
 */
public record TransformerShape(
        int rows,
        int length,
        int heads,
        List<Double> attentionScales,
        double epsilon,
        Gelu gelu,
        int firstGradientLayer,
        Optional<INDArray> mask,
        Optional<KeyValueCache> cache,
        Kernels kernels,
        MatrixPrecision precision) {
    public TransformerShape {
        attentionScales = List.copyOf(attentionScales);
    }

    /** Forms of GELU. */
    public enum Gelu {
        /** Of tanh. */
        TANH,
        /** Of the error function. */
        ERF
    }

    /** Whose kernels run the single nodes of a dialect. */
    public enum Kernels {
        /** oneDNN on the CPU, in FLOAT: all nodes. */
        ONEDNN,
        /** OpenBLAS or ND4J's operations, on any backend and in any type: attention with a cache, and its products. */
        PORTABLE
    }

    /** As {@code firstGradientLayer}: nothing is differentiated. */
    public static final int NO_GRADIENTS = Integer.MAX_VALUE;

    /** Whether this computes one more token of every row of a cache. */
    boolean continuesCache() {
        return cache.isPresent() && length == 1;
    }
}
