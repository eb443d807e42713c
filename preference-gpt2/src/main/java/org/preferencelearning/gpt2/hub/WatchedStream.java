package org.preferencelearning.gpt2.hub;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A body that is closed, and its reader told why, when its bytes come too slowly or a deadline is over. */
final class WatchedStream extends FilterInputStream {
    private static final ScheduledThreadPoolExecutor WATCH = watch();

    private final AtomicLong sinceLook = new AtomicLong();
    private final ScheduledFuture<?> looks;
    private final ScheduledFuture<?> end;
    private volatile @Nullable String fault;

    /**
     * @param least bytes that must come in each {@code window}
     * @param left until the deadline
     */
    WatchedStream(InputStream in, long least, Duration window, Duration left) {
        super(in);
        looks = WATCH.scheduleAtFixedRate(
                () -> look(least, window), window.toNanos(), window.toNanos(), TimeUnit.NANOSECONDS);
        end = WATCH.schedule(() -> stop("the deadline is over"), left.toNanos(), TimeUnit.NANOSECONDS);
    }

    private static ScheduledThreadPoolExecutor watch() {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "hub-watch");
            thread.setDaemon(true);
            return thread;
        });
        executor.setRemoveOnCancelPolicy(true);
        return executor;
    }

    private void look(long least, Duration window) {
        long came = sinceLook.getAndSet(0);
        if (came < least) {
            stop("only " + came + " bytes came in " + Deadline.words(window));
        }
    }

    private void stop(String reason) {
        fault = reason;
        try {
            in.close(); // which ends a read that waits
        } catch (IOException e) {
            fault = reason + " (" + e.getMessage() + ")";
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int count;
        try {
            count = in.read(target, offset, length);
        } catch (IOException e) {
            // the client says "closed" of every failure, and the failure as the cause
            throw fault != null ? new IOException(fault, e) : e.getCause() instanceof IOException why ? why : e;
        }
        if (fault != null) {
            throw new IOException(fault);
        }
        sinceLook.addAndGet(Math.max(0, count));
        return count;
    }

    @Override
    public void close() throws IOException {
        looks.cancel(false);
        end.cancel(false);
        in.close();
    }
}
