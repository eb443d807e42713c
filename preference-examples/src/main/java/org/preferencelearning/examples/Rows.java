package org.preferencelearning.examples;

import com.google.common.collect.ImmutableSortedMap;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.preferencelearning.core.data.RejectedRows;

/**
 * How many rows of its input a command used, and how many it left out and why. All commands that read rows print it, and
 * write it as {@code "rows": {"leftOut": {reason: rows}, "used": rows}}.
 *
 * @param used rows
 * @param leftOut rows by reason, each above 0
 */
record Rows(int used, SortedMap<String, Integer> leftOut) {
    Rows {
        leftOut = ImmutableSortedMap.copyOfSorted(leftOut);
    }

    /** What a reader made of a file. */
    static Rows read(int used, RejectedRows rejected) {
        return new Rows(used, rejected.counts());
    }

    /** All of so many rows. */
    static Rows all(List<?> rows) {
        return read(rows.size(), RejectedRows.none());
    }

    /** The same rows, of which some more are left out. */
    Rows without(String reason, int rows) {
        if (rows == 0) {
            return this;
        }
        SortedMap<String, Integer> more = new TreeMap<>(leftOut);
        more.merge(reason, rows, Integer::sum);
        return new Rows(used - rows, more);
    }

    /** The same rows, of which some more are left out. */
    Rows without(RejectedRows rejected) {
        Rows rows = this;
        for (var reason : rejected.counts().entrySet()) {
            rows = rows.without(reason.getKey(), reason.getValue());
        }
        return rows;
    }

    @Override
    public String toString() {
        int total = leftOut.values().stream().mapToInt(Integer::intValue).sum();
        return "rows: " + used + " used, " + total + " left out"
                + leftOut.entrySet().stream()
                        .map(reason -> reason.getKey() + ": " + reason.getValue())
                        .collect(Collectors.joining(", ", total == 0 ? "" : " (", total == 0 ? "" : ")"));
    }
}
