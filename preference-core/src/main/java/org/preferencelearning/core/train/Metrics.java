package org.preferencelearning.core.train;

import com.google.common.collect.ImmutableMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import org.preferencelearning.core.state.StateReader;
import org.preferencelearning.core.state.StateWriter;
import org.preferencelearning.core.state.Stateful;

/** Collects weighted means, sums, minima and maxima by name, in the order of first use. */
public final class Metrics implements Stateful {
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    /** Adds a value of a mean. */
    public void addMean(String name, double value, double weight) {
        entries.merge(name, new Entry(Kind.MEAN, value * weight, weight), Entry::with);
    }

    /** Adds to a sum. */
    public void addSum(String name, double value) {
        entries.merge(name, new Entry(Kind.SUM, value, 1), Entry::with);
    }

    /** Offers a value to a minimum. */
    public void addMin(String name, double value) {
        entries.merge(name, new Entry(Kind.MIN, value, 1), Entry::with);
    }

    /** Offers a value to a maximum. */
    public void addMax(String name, double value) {
        entries.merge(name, new Entry(Kind.MAX, value, 1), Entry::with);
    }

    /** Adds all that {@code other} has collected. */
    public void addAll(Metrics other) {
        other.entries.forEach((name, entry) -> entries.merge(name, entry, Entry::with));
    }

    /** Forgets all that was collected. */
    void clear() {
        entries.clear();
    }

    /** The value of each metric. */
    public Map<String, Double> values() {
        ImmutableMap.Builder<String, Double> values = ImmutableMap.builder();
        entries.forEach((name, entry) -> values.put(name, entry.value()));
        return values.build();
    }

    /**
     * The value of one metric.
     *
     * @throws IllegalArgumentException if nothing was added under that name
     */
    public double value(String name) {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw new IllegalArgumentException("no metric '" + name + "'; there are " + entries.keySet());
        }
        return entry.value();
    }

    @Override
    public void save(StateWriter writer) {
        writer.texts("names", List.copyOf(entries.keySet()));
        entries.forEach((name, entry) -> {
            StateWriter one = writer.child(name);
            one.text("kind", entry.kind.name());
            one.real("total", entry.total);
            one.real("weight", entry.weight);
        });
    }

    @Override
    public void load(StateReader reader) {
        clear();
        for (String name : reader.texts("names")) {
            StateReader one = reader.child(name);
            entries.put(name, new Entry(kind(one), one.real("total"), one.real("weight")));
        }
    }

    private static Kind kind(StateReader reader) {
        String name = reader.text("kind");
        try {
            return Kind.valueOf(name);
        } catch (IllegalArgumentException e) {
            throw reader.fault("kind", "it is " + name + ", which is no kind of metric");
        }
    }

    private enum Kind {
        MEAN(Double::sum),
        SUM(Double::sum),
        MIN(Math::min),
        MAX(Math::max);

        private final DoubleBinaryOperator merge;

        Kind(DoubleBinaryOperator merge) {
            this.merge = merge;
        }
    }

    private record Entry(Kind kind, double total, double weight) {
        Entry with(Entry other) {
            if (kind != other.kind) {
                throw new IllegalArgumentException("a metric is a " + kind + " and a " + other.kind + " at once");
            }
            return new Entry(kind, kind.merge.applyAsDouble(total, other.total), weight + other.weight);
        }

        double value() {
            return kind == Kind.MEAN ? total / weight : total;
        }
    }
}
