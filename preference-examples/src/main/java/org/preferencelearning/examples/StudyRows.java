package org.preferencelearning.examples;

import java.util.Comparator;
import org.preferencelearning.experiments.result.CellResult;
import org.preferencelearning.experiments.result.StudyResult;

/** The rows of a study's data. */
final class StudyRows {
    private StudyRows() {}

    /** Those that its largest cells used, to train and to measure on, and what was left out of them. */
    static Rows of(StudyResult result) {
        CellResult largest = result.cells().stream()
                .max(Comparator.comparingInt(CellResult::size))
                .orElseThrow();
        int taken = largest.trained()
                + largest.trainRejected().total()
                + largest.validated()
                + largest.validationRejected().total();
        return Rows.read(taken, result.rejectedRows())
                .without(largest.trainRejected())
                .without(largest.validationRejected());
    }
}
