package org.preferencelearning.testkit;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.IntStream;

/**
 * The inputs of a loss as a table: a row for each pair, a named column for each quantity.
 *
 * @param columns their names
 * @param rows of as many numbers as there are columns; never changed
 */
record Pairs(List<String> columns, List<double[]> rows) {

    int size() {
        return rows.size();
    }

    double[] column(String name) {
        int index = index(name);
        return rows.stream().mapToDouble(row -> row[index]).toArray();
    }

    double at(int row, String name) {
        return rows.get(row)[index(name)];
    }

    /** With {@code amount} added to every entry of a column. */
    Pairs plus(String name, double amount) {
        int index = index(name);
        return new Pairs(
                columns,
                rows.stream()
                        .map(row -> {
                            double[] moved = row.clone();
                            moved[index] += amount;
                            return moved;
                        })
                        .toList());
    }

    /** With {@code amount} added to every entry of a column but the first row's. */
    Pairs plusAfterFirst(String name, double amount) {
        List<double[]> moved = new ArrayList<>(plus(name, amount).rows);
        moved.set(0, rows.get(0));
        return new Pairs(columns, moved);
    }

    /** With every entry of a column multiplied. */
    Pairs times(String name, double factor) {
        int index = index(name);
        return new Pairs(
                columns,
                rows.stream()
                        .map(row -> {
                            double[] scaled = row.clone();
                            scaled[index] *= factor;
                            return scaled;
                        })
                        .toList());
    }

    Pairs first(int pairs) {
        return new Pairs(columns, rows.subList(0, pairs));
    }

    Pairs only(int row) {
        return new Pairs(columns, List.of(rows.get(row)));
    }

    Pairs reversed() {
        List<double[]> reversed = new ArrayList<>(rows);
        Collections.reverse(reversed);
        return new Pairs(columns, reversed);
    }

    /** A row with the columns' names. */
    String describe(int row) {
        StringJoiner text = new StringJoiner(", ");
        IntStream.range(0, columns.size()).forEach(i -> text.add(columns.get(i) + "=" + rows.get(row)[i]));
        return text.toString();
    }

    private int index(String name) {
        int index = columns.indexOf(name);
        if (index < 0) {
            throw new IllegalArgumentException("no column '" + name + "'; there are " + columns);
        }
        return index;
    }
}
