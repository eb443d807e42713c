package org.preferencelearning.gpt2.compile;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Memory for the graphs of one model, of which only one is in use at a time: each of them plans with all of it, so that many
 * shapes need what the largest one needs. What one graph left is gone when another runs.
 *
 * <p>Closing frees the memory; graphs that were planned in it must be closed first.
 */
public final class Workspace implements AutoCloseable {
    /** Memory is asked for in pieces of this many bytes or more; the system provides what is written to. */
    private static final long SLAB_BYTES = 64L << 20;

    private final Map<DataType, List<INDArray>> slabs = new EnumMap<>(DataType.class);
    private final KernelClock clock;

    /** @param clock counts the time of the graphs' kernels */
    public Workspace(KernelClock clock) {
        this.clock = clock;
    }

    KernelClock clock() {
        return clock;
    }

    List<INDArray> slabs(DataType type) {
        return slabs.computeIfAbsent(type, any -> new ArrayList<>());
    }

    /** Adds a slab for at least {@code length} values. */
    void grow(DataType type, long length) {
        slabs(type).add(Nd4j.createUninitializedDetached(type, Math.max(length, SLAB_BYTES / type.width())));
    }

    @Override
    public void close() {
        slabs.values().forEach(arrays -> arrays.forEach(INDArray::close));
        slabs.clear();
    }
}
