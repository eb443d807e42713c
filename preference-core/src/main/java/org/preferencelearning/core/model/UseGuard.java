package org.preferencelearning.core.model;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.error.ClosedException;
import org.preferencelearning.core.error.ConcurrentUseException;

/**
 * Lets one thread at a time use something, until it is closed. A use within a use of the same thread is part of it; who comes
 * second is refused, as to wait could be for ever.
 */
final class UseGuard {
    private final AtomicReference<Thread> user = new AtomicReference<>();
    /** What the user does; read by others for a message only. */
    private volatile @Nullable String purpose;

    private int depth;
    private boolean closed;

    <T> T use(String what, Supplier<T> work) {
        enter(what);
        try {
            requireOpen(what);
            return work.get();
        } finally {
            leave();
        }
    }

    /** Closes with {@code free}, once. */
    void close(Runnable free) {
        enter("closing");
        try {
            if (!closed) {
                closed = true;
                free.run();
            }
        } finally {
            leave();
        }
    }

    void requireOpen(String what) {
        if (closed) {
            throw new ClosedException(what);
        }
    }

    private void enter(String what) {
        Thread me = Thread.currentThread();
        Thread other = user.compareAndExchange(null, me);
        if (other != null && other != me) {
            throw new ConcurrentUseException(
                    "thread '" + other.getName() + "' (" + purpose + ")",
                    "thread '" + me.getName() + "' (" + what + ")");
        }
        if (depth++ == 0) {
            purpose = what;
        }
    }

    private void leave() {
        if (--depth == 0) {
            user.set(null);
        }
    }
}
