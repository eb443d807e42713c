package org.preferencelearning.gpt2.internal.compile;

import java.util.Arrays;

/** What is added to attention scores so that no query sees a later key. */
public final class CausalMask {
    /** Added to the score of a key that a query does not see: its probability is then 0. */
    public static final float HIDDEN = -1e30f;

    private CausalMask() {}

    /** 0 where a query may look, {@link #HIDDEN} where the key comes later, {@code [queries][keys]}. */
    public static float[][] of(int length) {
        float[][] mask = new float[length][length];
        for (int query = 0; query < length; query++) {
            Arrays.fill(mask[query], query + 1, length, HIDDEN);
        }
        return mask;
    }
}
