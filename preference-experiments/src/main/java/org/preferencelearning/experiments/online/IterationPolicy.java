package org.preferencelearning.experiments.online;

import static java.util.Objects.requireNonNull;

/**
 * Three choices of iterated training that are easily confused.
 *
 * @param start where an iteration's policy begins
 * @param reference what it is kept close to
 * @param data which pairs it is trained on
 */
public record IterationPolicy(Start start, Reference reference, Data data) {
    public IterationPolicy {
        requireNonNull(start, "start");
        requireNonNull(reference, "reference");
        requireNonNull(data, "data");
    }

    /** As the public code: from the previous iteration's policy, close to the fine-tuned one, on the newest pairs. */
    public static IterationPolicy published() {
        return new IterationPolicy(Start.PREVIOUS, Reference.FINE_TUNED, Data.NEWEST);
    }

    /** Where an iteration's policy begins. */
    public enum Start {
        PREVIOUS,
        FINE_TUNED
    }

    /** What an iteration's policy is kept close to. */
    public enum Reference {
        FINE_TUNED,
        PREVIOUS
    }

    /** Which pairs an iteration trains on. */
    public enum Data {
        NEWEST,
        ALL
    }
}
