package org.preferencelearning.experiments.task;

import java.io.IOException;
import java.nio.file.Path;

/**
 * How a result is kept in files, to the bit.
 *
 * @param <A> the result
 */
public interface Codec<A> {
    /** Writes {@code result} into an empty folder, which the caller publishes as a whole. */
    void write(A result, Path folder) throws IOException;

    /** Reads what {@link #write} wrote; the caller has checked that the files are those. */
    A read(Path folder) throws IOException;

    /** Whether results are kept at all; one that is not is computed again by every run that needs it. */
    default boolean keeps() {
        return true;
    }

    /** For results that take less time to compute than to keep. */
    static <A> Codec<A> none() {
        return new Codec<>() {
            @Override
            public void write(A result, Path folder) {
                throw new IllegalStateException("this result is not kept");
            }

            @Override
            public A read(Path folder) {
                throw new IllegalStateException("this result is not kept");
            }

            @Override
            public boolean keeps() {
                return false;
            }
        };
    }

    /** One file {@code result.json}. */
    static <A> Codec<A> json(Class<A> type) {
        return new JsonCodec<>(type);
    }
}
