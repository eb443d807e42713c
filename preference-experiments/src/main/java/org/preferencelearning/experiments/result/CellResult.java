package org.preferencelearning.experiments.result;

import java.util.List;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Measurements;

/**
 * What one cell of a study found.
 *
 * @param id where the cell stands
 * @param measurements what it found
 */
public record CellResult(CellId id, Measurements measurements) {
    /** The last values of a metric of those cells that measured it. */
    public static double[] last(List<CellResult> cells, String metric) {
        return cells.stream()
                .flatMapToDouble(cell -> cell.measurements().last(metric).stream())
                .toArray();
    }
}
