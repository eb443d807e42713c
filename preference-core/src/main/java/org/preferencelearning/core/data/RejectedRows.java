package org.preferencelearning.core.data;

import com.google.common.collect.ImmutableSortedMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How many rows were left out, by reason; reasons are sorted.
 *
 * @param counts reason to number of rows, each above 0
 */
public record RejectedRows(SortedMap<String, Integer> counts) {
    private static final RejectedRows NONE = new RejectedRows(ImmutableSortedMap.of());

    public RejectedRows {
        counts = ImmutableSortedMap.copyOfSorted(counts);
    }

    /** Nothing was rejected. */
    public static RejectedRows none() {
        return NONE;
    }

    /** These rows and one more, rejected for {@code reason}. */
    public RejectedRows plus(String reason) {
        SortedMap<String, Integer> more = new TreeMap<>(counts);
        more.merge(reason, 1, Integer::sum);
        return new RejectedRows(more);
    }

    /** The rows of both. */
    public RejectedRows plus(RejectedRows others) {
        SortedMap<String, Integer> more = new TreeMap<>(counts);
        for (Map.Entry<String, Integer> other : others.counts.entrySet()) {
            more.merge(other.getKey(), other.getValue(), Integer::sum);
        }
        return new RejectedRows(more);
    }

    /** Number of rejected rows. */
    public int total() {
        return counts.values().stream().mapToInt(Integer::intValue).sum();
    }

    @Override
    public String toString() {
        return total() == 0 ? "none" : total() + " " + counts;
    }
}
