package org.preferencelearning.gpt2.graph;

/**
 * What the factors of a transformer's products with weights are rounded to; weights and sums are float32 in either. On a
 * processor without instructions for it {@link #BFLOAT16} is refused: nothing would be gained.
 */
public enum MatrixPrecision {
    /** Nothing. */
    FLOAT32,
    /** Eight bits of mantissa, before they are multiplied. */
    BFLOAT16
}
