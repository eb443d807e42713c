package org.preferencelearning.core.train;

import com.google.common.collect.ImmutableMap;
import java.util.Map;

/**
 * What one update did.
 *
 * @param step 1-based number of the update
 * @param totalSteps number of updates of the whole run
 * @param metrics metrics by {@link MetricNames}, measured before the update
 */
public record StepReport(long step, long totalSteps, Map<String, Double> metrics) {
    public StepReport {
        metrics = ImmutableMap.copyOf(metrics);
    }
}
