package org.preferencelearning.experiments.task;

import java.util.List;

/**
 * A unit of work as a pure function of its description. An implementation is a record: its components are its settings and
 * the tasks whose results it needs. Equal {@linkplain TaskKeys keys} mean equal results, so whatever can change the bits of
 * a result is a component, seeds and hashes of data among them, and what cannot, such as the place of a file, is marked
 * {@link NotInKey}.
 *
 * @param <A> the result; closed by the runner when nothing needs it any more if it is {@link AutoCloseable}
 *     and owns something; what it borrows from its inputs stays open as long as it does
 */
public interface Task<A> {
    /**
     * Computes the result. Called by one thread.
     *
     * @param context gives the results of the tasks that are components of this one
     */
    A run(TaskContext context);

    /**
     * Finds what can be known to be wrong before anything is computed. Only results that are not kept, such as a study's
     * pairs, may be asked for.
     *
     * @throws org.preferencelearning.core.error.PreferenceException naming what is wrong
     */
    default void check(TaskContext context) {}

    /** How the result is kept. */
    Codec<A> codec();

    /** Whether it takes little time and memory and no native state, so that many may run at once. */
    default boolean small() {
        return false;
    }

    /** What it does, for people. */
    String label();

    /** The tasks whose results it needs: its components that are tasks, alone or in a list. */
    default List<Task<?>> inputs() {
        return TaskInputs.of(this);
    }
}
