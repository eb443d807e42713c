package org.preferencelearning.core.train;

import org.nd4j.linalg.api.ndarray.INDArray;

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

    /** Updates value and moments, and sets the gradient to 0. Elements do not depend on each other, nor on the threads. */
    void update(INDArray value, INDArray gradient, INDArray first, INDArray second) {
        new HostFloats(value, gradient, first, second)
                .update((block, values, count) -> update(values[0], values[1], values[2], values[3], count));
    }

    private void update(float[] value, float[] gradient, float[] first, float[] second, int count) {
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
}
