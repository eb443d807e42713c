package org.preferencelearning.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.task.Progress;

/**
 * Studies that fine-tune, train a reward and two methods, sample, annotate, score and evaluate are killed at random moments
 * until they are done: they end with the bits of a run that nobody killed. The number of kills of each is 4, or the property
 * {@code preference.kills}.
 */
class KilledRunTest {
    @TempDir
    Path folder;

    /** Runs the study in a process of its own; a file appears when its work begins. */
    static final class Child {
        private Child() {}

        public static void main(String[] args) {
            Runners.local(Path.of(args[0]))
                    .saving(Saving.everyStep())
                    .progress(new Slow(Path.of(args[2])))
                    .run(study(args[1]));
        }
    }

    /** With trainings of several updates, the evaluation at the end of each. */
    private static Study study(String kind) {
        return kind.equals("online")
                ? TinyStudies.online()
                : TinyStudies.dataSize()
                        .training(t -> t.withEpochs(1).withBatchSize(2, 2).withLearningRate(1e-3));
    }

    /** Gives kills the time to fall between steps. */
    private record Slow(Path begun) implements Progress {
        @Override
        public void begin(String part, long steps) {
            try {
                Files.write(begun, new byte[0]);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void step(long done, String status) {
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void end(String summary) {}
    }

    @ParameterizedTest
    @ValueSource(strings = {"online", "data-size"})
    void killsCostNothingButTime(String kind) throws IOException, InterruptedException {
        Path whole = folder.resolve("whole");
        Process unkilled = start(whole, kind);
        awaitWork(unkilled);
        long start = System.nanoTime();
        assertThat(unkilled.waitFor()).as(output()).isZero();
        long duration = System.nanoTime() - start;
        Map<String, String> right = RunDirectoryTest.results(whole);
        Random random = new Random(41);
        int kills = Integer.getInteger("preference.kills", 4);
        int done = 0;
        for (int trial = 0; done < kills; trial++) {
            Path run = folder.resolve("run-" + trial);
            boolean ended = false;
            while (!ended) {
                Process child = start(run, kind);
                if (done < kills) {
                    awaitWork(child);
                    ended = child.waitFor((long) (random.nextDouble() * duration), TimeUnit.NANOSECONDS);
                    if (!ended) {
                        child.destroyForcibly().waitFor();
                        done++;
                        continue;
                    }
                }
                assertThat(child.waitFor()).as(output()).isZero();
                ended = true;
            }
            assertThat(RunDirectoryTest.results(run)).isEqualTo(right);
            assertThat(run.resolve("work")).isEmptyDirectory();
        }
    }

    private void awaitWork(Process child) throws InterruptedException, IOException {
        while (child.isAlive() && !Files.exists(begun())) {
            Thread.sleep(5);
        }
    }

    private Path begun() {
        return folder.resolve("begun");
    }

    private String output() throws IOException {
        return Files.readString(folder.resolve("out"));
    }

    private Process start(Path run, String kind) throws IOException {
        Files.deleteIfExists(begun());
        ProcessBuilder builder = new ProcessBuilder(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                run.toString(),
                kind,
                begun().toString()));
        return builder.redirectErrorStream(true)
                .redirectOutput(folder.resolve("out").toFile())
                .start();
    }
}
