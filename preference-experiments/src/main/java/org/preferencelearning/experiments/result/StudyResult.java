package org.preferencelearning.experiments.result;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.OptionalDouble;
import org.preferencelearning.core.data.RejectedRows;
import org.preferencelearning.experiments.study.DataSizeStudy;
import org.preferencelearning.experiments.study.Measure;

/**
 * What a data-size study found.
 *
 * @param study the study
 * @param cells one per method, size and seed
 * @param rejectedRows rows of the file that could not be used, by reason
 * @param ceiling where the truth is known, the accuracy it is expected to have on the held-out labels
 * @param seconds wall time of the whole run
 */
public record StudyResult(
        DataSizeStudy study,
        List<CellResult> cells,
        RejectedRows rejectedRows,
        OptionalDouble ceiling,
        double seconds) {
    public StudyResult {
        cells = ImmutableList.copyOf(cells);
    }

    /** The cells of one method and size, one a seed. */
    public List<CellResult> cells(String method, int size) {
        return cells.stream()
                .filter(cell -> cell.method().equals(method) && cell.size() == size)
                .toList();
    }

    /** Mean and spread over seeds. */
    public Summary summary(String method, int size, Measure measure) {
        return Summary.of(cells(method, size).stream()
                .mapToDouble(cell -> cell.measured().get(measure))
                .toArray());
    }

    /** Mean and spread over seeds of {@code method} minus {@code other}, seed by seed. */
    public Summary difference(String method, String other, int size, Measure measure) {
        List<CellResult> first = cells(method, size);
        List<CellResult> second = cells(other, size);
        double[] differences = new double[first.size()];
        for (int i = 0; i < differences.length; i++) {
            differences[i] = first.get(i).measured().get(measure)
                    - second.get(i).measured().get(measure);
        }
        return Summary.of(differences);
    }
}
