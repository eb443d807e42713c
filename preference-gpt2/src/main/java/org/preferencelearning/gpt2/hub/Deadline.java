package org.preferencelearning.gpt2.hub;

import java.time.Duration;
import org.preferencelearning.gpt2.hub.HubException.Reason;

/** When one file must be complete, whatever the server does. */
final class Deadline {
    private final Duration whole;
    private final long start = System.nanoTime();

    Deadline(Duration whole) {
        this.whole = whole;
    }

    /** What is left, at least 0. */
    Duration left() {
        Duration left = whole.minusNanos(System.nanoTime() - start);
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** The shorter of {@code duration} and what is left. */
    Duration within(Duration duration) {
        Duration left = left();
        return left.compareTo(duration) < 0 ? left : duration;
    }

    /** Throws if it is over. */
    void check(String what) {
        if (left().isZero()) {
            throw new HubException(Reason.NETWORK, what + ": not complete within " + words(whole));
        }
    }

    static String words(Duration duration) {
        return duration.toMillis() / 1000.0 + " s";
    }
}
