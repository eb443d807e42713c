package org.preferencelearning.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.SparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.experiments.run.Runners;
import org.preferencelearning.experiments.run.Saving;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.study.StudyJson;
import org.preferencelearning.experiments.task.Progress;
import org.preferencelearning.experiments.task.StoppedException;

/**
 * Studies on a real cluster: a standalone master and two workers of one core each. The Maven profile {@code spark-cluster} runs
 * these, with {@code OMP_NUM_THREADS=1}, as executors have it.
 */
class SparkClusterIT {
    private static final Saving OFTEN = new Saving(Duration.ofMillis(200), 2);

    @TempDir
    Path folder;

    @TempDir
    static Path place;

    private static StandaloneCluster cluster;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        cluster = new StandaloneCluster(place, 2);
    }

    @AfterAll
    static void end() {
        cluster.close();
    }

    /** Remembers tasks that it heard of, and does something at one of them. */
    private static final class Heard implements Progress {
        private final List<String> tasks = Collections.synchronizedList(new ArrayList<>());
        private final int at;
        private final Runnable event;

        Heard(int at, Runnable event) {
            this.at = at;
            this.event = event;
        }

        @Override
        public void taskDone(String id) {
            if (id.startsWith("load-pairs")) {
                // is not kept: the driver's own
                return;
            }
            tasks.add(id);
            if (tasks.size() == at) {
                event.run();
            }
        }

        @Override
        public void begin(String part, long steps) {}

        @Override
        public void step(long done, String status) {}

        @Override
        public void end(String summary) {}
    }

    private Path local(Study study) {
        Path run = folder.resolve(study.name() + " local");
        Runners.local(run).run(study);
        return run;
    }

    @Test
    void twoWorkersGiveTheBitsOfTheLocalRunner() throws IOException {
        try (Closing context = new Closing(cluster.context())) {
            for (Study study : List.of(TinyStudies.dataSize(2, 1), TinyStudies.online(300))) {
                Path run = folder.resolve(study.name());
                SparkRunners.spark(context.get(), run).run(study);
                assertThat(RunFiles.of(run)).isEqualTo(RunFiles.of(local(study)));
            }
        }
    }

    /** The machine's tasks are computed elsewhere, and each is counted once. */
    @Test
    void aWorkerThatIsLostInTheMiddleCostsNothingButTime() throws IOException {
        Study study = TinyStudies.dataSize(4, 10);
        Path run = folder.resolve("run");
        Heard heard = new Heard(4, () -> cluster.kill(0));
        try (Closing context = new Closing(cluster.context())) {
            SparkRunners.spark(context.get(), run).saving(OFTEN).progress(heard).run(study);
        } finally {
            cluster.addWorker();
        }
        assertThat(RunFiles.of(run)).isEqualTo(RunFiles.of(local(study)));
        assertThat(heard.tasks).doesNotHaveDuplicates();
        assertThat(all(run.resolve("tasks"))).containsExactlyInAnyOrderElementsOf(heard.tasks);
        assertThat(run.resolve("work")).isEmptyDirectory();
    }

    /** Nothing but HDFS is common to driver and executors; the directory of the first driver is lost with it. */
    @Test
    void aRunOnHdfsHasTheSameBitsAndIsFinishedByAnotherDriver() throws IOException, InterruptedException {
        Study study = TinyStudies.online(300);
        Path whole = local(study);
        try (Hdfs hdfs = new Hdfs(Files.createDirectory(folder.resolve("hdfs")));
                FileSystem files = hdfs.files()) {
            try (Closing context = new Closing(cluster.context())) {
                AtomicInteger steps = new AtomicInteger();
                assertThatThrownBy(() -> SparkRunners.spark(context.get(), hdfs.at("runs/one"))
                                .saving(OFTEN)
                                .progress(new Heard(3, steps::incrementAndGet))
                                .stopWhen(() -> steps.get() > 0)
                                .run(study))
                        .isInstanceOf(StoppedException.class);
            }
            assertThat(files.listStatus(new org.apache.hadoop.fs.Path("/runs/one/tasks")))
                    .hasSizeBetween(3, (int) finished(whole) - 1);
            try (Closing context = new Closing(cluster.context())) {
                Path run = folder.resolve("run");
                SparkRunners.spark(context.get(), run)
                        .shared(hdfs.at("runs/one"))
                        .run(study);
                assertThat(RunFiles.of(run)).isEqualTo(RunFiles.of(whole));
            }
            Path copied = folder.resolve("copied");
            files.copyToLocalFile(
                    false,
                    new org.apache.hadoop.fs.Path("/runs/one"),
                    new org.apache.hadoop.fs.Path(copied.toUri()),
                    true);
            assertThat(RunFiles.of(copied)).isEqualTo(RunFiles.of(whole));
            assertThat(Runners.reproduce(copied, Progress.none()).first()).isEmpty();
            assertThat(files.listStatus(new org.apache.hadoop.fs.Path("/runs/one/work")))
                    .isEmpty();
        }
    }

    @Test
    void aMasterThatDoesNotAnswerIsNoFaultOfTheLibrary() throws IOException {
        int nobody;
        try (ServerSocket free = new ServerSocket(0)) {
            nobody = free.getLocalPort();
        }
        String master = "spark://127.0.0.1:" + nobody;
        try (Closing context = new Closing(Clusters.start(master, StandaloneCluster.settings()))) {
            assertThatThrownBy(() -> SparkRunners.spark(context.get(), folder.resolve("run"))
                            .run(new OwnStudy("own", 1)))
                    .isInstanceOf(SparkRunException.class)
                    .hasMessageContainingAll(master, "no master answers there");
        }
    }

    /** A second machine, so that Spark makes a second attempt; the first one ends too, and finds that it is late. */
    @Test
    void ofTwoAttemptsBySpeculationOneIsCounted() throws IOException, InterruptedException {
        Study study = new SlowOnce(
                "slow", 6, Files.createDirectory(folder.resolve("attempts")).toString(), 20);
        Path run = folder.resolve("run");
        Heard heard = new Heard(-1, () -> {});
        Map<String, String> settings = new HashMap<>(StandaloneCluster.settings());
        settings.put("spark.speculation", "true");
        settings.put("spark.speculation.interval", "100ms");
        settings.put("spark.speculation.minTaskRuntime", "500ms");
        settings.put("spark.speculation.quantile", "0.5");
        cluster.addWorker("127.0.0.2");
        try (Closing context = new Closing(Clusters.start(cluster.url(), settings))) {
            SparkRunners.spark(context.get(), run).progress(heard).run(study);
            assertThat(folder.resolve("attempts/second")).exists();
            assertThat(folder.resolve("attempts/late")).doesNotExist();
            await(() -> Files.exists(folder.resolve("attempts/late")));
            await(() -> all(run.resolve("tasks")).size() == 6);
        }
        assertThat(heard.tasks).hasSize(6).doesNotHaveDuplicates();
        assertThat(all(run.resolve("tasks"))).containsExactlyInAnyOrderElementsOf(heard.tasks);
    }

    private static void await(BooleanSupplier event) throws InterruptedException {
        for (int i = 0; i < 600 && !event.getAsBoolean(); i++) {
            Thread.sleep(100);
        }
        assertThat(event.getAsBoolean()).isTrue();
    }

    private static List<String> all(Path parent) {
        try (Stream<Path> folders = Files.list(parent)) {
            return folders.map(folder -> folder.getFileName().toString()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A driver of its own. */
    static final class Driver {
        private Driver() {}

        public static void main(String[] arguments) throws IOException {
            Study study = StudyJson.read(arguments[1], Files.readString(Path.of(arguments[1])));
            SparkContext context = Clusters.start(arguments[0], StandaloneCluster.settings());
            SparkRunners.spark(context, Path.of(arguments[2])).saving(OFTEN).run(study);
            context.stop();
        }
    }

    @Test
    void aDriverThatIsKilledIsResumedFromTheFolder() throws IOException, InterruptedException {
        Study study = TinyStudies.dataSize(3, 10);
        Path json = Files.writeString(folder.resolve("study.json"), StudyJson.write(study));
        Path whole = local(study);
        for (boolean onSpark : new boolean[] {true, false}) {
            Path run = folder.resolve("run on Spark again " + onSpark);
            Process driver = start(json, run);
            while (driver.isAlive() && finished(run) < 4) {
                Thread.sleep(20);
            }
            assertThat(driver.isAlive())
                    .as(Files.readString(folder.resolve("driver.log")))
                    .isTrue();
            driver.destroyForcibly().waitFor();
            assertThat(finished(run)).isLessThan(finished(whole));
            if (onSpark) {
                try (Closing context = new Closing(cluster.context())) {
                    SparkRunners.spark(context.get(), run).run(study);
                }
            } else {
                Runners.local(run).run(study);
            }
            assertThat(RunFiles.of(run)).isEqualTo(RunFiles.of(whole));
        }
    }

    private Process start(Path json, Path run) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(System.getProperty("preference.opens").trim().split("\\s+")));
        command.addAll(List.of(
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                Driver.class.getName(),
                cluster.url(),
                json.toString(),
                run.toString()));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("driver.log").toFile())
                .start();
    }

    private static long finished(Path run) throws IOException {
        if (!Files.isDirectory(run.resolve("tasks"))) {
            return 0;
        }
        try (Stream<Path> tasks = Files.list(run.resolve("tasks"))) {
            return tasks.filter(task -> !task.getFileName().toString().startsWith("."))
                    .count();
        }
    }

    /** An application that ends with a block. */
    private record Closing(SparkContext get) implements AutoCloseable {
        @Override
        public void close() {
            get.stop();
        }
    }
}
