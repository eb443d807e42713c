package org.preferencelearning.experiments.result;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Intervals of one method's metric. */
final class Estimates {
    private Estimates() {}

    /** See {@link StudyResult#interval}; cells without the metric are left out. */
    static Optional<Interval> interval(List<CellResult> cells, String metric) {
        List<CellResult> measured = cells.stream()
                .filter(cell -> cell.measurements().last(metric).isPresent())
                .toList();
        if (measured.isEmpty()) {
            return Optional.empty();
        }
        // the mean is over all items of each cell; where these differ, the crossed estimate would be of another mean
        Optional<double[][]> items = Items.shared(measured, metric)
                .filter(one -> one.unpaired() == 0)
                .map(Items::values);
        boolean share = items.isPresent() && Arrays.stream(items.get()).allMatch(Items::binary);
        if (share && (measured.size() == 1 || allEqual(items.get()))) {
            double[] one = items.get()[0];
            return Optional.of(Proportion.interval((int) Arrays.stream(one).sum(), one.length));
        }
        Crossed variation = items.map(Crossed::mean)
                .orElseGet(() -> Crossed.ofSeeds(measured.stream()
                        .mapToDouble(cell -> cell.measurements().last(metric).orElseThrow())
                        .toArray()));
        return variation.known()
                ? Optional.of(variation.interval()).map(interval -> share ? interval.within(0, 1) : interval)
                : Optional.empty();
    }

    /** Cells that are right, or wrong, on every item vary in nothing, which says little of items that were not drawn. */
    private static boolean allEqual(double[][] cells) {
        return Arrays.stream(cells).flatMapToDouble(Arrays::stream).distinct().count() == 1;
    }
}
