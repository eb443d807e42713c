package org.preferencelearning.experiments.online;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import org.preferencelearning.experiments.task.OpenKind;

/**
 * Which two of a prompt's annotated responses are compared. A user's own is a record, whose class and components are what a
 * study that uses it is written down with.
 */
@OpenKind
@JsonSubTypes(@JsonSubTypes.Type(value = PublicSelection.class, name = "public"))
public interface PairSelector {
    /** Positions of two different responses; which of them is chosen is decided by their rewards afterwards. */
    record Pair(int first, int second) {}

    /**
     * The positions compared.
     *
     * @param rewards one a response, at least two
     * @param lengths in tokens
     */
    Pair select(double[] rewards, int[] lengths);
}
