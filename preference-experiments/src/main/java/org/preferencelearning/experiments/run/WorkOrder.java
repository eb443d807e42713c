package org.preferencelearning.experiments.run;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import java.io.Serializable;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.preferencelearning.gpt2.model.ComputeDevice;
import org.preferencelearning.gpt2.model.Computing;

/**
 * What processes that compute tasks of a {@link SharedRun} must know of it.
 *
 * @param directory its folder, where the one that leads has it
 * @param run tells it from other runs, of the same folder too
 * @param device where models compute
 * @param precision of their products
 * @param facts what bits depend on beside, by name: each process must have the same
 * @param least time between two states of a task
 * @param states how many of them are kept
 * @param store through which the processes exchange folders; null where all of them have {@code directory}
 */
public record WorkOrder(
        String directory,
        String run,
        String device,
        String precision,
        Map<String, String> facts,
        Duration least,
        int states,
        @Nullable RunStore store)
        implements Serializable {
    public WorkOrder {
        requireNonNull(directory, "directory");
        requireNonNull(run, "run");
        requireNonNull(device, "device");
        requireNonNull(precision, "precision");
        facts = ImmutableMap.copyOf(facts);
        requireNonNull(least, "least");
    }

    Computing computing() {
        return new Computing(ComputeDevice.of(device), MatrixPrecision.valueOf(precision));
    }

    Saving saving() {
        return new Saving(least, states);
    }
}
