package org.preferencelearning.core.train;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner.ExecutionerType;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Float32 arrays of one length in host memory, worked on a block at a time by all processors, so that several things are
 * done to a block while it is in a processor's cache.
 */
final class HostFloats {
    /** Values of a block, but for the last. */
    static final int BLOCK = 16_384;

    /** A direct buffer counts bytes with an int. */
    private static final long MOST = Integer.MAX_VALUE / Float.BYTES;

    private final FloatBuffer[] buffers;
    private final int length;

    HostFloats(INDArray... arrays) {
        buffers = Arrays.stream(arrays).map(array -> array.data().asNioFloat()).toArray(FloatBuffer[]::new);
        length = (int) arrays[0].length();
    }

    /** Whether an array is one that this can work on. */
    static boolean fits(INDArray array) {
        return array.dataType() == DataType.FLOAT
                && Nd4j.getExecutioner().type() == ExecutionerType.NATIVE_CPU
                && array.ordering() == 'c'
                && array.offset() == 0
                && array.length() == array.data().length()
                && array.length() <= MOST;
    }

    /** Work on a block of every array; blocks are numbered, and what happens in one must not depend on another. */
    interface Work {
        void on(int block, float[][] values, int count);
    }

    int blocks() {
        return (length + BLOCK - 1) / BLOCK;
    }

    /** Changes the arrays. */
    void update(Work work) {
        each(work, true);
    }

    /** Leaves the arrays as they are. */
    void read(Work work) {
        each(work, false);
    }

    private void each(Work work, boolean written) {
        int workers = Math.min(blocks(), Runtime.getRuntime().availableProcessors());
        IntStream.range(0, workers).parallel().forEach(worker -> {
            float[][] values = new float[buffers.length][Math.min(BLOCK, length)];
            for (int block = worker; block < blocks(); block += workers) {
                int start = block * BLOCK;
                int count = Math.min(BLOCK, length - start);
                for (int i = 0; i < buffers.length; i++) {
                    buffers[i].get(start, values[i], 0, count);
                }
                work.on(block, values, count);
                for (int i = 0; written && i < buffers.length; i++) {
                    buffers[i].put(start, values[i], 0, count);
                }
            }
        });
    }
}
