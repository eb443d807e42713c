package org.preferencelearning.gpt2.compile;

import java.util.Arrays;

/** What is added to attention scores so that no query sees a later key. */
final class CausalMask {
    static final float HIDDEN = -1e30f;

    private CausalMask() {}

    /** 0 where a query may look, a large negative number where the key comes later, {@code [queries][keys]}. */
    static float[][] of(int length) {
        float[][] mask = new float[length][length];
        for (int query = 0; query < length; query++) {
            Arrays.fill(mask[query], query + 1, length, HIDDEN);
        }
        return mask;
    }
}
