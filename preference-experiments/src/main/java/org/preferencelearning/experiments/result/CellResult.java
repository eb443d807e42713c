package org.preferencelearning.experiments.result;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Map;
import org.preferencelearning.core.data.RejectedRows;
import org.preferencelearning.experiments.study.Measure;

/**
 * One trained model of a study.
 *
 * @param method label of the method
 * @param size training pairs asked for
 * @param seed seed of the cell
 * @param measured what was measured on the held-out pairs
 * @param trained training pairs used
 * @param trainRejected training pairs left out, by reason
 * @param validated held-out pairs used
 * @param validationRejected held-out pairs left out, by reason
 * @param evaluations on the held-out pairs, in the course of the training
 * @param seconds wall time of the cell
 */
public record CellResult(
        String method,
        int size,
        long seed,
        Map<Measure, Double> measured,
        int trained,
        RejectedRows trainRejected,
        int validated,
        RejectedRows validationRejected,
        List<CellEvaluation> evaluations,
        double seconds) {
    public CellResult {
        measured = ImmutableMap.copyOf(measured);
        evaluations = ImmutableList.copyOf(evaluations);
    }
}
