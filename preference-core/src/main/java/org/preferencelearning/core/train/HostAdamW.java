package org.preferencelearning.core.train;

/**
 * AdamW's arithmetic on {@link HostFloats}: memory is read and written once; ND4J's operations, one after the other, pass
 * over it six times.
 *
 * @param clip factor of the gradient
 * @param keep factor of the value: what weight decay leaves
 * @param rate learning rate, the corrections of both moments included
 * @param epsilon in terms of the uncorrected second moment
 */
record HostAdamW(float clip, float keep, float rate, float beta1, float beta2, float epsilon) {
    /** Bits of bfloat16. */
    private static final int HALF = 16;

    private static final int UPPER = 0xffff0000;

    /**
     * Updates values and moments, and sets gradients to 0. Elements do not depend on each other, nor on the threads.
     *
     * @param arrays gradients, values, first moments and second moments
     */
    void update(HostFloats arrays) {
        arrays.update((block, values, count) -> update(values[0], values[1], values[2], values[3], count));
    }

    private void update(float[] gradient, float[] value, float[] first, float[] second, int count) {
        float newFirst = 1 - beta1;
        float newSecond = 1 - beta2;
        for (int i = 0; i < count; i++) {
            float g = gradient[i] * clip;
            float m = beta1 * first[i] + newFirst * g;
            float v = beta2 * second[i] + newSecond * g * g;
            first[i] = m;
            second[i] = v;
            value[i] = keep * value[i] - rate * m / ((float) Math.sqrt(v) + epsilon);
            gradient[i] = 0;
        }
    }

    /**
     * As {@link #update}, with both moments in bfloat16 side by side: the first in the upper half of each number's bits.
     *
     * @param arrays gradients, values and moments
     * @param draw a number of its own for each parameter and update, which the random numbers of the rounding depend on
     * @param start place of the arrays' first value in its parameter, another part of what they depend on
     */
    void updateRounded(HostFloats arrays, int draw, int start) {
        int seed = mixed(draw) + start;
        arrays.update((block, values, count) ->
                updateRounded(values[0], values[1], values[2], count, seed + block * HostFloats.BLOCK));
    }

    private void updateRounded(float[] gradient, float[] value, float[] moments, int count, int seed) {
        float newFirst = 1 - beta1;
        float newSecond = 1 - beta2;
        for (int i = 0; i < count; i++) {
            int both = Float.floatToRawIntBits(moments[i]);
            float g = gradient[i] * clip;
            float m = beta1 * Float.intBitsToFloat(both & UPPER) + newFirst * g;
            float v = beta2 * Float.intBitsToFloat(both << HALF) + newSecond * g * g;
            int random = mixed(seed + i);
            // a number in [0, 1) of the last place that is kept, then cut: up as often as the rest is large
            int first = Float.floatToRawIntBits(m) + (random & ~UPPER);
            int second = Float.floatToRawIntBits(v) + (random >>> HALF);
            moments[i] = Float.intBitsToFloat(first & UPPER | second >>> HALF);
            value[i] = keep * value[i] - rate * m / ((float) Math.sqrt(v) + epsilon);
            gradient[i] = 0;
        }
    }

    /** The finaliser of MurmurHash3: every bit of the result depends on every bit of the number. */
    private static int mixed(int number) {
        int x = number;
        x = (x ^ x >>> 16) * 0x85ebca6b;
        x = (x ^ x >>> 13) * 0xc2b2ae35;
        return x ^ x >>> 16;
    }
}
