package org.preferencelearning.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.experiments.task.Progress;

/**
 * A study that fine-tunes, trains a reward and two methods, samples, annotates and scores is killed at random moments until it
 * is done: it ends with the bits of a run that nobody killed. The number of kills is 6, or the property
 * {@code preference.kills}.
 */
class KilledRunTest {
    @TempDir
    Path folder;

    /** Runs the study in a process of its own. */
    static final class Child {
        private Child() {}

        public static void main(String[] args) {
            Runners.local(Path.of(args[0])).progress(new Slow()).run(TinyStudies.online());
        }
    }

    /** Gives kills the time to fall between steps. */
    private static final class Slow implements Progress {
        @Override
        public void begin(String part, long steps) {}

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

    @Test
    void killsCostNothingButTime() throws IOException, InterruptedException {
        Path whole = folder.resolve("whole");
        Runners.local(whole).run(TinyStudies.online());
        Map<String, String> right = RunDirectoryTest.results(whole);
        Random random = new Random(41);
        int kills = Integer.getInteger("preference.kills", 6);
        int done = 0;
        for (int trial = 0; done < kills; trial++) {
            Path run = folder.resolve("run-" + trial);
            while (true) {
                Process child = start(run);
                boolean ended = child.waitFor(900 + random.nextInt(2500), TimeUnit.MILLISECONDS);
                if (ended) {
                    assertThat(child.exitValue())
                            .as(Files.readString(folder.resolve("out")))
                            .isZero();
                    break;
                }
                child.destroyForcibly().waitFor();
                done++;
                if (done >= kills) {
                    Runners.local(run).run(TinyStudies.online());
                    break;
                }
            }
            assertThat(RunDirectoryTest.results(run)).isEqualTo(right);
            assertThat(run.resolve("work")).isEmptyDirectory();
        }
    }

    private Process start(Path run) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-Dpreference.checkpoint.nanos=1",
                "-Dorg.bytedeco.javacpp.platform.extension="
                        + System.getProperty("org.bytedeco.javacpp.platform.extension", ""),
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                run.toString()));
        return builder.redirectErrorStream(true)
                .redirectOutput(folder.resolve("out").toFile())
                .start();
    }
}
