package org.preferencelearning.experiments.result;

import java.util.List;
import java.util.Optional;

/** Values of a metric for each item, for several cells. */
final class Items {
    private Items() {}

    /** A row for each cell; empty unless each kept as many items, and at least two. */
    static Optional<double[][]> of(List<CellResult> cells, String metric) {
        List<List<Double>> kept = cells.stream()
                .map(cell -> cell.measurements().items().getOrDefault(metric, List.of()))
                .toList();
        int items = kept.get(0).size();
        if (items < 2 || kept.stream().anyMatch(list -> list.size() != items)) {
            return Optional.empty();
        }
        return Optional.of(kept.stream()
                .map(list -> list.stream().mapToDouble(Double::doubleValue).toArray())
                .toArray(double[][]::new));
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
