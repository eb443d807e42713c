package org.preferencelearning.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.flagship.CaseBook;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.run.Reproduction;
import org.preferencelearning.experiments.run.Runners;
import org.preferencelearning.experiments.run.Saving;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.task.Progress;
import org.preferencelearning.experiments.task.StoppedException;

/** Studies on Spark in this process. */
class SparkRunnerTest {
    private static SparkContext context;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() {
        context = Clusters.local(2);
    }

    @AfterAll
    static void end() {
        context.stop();
    }

    @AfterEach
    void forget() {
        OwnStudy.during = number -> {};
    }

    @Test
    void theBitsAreThoseOfTheLocalRunner() throws IOException {
        for (Study study :
                List.of(CaseBook.policyMisspecified(1, 0.2), TinyStudies.dataSize(2, 1), TinyStudies.online(16))) {
            Path local = folder.resolve(study.name() + " local");
            Path spark = folder.resolve(study.name() + " spark");
            StudyResult wanted = Runners.local(local).run(study);
            StudyResult found = SparkRunners.spark(context, spark).run(study);
            assertThat(found.rows()).isEqualTo(wanted.rows());
            assertThat(RunFiles.of(spark)).isEqualTo(RunFiles.of(local));
            assertThat(found.provenance().facts()).containsEntry("engine", "Apache Spark " + context.version());
        }
    }

    @Test
    void aRunGoesOnWhereItWasWhoeverBeganIt() throws IOException {
        Study study = TinyStudies.dataSize(2, 3);
        Path whole = folder.resolve("whole");
        Runners.local(whole).run(study);
        Path begunLocally = folder.resolve("begun locally");
        assertThatThrownBy(() -> Runners.local(begunLocally)
                        .saving(Saving.everyStep())
                        .stopWhen(after(20))
                        .run(study))
                .isInstanceOf(StoppedException.class);
        assertThat(begunLocally.resolve("work")).isNotEmptyDirectory();
        SparkRunners.spark(context, begunLocally).run(study);
        assertThat(RunFiles.of(begunLocally)).isEqualTo(RunFiles.of(whole));
        assertThat(begunLocally.resolve("work")).isEmptyDirectory();
        Path begunHere = folder.resolve("begun here");
        AtomicInteger published = new AtomicInteger();
        assertThatThrownBy(() -> SparkRunners.spark(context, begunHere)
                        .progress(counting(published))
                        .stopWhen(() -> published.get() >= 3)
                        .run(study))
                .isInstanceOf(StoppedException.class)
                .hasMessageContaining("resume it to go on");
        assertThat(RunFiles.of(begunHere).size()).isLessThan(RunFiles.of(whole).size());
        Runners.local(begunHere).run(study);
        assertThat(RunFiles.of(begunHere)).isEqualTo(RunFiles.of(whole));
        Reproduction again = Runners.reproduce(begunHere, Progress.none());
        assertThat(again.first()).isEmpty();
    }

    private static java.util.function.BooleanSupplier after(int calls) {
        AtomicInteger left = new AtomicInteger(calls);
        return () -> left.decrementAndGet() < 0;
    }

    private static Progress counting(AtomicInteger steps) {
        return new Progress() {
            @Override
            public void begin(String part, long count) {}

            @Override
            public void step(long done, String status) {
                steps.incrementAndGet();
            }

            @Override
            public void end(String summary) {}
        };
    }

    @Test
    void stagesSayWhatTheyAreAndTheDriverHearsOfWaves() throws TimeoutException {
        List<String> stages = Collections.synchronizedList(new ArrayList<>());
        SparkListener listener = new SparkListener() {
            @Override
            public void onStageSubmitted(SparkListenerStageSubmitted event) {
                stages.add(event.stageInfo().name());
            }
        };
        context.addSparkListener(listener);
        List<String> parts = new ArrayList<>();
        SparkRunners.spark(context, folder.resolve("run"))
                .progress(new Progress() {
                    @Override
                    public void begin(String part, long steps) {
                        parts.add(part);
                    }

                    @Override
                    public void step(long done, String status) {
                        parts.add(done + " " + status);
                    }

                    @Override
                    public void end(String summary) {}
                })
                .run(new OwnStudy("own", 1));
        context.listenerBus().waitUntilEmpty();
        context.removeSparkListener(listener);
        String wave = "wave 1 of 1: 1 " + OwnStudy.OwnCell.class.getName();
        assertThat(stages).containsExactly(wave);
        assertThat(parts).containsExactly(wave, "1 number 0");
    }

