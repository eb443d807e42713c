package org.preferencelearning.core.testkit;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.core.state.StateException;
import org.preferencelearning.core.state.StateReader;
import org.preferencelearning.core.state.StateWriter;
import org.preferencelearning.core.state.Stateful;

/** A state kept in memory: a copy of every value by name. */
public final class MemoryState implements StateWriter {
    private static final String SOURCE = "memory";

    private final Map<String, Object> values = new LinkedHashMap<>();

    private MemoryState() {}

    /** What {@code state} saves. */
    public static MemoryState of(Stateful state) {
        MemoryState memory = new MemoryState();
        state.save(memory);
        return memory;
    }

    /** Loads into {@code state}, which must read every value. */
    public void loadInto(Stateful state) {
        Reader reader = new Reader();
        state.load(reader);
        if (!reader.left.isEmpty()) {
            throw new StateException(SOURCE, "not read: " + reader.left);
        }
    }

    /** The names, in the order written. */
    public List<String> names() {
        return List.copyOf(values.keySet());
    }

    /** The value of that name. */
    public Object value(String name) {
        return values.get(name);
    }

    /** This state with another value under a name that it has. */
    public MemoryState with(String name, Object value) {
        MemoryState changed = without(name);
        changed.values.put(name, value);
        return changed;
    }

    /** This state without a value that it has. */
    public MemoryState without(String name) {
        MemoryState changed = new MemoryState();
        changed.values.putAll(values);
        if (changed.values.remove(name) == null) {
            throw new IllegalArgumentException("no '" + name + "' among " + names());
        }
        return changed;
    }

    @Override
    public void whole(String name, long value) {
        put(name, value);
    }

    @Override
    public void real(String name, double value) {
        put(name, value);
    }

    @Override
    public void text(String name, String value) {
        put(name, value);
    }

    @Override
    public void texts(String name, List<String> texts) {
        put(name, List.copyOf(texts));
    }

    @Override
    public void bytes(String name, byte[] value) {
        put(name, value.clone());
    }

    @Override
    public void reals(String name, double[] reals) {
        put(name, reals.clone());
    }

    @Override
    public void tensor(String name, INDArray value) {
        put(name, value.dup());
    }

    private void put(String name, Object value) {
        if (values.put(name, value) != null) {
            throw new IllegalArgumentException("'" + name + "' is written twice");
        }
    }

    private final class Reader implements StateReader {
        final Set<String> left = new HashSet<>(values.keySet());

        @Override
        public long whole(String name) {
            return get(name, Long.class);
        }

        @Override
        public double real(String name) {
            return get(name, Double.class);
        }

        @Override
        public String text(String name) {
            return get(name, String.class);
        }

        @Override
        @SuppressWarnings("unchecked")
        public List<String> texts(String name) {
            return get(name, List.class);
        }

        @Override
        public byte[] bytes(String name) {
            return get(name, byte[].class).clone();
        }

        @Override
        public double[] reals(String name) {
            return get(name, double[].class).clone();
        }

        @Override
        public void tensor(String name, INDArray into) {
            INDArray saved = get(name, INDArray.class);
            if (!saved.equalShapes(into) || saved.dataType() != into.dataType()) {
                throw fault(name, "another shape or type");
            }
            into.assign(saved);
        }

        private <T> T get(String name, Class<T> type) {
            left.remove(name);
            Object value = values.get(name);
            if (!type.isInstance(value)) {
                throw fault(name, "it is " + value + ", not a " + type.getSimpleName());
            }
            return type.cast(value);
        }

        @Override
        public StateException fault(String name, String problem) {
            return new StateException(SOURCE, "'" + name + "': " + problem);
        }
    }
}
