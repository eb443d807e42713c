package org.preferencelearning.examples;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.preferencelearning.core.data.PreferenceReader;
import org.preferencelearning.core.data.RejectedRows;
import org.preferencelearning.core.data.UnpairedReader;

/**
 * How many rows of its input a command used, and how many it left out and why. All commands that read rows print it, and
 * write it as {@code "rows": {"files": {file: rows}, "leftOut": {reason: rows}, "unusedFields": {column: rows}, "used": rows}}.
 *
 * @param used rows
 * @param leftOut rows by reason, each above 0
 * @param files rows of each file that became pairs or prompts, in the order of the files; empty for one file
 * @param unusedFields rows by column that has a value which nothing is made of
 */
record Rows(
        int used,
        SortedMap<String, Integer> leftOut,
        Map<String, Integer> files,
        SortedMap<String, Integer> unusedFields) {
    Rows {
        leftOut = ImmutableSortedMap.copyOfSorted(leftOut);
        files = ImmutableMap.copyOf(files);
        unusedFields = ImmutableSortedMap.copyOfSorted(unusedFields);
    }

    Rows(int used, SortedMap<String, Integer> leftOut) {
        this(used, leftOut, Map.of(), ImmutableSortedMap.of());
    }

    /** What a reader made of pairs. */
    static Rows read(PreferenceReader.Result read) {
        Map<String, Integer> files = new LinkedHashMap<>();
        if (read.files().size() > 1) {
            read.files().forEach(file -> files.put(file.file(), file.used()));
        }
        return new Rows(read.dataset().size(), read.rejected().counts(), files, read.unusedFields());
    }

    /** What a reader made of responses. */
    static Rows read(UnpairedReader.Result read) {
        return new Rows(read.responses().size(), read.rejected().counts(), Map.of(), read.unusedFields());
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
        return new Rows(used - rows, more, files, unusedFields);
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
                        .collect(Collectors.joining(", ", total == 0 ? "" : " (", total == 0 ? "" : ")"))
                + lines("\nof ", files)
                + lines("\nnot used: ", unusedFields);
    }

    private static String lines(String start, Map<String, Integer> counts) {
        return counts.entrySet().stream()
                .map(count -> start + count.getKey() + ": " + count.getValue())
                .collect(Collectors.joining());
    }
}
