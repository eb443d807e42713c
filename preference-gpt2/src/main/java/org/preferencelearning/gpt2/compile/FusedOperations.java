package org.preferencelearning.gpt2.compile;

import org.nd4j.autodiff.samediff.SDVariable;

/**
 * The fused dialect: single graph nodes that stand for a whole part of a transformer. SameDiff cannot hold nodes of our own
 * (it makes gradient nodes by name), so names of built-in operations with the right number of inputs and one gradient node
 * serve as markers. SameDiff's own session would compute something else for them; therefore only {@link CompiledGraph} with
 * a {@link KernelSet} runs a graph of this dialect, and {@link SessionGraph} refuses it.
 */
public final class FusedOperations {
    /** LayerNorm with epsilon over the last axis: (x, scale, shift); gradient (x, scale, shift, upstream). */
    static final String LAYER_NORM = "layer_norm";

    static final String LAYER_NORM_GRADIENT = "layer_norm_bp";
    /** GELU in the form that the kernel set is told. */
    static final String GELU = "selu";

    static final String GELU_GRADIENT = "selu_bp";
    /** Causal attention of all heads: from {@code [positions, 3 width]} (q, k, v) to {@code [positions, width]}. */
    static final String ATTENTION = "softsign";

    static final String ATTENTION_GRADIENT = "softsign_bp";

    private FusedOperations() {}

    /** Whether this machine has kernels of the dialect: oneDNN's library beside ND4J's CPU backend. */
    public static boolean available() {
        return DnnlContext.available();
    }

    /** LayerNorm with the kernel set's epsilon. */
    public static SDVariable layerNorm(SDVariable x, SDVariable scale, SDVariable shift) {
        return x.getSameDiff().nn().layerNorm(x, scale, shift, false, 1);
    }

    /** GELU in the kernel set's form. */
    public static SDVariable gelu(SDVariable x) {
        return x.getSameDiff().nn().selu(x);
    }

    /** Causal self-attention over packed queries, keys and values, with the kernel set's scales. */
    public static SDVariable attention(SDVariable packed) {
        return packed.getSameDiff().nn().softsign(packed);
    }
}
