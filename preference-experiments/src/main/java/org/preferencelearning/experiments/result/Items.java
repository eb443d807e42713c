package org.preferencelearning.experiments.result;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.study.Measurements;

/**
 * Values of a metric for each item that several cells measured, matched by what the items are known by and never by their place:
 * cells that leave out different items, though as many, are not misaligned.
 *
 * @param values a row for each cell, a column for each item that all of them measured
 * @param unpaired items that some of them measured and others did not, which are left out
 */
record Items(double[][] values, int unpaired) {
    /**
     * Those that all cells measured; empty where a cell kept none, or where only one is shared, which tells nothing of items.
     *
     * @throws SettingException if cells kept items and share none: they were measured on different data
     */
    static Optional<Items> shared(List<CellResult> cells, String metric) {
        List<Map<Integer, Double>> kept = new ArrayList<>();
        Set<Integer> all = new TreeSet<>();
        for (CellResult cell : cells) {
            Map<Integer, Double> of = byId(cell.measurements(), metric);
            if (of.isEmpty()) {
                return Optional.empty();
            }
            kept.add(of);
            all.addAll(of.keySet());
        }
        Set<Integer> shared = new TreeSet<>(all);
        kept.forEach(of -> shared.retainAll(of.keySet()));
        SettingException.require(
                !shared.isEmpty(),
                "items of " + metric,
                counts(cells, kept),
                "items that all of them measured; they share none, so that nothing can be compared");
        if (shared.size() < 2) {
            return Optional.empty();
        }
        return Optional.of(new Items(
                kept.stream()
                        .map(of -> shared.stream().mapToDouble(of::get).toArray())
                        .toArray(double[][]::new),
                all.size() - shared.size()));
    }

    private static Map<Integer, Double> byId(Measurements measurements, String metric) {
        Map<Integer, Double> values = new TreeMap<>();
        List<Double> kept = measurements.items().getOrDefault(metric, List.of());
        for (int i = 0; i < kept.size(); i++) {
            values.put(measurements.itemIds().get(i), kept.get(i));
        }
        return values;
    }

    private static String counts(List<CellResult> cells, List<Map<Integer, Double>> kept) {
        return IntStream.range(0, cells.size())
                .mapToObj(i -> kept.get(i).size() + " of " + cells.get(i).id())
                .collect(Collectors.joining("; "));
    }

    /** Whether each item is either right, 1, or wrong, 0. */
    static boolean binary(double[] items) {
        for (double item : items) {
            if (item != 0 && item != 1) {
                return false;
            }
        }
        return true;
    }
}
