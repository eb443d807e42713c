package org.preferencelearning.gpt2.compile;

import org.bytedeco.dnnl.global.dnnl;

/** What the factors of a transformer's products with weights are rounded to; weights and sums are float32 in either. */
public enum MatrixPrecision {
    /** Nothing. */
    FLOAT32,
    /** Eight bits of mantissa, before they are multiplied. */
    BFLOAT16;

    /** Whether this processor has instructions for it; without them nothing would be gained. */
    public boolean available() {
        return this == FLOAT32
                || DnnlContext.available()
                        && (dnnl.dnnl_get_effective_cpu_isa() & dnnl.dnnl_cpu_isa_avx512_core_bf16)
                                == dnnl.dnnl_cpu_isa_avx512_core_bf16;
    }
}
