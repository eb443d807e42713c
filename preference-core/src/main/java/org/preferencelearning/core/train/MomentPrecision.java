package org.preferencelearning.core.train;

/** What an optimiser keeps its two moments in. */
public enum MomentPrecision {
    /** As the parameters: in float32, eight bytes for each trained value. */
    FLOAT32,
    /**
     * Four bytes for each trained value. Updates are computed in float32; what is kept is rounded up or down at random, in
     * proportion to what is nearer, so that small changes are kept on average. The same numbers are drawn in every run. For
     * float32 parameters on the CPU.
     */
    BFLOAT16
}
