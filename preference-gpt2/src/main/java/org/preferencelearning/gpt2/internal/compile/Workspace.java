package org.preferencelearning.gpt2.internal.compile;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner.ExecutionerType;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.error.MemoryException;
import org.preferencelearning.core.internal.memory.AvailableMemory;
import org.preferencelearning.gpt2.KernelClock;

/**
 * Memory for the graphs of one model, of which only one is in use at a time: each of them plans with all of it, so that many
 * shapes need what the largest one needs. What one graph left is gone when another runs.
 *
 * <p>Closing frees the memory; graphs that were planned in it must be closed first.
 */
public final class Workspace implements AutoCloseable {
    /** Memory is asked for in pieces of this many bytes or more. */
    private static final long SLAB_BYTES = 256L << 20;
    /** Values begin at a cache line. */
    static final long ALIGNMENT_BYTES = 64;

    private final Map<DataType, List<INDArray>> slabs = new EnumMap<>(DataType.class);
    private final List<Pointer> memory = new ArrayList<>();
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
        AvailableMemory.require("a buffer of " + length + " values of a graph", length * type.width());
        slabs(type)
                .add(
                        Nd4j.getExecutioner().type() == ExecutionerType.NATIVE_CPU
                                ? onHost(type, Math.max(length, SLAB_BYTES / type.width()))
                                : Nd4j.createUninitializedDetached(type, length));
    }

    /** ND4J writes zeros to all of a new array; of memory that is only asked for, the system provides what is used. */
    private INDArray onHost(DataType type, long length) {
        Pointer start = Pointer.malloc(length * type.width() + ALIGNMENT_BYTES);
        if (start == null || start.isNull()) {
            throw new MemoryException(
                    "a buffer of a graph", length * type.width(), 0, "as the system refuses to give that much");
        }
        memory.add(start);
        long aligned = (start.address() + ALIGNMENT_BYTES - 1) / ALIGNMENT_BYTES * ALIGNMENT_BYTES;
        return Nd4j.create(
                Nd4j.createBuffer(new Floats(aligned).capacity(length * type.width() / Float.BYTES), length, type),
                length);
    }

    @Override
    public void close() {
        slabs.values().forEach(arrays -> arrays.forEach(INDArray::close));
        slabs.clear();
        memory.forEach(Pointer::free);
        memory.clear();
    }
}
