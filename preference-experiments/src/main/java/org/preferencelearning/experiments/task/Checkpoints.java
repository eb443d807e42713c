package org.preferencelearning.experiments.task;

import java.nio.file.Path;
import java.util.function.Consumer;

/** States of a running task, the newest of which it goes on from after a crash. */
public interface Checkpoints {
    /**
     * Goes on from the newest state whose files are what was written. One that is damaged is set aside and said so, and the
     * one before it is taken.
     *
     * @param reader reads a state from its folder
     * @return whether there was one
     */
    boolean restore(Consumer<Path> reader);

    /** Whether it is time to save: saving is to take a small share of the time only. */
    boolean due();

    /** Saves a state: {@code writer} fills an empty folder, which then takes its place as the newest as a whole. */
    void save(Consumer<Path> writer);

    /** Remembers nothing, for runs without a directory. */
    static Checkpoints none() {
        return new Checkpoints() {
            @Override
            public boolean restore(Consumer<Path> reader) {
                return false;
            }

            @Override
            public boolean due() {
                return false;
            }

            @Override
            public void save(Consumer<Path> writer) {}
        };
    }
}
