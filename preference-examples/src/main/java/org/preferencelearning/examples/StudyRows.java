package org.preferencelearning.examples;

import java.util.List;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.preferencelearning.experiments.result.CellResult;
import org.preferencelearning.experiments.result.Row;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Measurements;

/** The rows of a study's data. */
final class StudyRows {
    private StudyRows() {}

    /**
     * Those of its file and of its largest cell: used to train and to measure on, and left out. A study without such cells
     * has only its file's.
     */
    static Rows of(StudyResult result) {
        CellResult largest = null;
        for (CellResult cell : result.cells()) {
            if (cell.id().get(CellId.SIZE).isPresent() && (largest == null || size(cell) > size(largest))) {
                largest = cell;
            }
        }
        TreeMap<String, Integer> leftOut = new TreeMap<>();
        CellId described = CellId.of(CellId.ABOUT, "data");
        CellId counted = largest == null ? described : largest.id();
        for (Row row : result.rows()) {
            boolean counts = row.cell().matches(described) || row.cell().equals(counted);
            if (counts && row.metric().startsWith(Measurements.LEFT_OUT)) {
                String reason = row.metric().substring(row.metric().lastIndexOf('/') + 1);
                leftOut.merge(reason, (int) row.value(), Integer::sum);
            }
        }
        List<String> used = largest == null
                ? List.of("training_pairs", "held_out_pairs")
                : List.of("trained_pairs", "measured_pairs");
        int total = 0;
        for (String metric : used) {
            OptionalDouble count = result.cells(counted).get(0).measurements().last(metric);
            total += (int) count.orElse(0);
        }
        return new Rows(total, leftOut);
    }

    private static int size(CellResult cell) {
        return Integer.parseInt(cell.id().get(CellId.SIZE).orElseThrow());
    }
}
