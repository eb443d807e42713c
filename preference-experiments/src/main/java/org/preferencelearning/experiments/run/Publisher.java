package org.preferencelearning.experiments.run;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Publishes finished tasks one after the other while the next is computed: disks take longer to be sure of a file than most
 * tasks to write it. What fails is thrown at the next publication, or when it is waited for.
 */
final class Publisher implements AutoCloseable {
    private final ExecutorService thread = Executors.newSingleThreadExecutor(work -> {
        Thread publishing = new Thread(work, "publishing results");
        publishing.setDaemon(true);
        return publishing;
    });
    private final Deque<Future<?>> waiting = new ArrayDeque<>();

    /** Publishes when what was given before is published. */
    synchronized void publish(Runnable publication) {
        while (!waiting.isEmpty() && waiting.peekFirst().isDone()) {
            settleFirst();
        }
        waiting.add(thread.submit(publication));
    }

    /** Waits until all that was given is published. */
    synchronized void settle() {
        while (!waiting.isEmpty()) {
            settleFirst();
        }
    }

    private void settleFirst() {
        try {
            waiting.removeFirst().get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException problem) {
                throw problem;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while results were published", e);
        }
    }

    /** Waits for what is under way, whether or not it succeeds. */
    @Override
    public synchronized void close() {
        try {
            settle();
        } finally {
            thread.shutdown();
        }
    }
}
