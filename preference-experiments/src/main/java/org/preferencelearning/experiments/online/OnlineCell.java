package org.preferencelearning.experiments.online;

import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * One arm under one condition with one seed.
 *
 * @param iterations in order
 * @param seconds wall time
 */
public record OnlineCell(String arm, Condition condition, long seed, List<Iteration> iterations, double seconds) {
    public OnlineCell {
        iterations = ImmutableList.copyOf(iterations);
    }

    /**
     * One iteration.
     *
     * @param pairs trained on
     * @param ties prompts whose responses had equal rewards
     * @param evaluation of the policy after it
     */
    public record Iteration(int pairs, int ties, Evaluation evaluation) {}

    /** The evaluation after the last iteration. */
    public Evaluation last() {
        return iterations.get(iterations.size() - 1).evaluation();
    }
}
