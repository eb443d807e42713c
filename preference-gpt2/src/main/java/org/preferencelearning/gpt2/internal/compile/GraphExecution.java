package org.preferencelearning.gpt2.internal.compile;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A graph ready to run in phases, so that what a later phase is given may depend on what an earlier one returned. Not
 * thread-safe. Closing frees every buffer that the execution made, not what was bound to it.
 */
public interface GraphExecution extends AutoCloseable {
    /** Runs phase {@code phase}; the phase before it must be what ran last, as a phase uses up what the one before left. */
    void run(int phase);

    /**
     * Reads weights again that kernels keep copies of. To be called before a run where weights have changed or another graph
     * of the workspace has run since.
     */
    default void refresh() {}

    /** The value of an output; valid until its phase runs again. */
    INDArray output(String name);

    @Override
    void close();
}
