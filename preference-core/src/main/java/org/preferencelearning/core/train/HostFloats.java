package org.preferencelearning.core.train;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
    /** Arrays before this one are only read. */
    private final int firstWritten;

    private HostFloats(List<FloatBuffer> buffers, int length, int firstWritten) {
        this.buffers = buffers.toArray(FloatBuffer[]::new);
        this.length = length;
        this.firstWritten = firstWritten;
    }

    HostFloats(INDArray... arrays) {
        this(slices(0, (int) arrays[0].length(), arrays), (int) arrays[0].length(), 0);
    }

    /**
     * As many values of other arrays as {@code read} has, from one place on.
     *
     * @param read comes first; what work leaves in it is lost
     */
    static HostFloats from(int start, INDArray read, INDArray... others) {
        int length = (int) read.length();
        List<FloatBuffer> buffers = new ArrayList<>(slices(0, length, read));
        buffers.addAll(slices(start, length, others));
        return new HostFloats(buffers, length, 1);
    }

    private static List<FloatBuffer> slices(int start, int length, INDArray... arrays) {
        return Arrays.stream(arrays)
                .map(array -> array.data().asNioFloat().slice(start, length))
                .toList();
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
        /** @param values of each array; the first {@code count} are the block's */
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
                for (int i = firstWritten; written && i < buffers.length; i++) {
                    buffers[i].put(start, values[i], 0, count);
                }
            }
        });
    }
}
