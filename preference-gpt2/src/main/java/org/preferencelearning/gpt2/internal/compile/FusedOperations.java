package org.preferencelearning.gpt2.internal.compile;

import org.bytedeco.dnnl.global.dnnl;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Makes nodes of the fused dialect, in which single nodes stand for a whole part of a transformer: see {@link FusedOperation}.
 * SameDiff's own session would compute something else for them; therefore only what has kernels for them runs a graph of this
 * dialect, and {@link SessionGraph} refuses it.
 */
public final class FusedOperations {
    private FusedOperations() {}

    /** Whether this machine has kernels of the dialect: oneDNN's library beside ND4J's CPU backend. */
    public static boolean available() {
        return DnnlContext.available();
    }

    /** Whether they have instructions for products of bfloat16 here. */
    public static boolean bfloat16() {
        int needed = dnnl.dnnl_cpu_isa_avx512_core_bf16;
        return available() && (dnnl.dnnl_get_effective_cpu_isa() & needed) == needed;
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
