package org.preferencelearning.experiments.task;

import java.nio.file.Path;
import java.util.Optional;
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

    /**
     * A part of a {@link PartedTask}'s result, if it is kept, by this process or another, and is what was written; a damaged
     * one is set aside and said so.
     *
     * @param part counted from 0
     */
    <P> Optional<P> part(int part, Codec<P> codec);

    /** Keeps a part until the task's result is kept; one that is kept already stays. */
    <P> void keepPart(int part, P result, Codec<P> codec);

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

            @Override
            public <P> Optional<P> part(int part, Codec<P> codec) {
                return Optional.empty();
            }

            @Override
            public <P> void keepPart(int part, P result, Codec<P> codec) {}
        };
    }
}
