package org.preferencelearning.core.train;

import java.nio.FloatBuffer;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner.ExecutionerType;
import org.nd4j.linalg.factory.Nd4j;

/**
 * AdamW's arithmetic on float32 arrays in host memory. Everything is done to a block while it is in the processor's cache, so
 * that memory is read and written once; ND4J's operations, one after the other, pass over it six times.
 *
 * @param clip factor of the gradient
 * @param keep factor of the value: what weight decay leaves
 * @param rate learning rate, the corrections of both moments included
 * @param epsilon in terms of the uncorrected second moment
 */
record HostAdamW(float clip, float keep, float rate, float beta1, float beta2, float epsilon) {
    private static final int BLOCK = 16_384;
    /** A direct buffer counts bytes with an int. */
    private static final long MOST = Integer.MAX_VALUE / Float.BYTES;

    /** Whether an array is one that this can work on. */
    static boolean fits(INDArray array) {
        return array.dataType() == DataType.FLOAT
                && Nd4j.getExecutioner().type() == ExecutionerType.NATIVE_CPU
                && array.ordering() == 'c'
                && array.offset() == 0
                && array.length() == array.data().length()
                && array.length() <= MOST;
    }

    /** Updates value and moments, and sets the gradient to 0. Elements do not depend on each other, nor on the threads. */
    void update(INDArray value, INDArray gradient, INDArray first, INDArray second) {
        FloatBuffer[] buffers = {
            value.data().asNioFloat(),
            gradient.data().asNioFloat(),
            first.data().asNioFloat(),
            second.data().asNioFloat()
        };
        int length = (int) value.length();
        int blocks = (length + BLOCK - 1) / BLOCK;
        int workers = Math.min(blocks, Runtime.getRuntime().availableProcessors());
        IntStream.range(0, workers).parallel().forEach(worker -> {
            float[][] block = new float[buffers.length][Math.min(BLOCK, length)];
            for (int index = worker; index < blocks; index += workers) {
                int start = index * BLOCK;
                int count = Math.min(BLOCK, length - start);
                for (int i = 0; i < buffers.length; i++) {
                    buffers[i].get(start, block[i], 0, count);
                }
                update(block[0], block[1], block[2], block[3], count);
                for (int i = 0; i < buffers.length; i++) {
                    buffers[i].put(start, block[i], 0, count);
                }
            }
        });
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
