package org.preferencelearning.gpt2.compile;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Flat buffers, reused by values that are never alive at the same time. */
final class BufferPool implements AutoCloseable {
    private final Map<Key, Deque<INDArray>> free = new HashMap<>();
    private final List<INDArray> all = new ArrayList<>();

    INDArray take(DataType type, long length) {
        Deque<INDArray> fitting = free.get(new Key(type, length));
        if (fitting != null && !fitting.isEmpty()) {
            return fitting.pop();
        }
        INDArray made = Nd4j.createUninitializedDetached(type, length);
        all.add(made);
        return made;
    }

    void giveBack(INDArray buffer) {
        free.computeIfAbsent(new Key(buffer.dataType(), buffer.length()), key -> new ArrayDeque<>())
                .push(buffer);
    }

    /** Bytes in all buffers. */
    long bytes() {
        return all.stream()
                .mapToLong(buffer -> buffer.length() * buffer.dataType().width())
                .sum();
    }

    @Override
    public void close() {
        all.forEach(INDArray::close);
        all.clear();
        free.clear();
    }

    private record Key(DataType type, long length) {}
}
