package org.preferencelearning.experiments.run;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import java.io.Serializable;
import java.util.List;

/**
 * A task of a {@link SharedRun}, or a part of one, as it is sent to who computes it.
 *
 * @param id the name of its folder in the run directory
 * @param kind the kind of task, such as {@code fine-tune}
 * @param part which part of the task, counted from 0, or {@link #WHOLE}
 * @param label what it does
 * @param shared ids of the inputs that other tasks of its wave need too: they stay open in the process that computed it
 */
public record SharedTask(String id, String kind, int part, String label, List<String> shared) implements Serializable {
    /** The task itself, or what is made of its parts once they are there. */
    public static final int WHOLE = -1;

    public SharedTask {
        requireNonNull(id, "id");
        requireNonNull(kind, "kind");
        requireNonNull(label, "label");
        shared = ImmutableList.copyOf(shared);
    }
}
