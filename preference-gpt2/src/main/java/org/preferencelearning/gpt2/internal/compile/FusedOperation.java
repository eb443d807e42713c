package org.preferencelearning.gpt2.internal.compile;

import java.util.Arrays;
import java.util.Optional;

/**
 * What a node of the fused dialect computes. SameDiff cannot hold nodes of our own (it makes gradient nodes by name), so in its
 * graphs names of built-in operations with the right number of inputs and one gradient node serve as markers; whatever runs
 * such a graph reads them by {@link #of} and knows the operation by its own name.
 */
public enum FusedOperation {
    /** LayerNorm over the last axis: (x, scale, shift). */
    LAYER_NORM("layer_norm"),
    /** Of {@link #LAYER_NORM} by all three: (x, scale, shift, upstream). */
    LAYER_NORM_GRADIENT("layer_norm_bp"),
    /** GELU in the form that the kernels are told. */
    GELU("selu"),
    /** Of {@link #GELU}: (x, upstream). */
    GELU_GRADIENT("selu_bp"),
    /** Causal attention of all heads: from {@code [positions, 3 width]} (q, k, v) to {@code [positions, width]}. */
    ATTENTION("softsign"),
    /** Of {@link #ATTENTION}: (packed, upstream). */
    ATTENTION_GRADIENT("softsign_bp");

    private final String marker;

    FusedOperation(String marker) {
        this.marker = marker;
    }

    /** What a node of that name computes in a graph of the fused dialect, if it is a marker. */
    public static Optional<FusedOperation> of(String name) {
        return Arrays.stream(values())
                .filter(operation -> operation.marker.equals(name))
                .findFirst();
    }
}
