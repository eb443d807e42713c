package org.preferencelearning.core.train;

import com.google.common.collect.ImmutableMap;
import java.util.Map;

/**
 * What one update did.
 *
 * @param step 1-based number of the update
 * @param totalSteps number of updates of the whole run
 * @param metrics metrics by {@link MetricNames}, measured before the update
 * @param unmoved in the report of the last update: whether the run has left every trained parameter as it was; false before
 */
public record StepReport(long step, long totalSteps, Map<String, Double> metrics, boolean unmoved) {
    public StepReport {
        metrics = ImmutableMap.copyOf(metrics);
    }
}
