package org.preferencelearning.experiments.run;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import java.io.Serializable;
import java.util.List;

/**
 * A task of a {@link SharedRun}, as it is sent to who computes it.
 *
 * @param id the name of its folder in the run directory
 * @param kind the kind of task, such as {@code fine-tune}
 * @param label what it does
 * @param shared ids of the inputs that other tasks of its wave need too: they stay open in the process that computed it
 */
public record SharedTask(String id, String kind, String label, List<String> shared) implements Serializable {
    public SharedTask {
        requireNonNull(id, "id");
        requireNonNull(kind, "kind");
        requireNonNull(label, "label");
        shared = ImmutableList.copyOf(shared);
    }
}
