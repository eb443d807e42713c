package org.preferencelearning.core.internal.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Threads that replace the same thing while others look at it. */
class ManyWritersTest {
    private static final int WRITERS = 3;
    private static final int WRITES = 15;

    @TempDir
    Path home;

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aFolder() throws Exception {
        Path out = home.resolve("out");
        replaceByAll(out, FolderExchange.ofSystem());
        assertThat(OutputFolderTest.names(home)).containsExactly("out");
    }

    @Test
    void aFolderOnASystemWithoutExchange() throws Exception {
        Path out = home.resolve("out");
        replaceByAll(out, (one, other) -> false);
        assertThat(OutputFolderTest.names(home)).containsExactly("out");
    }

    private void replaceByAll(Path out, FolderExchange exchange) throws Exception {
        write(out, 0, exchange);
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS + 1);
        try {
            List<Future<?>> writers = new ArrayList<>();
            for (int writer = 0; writer < WRITERS; writer++) {
                int number = writer;
                writers.add(threads.submit(() -> {
                    for (int i = 0; i < WRITES; i++) {
                        write(out, number, exchange);
                    }
                }));
            }
            boolean inOneStep = exchange == FolderExchange.ofSystem();
            Future<Integer> looks = threads.submit(() -> {
                int count = 0;
                while (!writers.stream().allMatch(Future::isDone)) {
                    if (inOneStep) {
                        assertThat(out).isDirectory();
                        assertWhole(out);
                    }
                    count++;
                }
                return count;
            });
            for (Future<?> writer : writers) {
                writer.get();
            }
            assertThat(looks.get()).isPositive();
        } finally {
            threads.shutdownNow();
        }
        assertWhole(out);
        assertThat(OutputMarker.complete(out)).isTrue();
        assertThat(OutputMarker.foreign(out, 1)).isEmpty();
    }

    /** Writers write files of different names, too. */
    private static void write(Path out, int number, FolderExchange exchange) {
        OutputFolder.replace(
                out,
                fresh -> {
                    AtomicFiles.write(fresh.resolve("all"), new byte[1 << 16]);
                    Files.writeString(fresh.resolve("of-" + number), "");
                },
                exchange);
    }

    private static void assertWhole(Path out) throws Exception {
        try {
            assertThat(Files.size(out.resolve("all"))).isEqualTo(1 << 16);
        } catch (NoSuchFileException e) {
            // the folder was replaced and deleted between finding it and finding the file in it
            assertThat(Files.size(out.resolve("all"))).isEqualTo(1 << 16);
        }
    }

    @Test
    void aFile() throws Exception {
        Path out = home.resolve("out");
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
        try {
            List<Future<?>> writers = new ArrayList<>();
            for (int writer = 0; writer < WRITERS; writer++) {
                byte[] content = new byte[10_000 + writer];
                writers.add(threads.submit(() -> {
                    for (int i = 0; i < WRITES; i++) {
                        AtomicFiles.write(out, channel -> {
                            channel.write(ByteBuffer.wrap(content));
                            pause();
                        });
                        assertThat(out.toFile().length()).isBetween(10_000L, 10_000L + WRITERS);
                    }
                }));
            }
            for (Future<?> writer : writers) {
                writer.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(OutputFolderTest.names(home)).containsExactly("out");
    }

    /** So long that writers meet. */
    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(3);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