    /** A fault is tried again, as Spark does, and what was published stays. */
    @Test
    void aTaskThatFailsOnceIsTriedAgainAndNothingIsCountedTwice() throws IOException {
        Set<Integer> failed = ConcurrentHashMap.newKeySet();
        AtomicInteger calls = new AtomicInteger();
        OwnStudy.during = number -> {
            calls.incrementAndGet();
            if (number % 3 == 1 && failed.add(number)) {
                throw new IllegalStateException("a fault");
            }
        };
        AtomicInteger steps = new AtomicInteger();
        StudyResult result = SparkRunners.spark(context, folder.resolve("run"))
                .progress(counting(steps))
                .run(new OwnStudy("own", 9));
        assertThat(result.cells()).hasSize(9);
        assertThat(calls).hasValue(9 + 3);
        assertThat(steps).hasValue(9);
    }

    @Test
    void whatTheUserCanMendIsSaidAtOnceWithWhere() {
        AtomicInteger calls = new AtomicInteger();
        OwnStudy.during = number -> {
            if (number == 2) {
                calls.incrementAndGet();
                throw new SettingException("setting", "bad", "good");
            }
        };
        assertThatThrownBy(
                        () -> SparkRunners.spark(context, folder.resolve("run")).run(new OwnStudy("own", 3)))
                .isInstanceOf(SparkRunException.class)
                .hasMessageContainingAll("number 2", "executor driver", "setting", "bad", "good");
        assertThat(calls).hasValue(1);
    }

    @Test
    void aFaultThatStaysEndsTheRunWithWhatIsKept() {
        OwnStudy.during = number -> {
            if (number == 1) {
                throw new IllegalStateException("a fault that stays");
            }
        };
        assertThatThrownBy(
                        () -> SparkRunners.spark(context, folder.resolve("run")).run(new OwnStudy("own", 2)))
                .isInstanceOf(SparkRunException.class)
                .hasMessageContainingAll("a fault that stays", "what was published is in");
        OwnStudy.during = number -> assertThat(number).isEqualTo(1);
        assertThat(SparkRunners.spark(context, folder.resolve("run"))
                        .run(new OwnStudy("own", 2))
                        .cells())
                .hasSize(2);
    }

    /** By Hadoop's own classes for local disks, which know nothing of the folder that executors would see. */
    @Test
    void executorsThatSeeNoFolderExchangeResultsThroughAnyOfHadoop() throws IOException {
        for (Study study : List.of(TinyStudies.dataSize(2, 1), TinyStudies.online(300))) {
            Path local = folder.resolve(study.name() + " local");
            Runners.local(local).run(study);
            Path run = folder.resolve(study.name() + " run");
            Path store = folder.resolve(study.name().replace(' ', '-') + "-store");
            SparkRunners.spark(context, run).shared(store.toUri()).run(study);
            assertThat(RunFiles.of(run)).isEqualTo(RunFiles.of(local));
            assertThat(withoutChecksums(RunFiles.of(store))).isEqualTo(RunFiles.of(local));
        }
    }

    /** Those that Hadoop's local file system keeps beside files. */
    private static Map<String, Integer> withoutChecksums(Map<String, Integer> files) {
        files.keySet().removeIf(name -> name.endsWith(".crc"));
        return files;
    }

    @Test
    void aDirectoryOfAnotherSchemeIsTheRunAndLeavesNothingHere() throws IOException {
        assertThatThrownBy(() -> SparkRunners.spark(context, URI.create("other://name/runs")))
                .isInstanceOf(SettingException.class)
                .hasMessageContainingAll("other://name/runs", "fs.AbstractFileSystem.other.impl");
        assertThatThrownBy(() -> SparkRunners.spark(context, URI.create("runs")))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("scheme");
        SparkRunners.spark(context, folder.resolve("run").toUri()).run(new OwnStudy("own", 1));
        assertThat(folder.resolve("run/manifest.json")).exists();
        context.hadoopConfiguration().set("fs.AbstractFileSystem.mounted.impl", MountedFs.class.getName());
        URI there = URI.create("mounted:" + folder.resolve("there"));
        long before = copies();
        StudyResult first = SparkRunners.spark(context, there).run(new OwnStudy("own", 2));
        OwnStudy.during = number -> {
            throw new AssertionError("computed again");
        };
        assertThat(SparkRunners.spark(context, there)
                        .run(new OwnStudy("own", 2))
                        .rows())
                .isEqualTo(first.rows());
        assertThat(copies()).isEqualTo(before);
        assertThat(folder.resolve("there/manifest.json")).exists();
    }

    private static long copies() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> file.getFileName().toString().startsWith("preference-run-"))
                    .count();
        }
    }

    /** A local disk under another scheme. */
    public static final class MountedFs extends DelegateToFileSystem {
        public MountedFs(URI uri, Configuration configuration) throws IOException, URISyntaxException {
            super(uri, new Mounted(), configuration, "mounted", false);
        }

        private static final class Mounted extends RawLocalFileSystem {
            @Override
            public URI getUri() {
                return URI.create("mounted:///");
            }
        }
    }
}
