package org.preferencelearning.gpt2.internal.compile;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Where the values of one graph are in a {@link Workspace}: flat buffers that are reused by values that are never alive at the
 * same time. A buffer is taken from the smallest gap that holds it, the first of them.
 */
final class BufferPool {
    private final Workspace workspace;
    private final Map<DataType, List<Slab>> slabs = new EnumMap<>(DataType.class);
    private final Map<INDArray, Place> taken = new IdentityHashMap<>();

    BufferPool(Workspace workspace) {
        this.workspace = workspace;
    }

    /** A buffer that nobody else holds. */
    INDArray take(DataType type, long length) {
        return take(type, length, BufferPool::smallestGap);
    }

    /** A buffer that nobody else holds, ever held or ever will: what is in it lasts from one run of the graph to the next. */
    INDArray reserve(DataType type, long length) {
        return take(type, length, BufferPool::unused);
    }

    private INDArray take(DataType type, long length, Search search) {
        long alignment = Workspace.ALIGNMENT_BYTES / type.width();
        long rounded = (length + alignment - 1) / alignment * alignment;
        Place place = search.in(slabs(type), rounded);
        if (place == null) {
            workspace.grow(type, rounded);
            place = requireNonNull(search.in(slabs(type), rounded), "place");
        }
        place.slab.take(place.start, rounded);
        INDArray buffer = place.slab.values.get(NDArrayIndex.interval(place.start, place.start + length));
        taken.put(buffer, new Place(place.slab, place.start, rounded));
        return buffer;
    }

    private List<Slab> slabs(DataType type) {
        List<Slab> ours = slabs.computeIfAbsent(type, any -> new ArrayList<>());
        for (INDArray values :
                workspace.slabs(type).subList(ours.size(), workspace.slabs(type).size())) {
            ours.add(new Slab(values));
        }
        return ours;
    }

    private interface Search {
        /** A free place of this length, or null if there is none. */
        @Nullable
        Place in(List<Slab> slabs, long length);
    }

    private static @Nullable Place unused(List<Slab> slabs, long length) {
        return slabs.stream()
                .filter(slab -> slab.values.length() - slab.used >= length)
                .findFirst()
                .map(slab -> new Place(slab, slab.used, length))
                .orElse(null);
    }

    private static @Nullable Place smallestGap(List<Slab> slabs, long length) {
        Place best = null;
        for (Slab slab : slabs) {
            for (Map.Entry<Long, Long> gap : slab.gaps.entrySet()) {
                if (gap.getValue() >= length && (best == null || gap.getValue() < best.length)) {
                    best = new Place(slab, gap.getKey(), gap.getValue());
                }
            }
        }
        return best;
    }

    /** Lets later values have a buffer that {@link #take} returned. */
    void giveBack(INDArray buffer) {
        Place place = taken.remove(buffer);
        place.slab.giveBack(place.start, place.length);
    }

    /** Bytes of the memory that was ever in use. */
    long bytes() {
        return slabs.entrySet().stream()
                .mapToLong(entry -> entry.getKey().width()
                        * entry.getValue().stream().mapToLong(slab -> slab.used).sum())
                .sum();
    }

    private record Place(Slab slab, long start, long length) {}

    /** One piece of memory. */
    private static final class Slab {
        final INDArray values;
        /** Free stretches: length by start. */
        final NavigableMap<Long, Long> gaps = new TreeMap<>();

        long used;

        Slab(INDArray values) {
            this.values = values;
            gaps.put(0L, values.length());
        }

        void take(long start, long length) {
            Map.Entry<Long, Long> gap = gaps.floorEntry(start);
            long end = gap.getKey() + gap.getValue();
            gaps.remove(gap.getKey());
            if (gap.getKey() < start) {
                gaps.put(gap.getKey(), start - gap.getKey());
            }
            if (end > start + length) {
                gaps.put(start + length, end - start - length);
            }
            used = Math.max(used, start + length);
        }

        void giveBack(long start, long length) {
            long from = start;
            long to = start + length;
            Map.Entry<Long, Long> before = gaps.lowerEntry(start);
            if (before != null && before.getKey() + before.getValue() == start) {
                from = before.getKey();
            }
            Long after = gaps.remove(to);
            if (after != null) {
                to += after;
            }
            gaps.put(from, to - from);
        }
    }
}
