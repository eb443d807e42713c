package org.preferencelearning.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.experiments.online.Condition;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.task.Progress;
import org.preferencelearning.experiments.task.StoppedException;

/** Runs whose processes have no folder in common. */
class RunStoreTest {
    @TempDir
    Path folder;

    private static final AtomicInteger ATTEMPTS = new AtomicInteger();

    private RunStore store(String name) {
        return new FolderStore(folder.resolve(name).toString());
    }

    private static SharedRun open(Study study, Path run, RunStore store) {
        return SharedRun.open(
                study, run, Optional.of(store), Map.of(), Saving.everyStep(), Progress.none(), () -> false);
    }

    private SharedWorker.Outcome work(SharedRun run, SharedTask task) {
        return SharedWorker.work(
                run.order(), task, "attempt-" + ATTEMPTS.incrementAndGet(), folder.resolve("worker"), () -> false);
    }

    private void runAll(Study study, Path run, RunStore store) throws IOException {
        try (SharedRun shared = open(study, run, store)) {
            for (List<SharedTask> wave : shared.waves()) {
                for (SharedTask task : wave) {
                    assertThat(work(shared, task)).isEqualTo(SharedWorker.Outcome.PUBLISHED);
                    assertThat(work(shared, task)).isEqualTo(SharedWorker.Outcome.FOUND);
                    // copies do not gather where tasks are computed
                    assertThat(tasks(folder.resolve(
                                    "worker/run-" + shared.order().run())))
                            .hasSizeLessThanOrEqualTo(task.shared().size());
                    assertThat(shared.published(task)).isTrue();
                }
            }
            shared.result();
        }
        assertThat(folder.resolve("worker")).isEmptyDirectory();
    }

    private static List<String> tasks(Path run) throws IOException {
        try (Stream<Path> tasks = Files.list(run.resolve("tasks"))) {
            return tasks.map(task -> task.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void theBitsAreThoseOfALocalRunHereAndInTheStore() throws IOException {
        for (Study study : List.of(
                TinyStudies.dataSize(),
                TinyStudies.online().prompts(600, 300).iterations(1).under(Condition.NONE))) {
            Path local = folder.resolve(study.name() + " local");
            Runners.local(local).run(study);
            Path run = folder.resolve(study.name() + " run");
            RunStore store = store(study.name() + " store");
            runAll(study, run, store);
            for (Path copy : List.of(run, Path.of(store.toString()))) {
                assertThat(RunDirectoryTest.results(copy)).isEqualTo(RunDirectoryTest.results(local));
                assertThat(copy.resolve("work"))
                        .satisfiesAnyOf(work -> assertThat(work).doesNotExist(), work -> assertThat(work)
                                .isEmptyDirectory());
            }
            // what the store holds is a run like any other
            assertThat(Runners.reproduce(Path.of(store.toString()), Progress.none())
                            .first())
                    .isEmpty();
        }
    }

    @Test
    void itIsFinishedFromTheStoreAloneFromTheFolderAloneAndFromWhatALocalRunLeft() throws IOException {
        Study study = TinyStudies.dataSize();
        Path whole = folder.resolve("whole");
        Runners.local(whole).run(study);
        RunStore store = store("store");
        Path begun = folder.resolve("begun");
        try (SharedRun run = open(study, begun, store)) {
            for (SharedTask task : run.waves().get(0)) {
                work(run, task);
            }
            SharedTask trained = run.waves().get(1).stream()
                    .filter(task -> task.kind().equals("train-on-pairs"))
                    .findFirst()
                    .orElseThrow();
            AtomicInteger asked = new AtomicInteger();
            assertThatThrownBy(() -> SharedWorker.work(
                            run.order(),
                            trained,
                            "stopped",
                            folder.resolve("worker"),
                            () -> asked.incrementAndGet() > 1))
                    .isInstanceOf(StoppedException.class);
            assertThat(store.list("work/" + trained.id())).isNotEmpty();
        }
        // the states of the one that was stopped came here
        try (Stream<Path> states = Files.walk(begun.resolve("work"))) {
            assertThat(states.filter(path -> path.endsWith("metrics.jsonl"))).isNotEmpty();
        }
        Path elsewhere = folder.resolve("elsewhere");
        runAll(study, elsewhere, store);
        assertThat(RunDirectoryTest.results(elsewhere)).isEqualTo(RunDirectoryTest.results(whole));
        Runners.local(begun).run(study);
        assertThat(RunDirectoryTest.results(begun)).isEqualTo(RunDirectoryTest.results(whole));

        Path local = folder.resolve("local");
        AtomicInteger left = new AtomicInteger(9);
        assertThatThrownBy(() -> Runners.local(local)
                        .saving(Saving.everyStep())
                        .stopWhen(() -> left.decrementAndGet() <= 0)
                        .run(study))
                .isInstanceOf(StoppedException.class);
        RunStore second = store("second");
        runAll(study, local, second);
        assertThat(RunDirectoryTest.results(Path.of(second.toString()))).isEqualTo(RunDirectoryTest.results(whole));
    }

    @Test
    void ofTwoAttemptsTheFirstThatReachesTheStoreCounts() throws IOException {
        RunStore store = store("store");
        try (SharedRun run = open(new SharedRunTest.OwnStudy("own", 1), folder.resolve("run"), store)) {
            SharedTask task = run.waves().get(0).get(0);
            SharedRunTest.during = number -> {
                SharedRunTest.during = again -> {};
                assertThat(work(run, task)).isEqualTo(SharedWorker.Outcome.PUBLISHED);
            };
            assertThat(work(run, task)).isEqualTo(SharedWorker.Outcome.LATE);
            store.publish(Files.createDirectories(folder.resolve("left")), "tasks/.unfinished-x", "killed");
        } finally {
            SharedRunTest.during = number -> {};
        }
        assertThat(store.list("tasks")).hasSize(1);
    }

    @Test
    void whatIsDamagedInTheStoreIsSetAsideAndComputedAgain() throws IOException {
        Study study = TinyStudies.dataSize();
        RunStore store = store("store");
        Path first = folder.resolve("first");
        runAll(study, first, store);
        String tuned = tasks(first).stream()
                .filter(task -> task.startsWith("fine-tune"))
                .findFirst()
                .orElseThrow();
        Files.writeString(folder.resolve("store/tasks").resolve(tuned).resolve("task.json"), "{}");
        Path second = folder.resolve("second");
        try (SharedRun run = open(study, second, store)) {
            assertThat(run.waves().get(0)).extracting(SharedTask::id).containsExactly(tuned);
            assertThat(store.list("damaged")).hasSize(1);
            assertThat(work(run, run.waves().get(0).get(0))).isEqualTo(SharedWorker.Outcome.PUBLISHED);
            assertThat(run.published(run.waves().get(0).get(0))).isTrue();
        }
        assertThat(RunDirectoryTest.results(folder.resolve("store")))
                .isEqualTo(RunDirectoryTest.results(first))
                .isEqualTo(RunDirectoryTest.results(second));
    }

    /** An executor finds it, where the driver's own copy is whole. */
    @Test
    void whatAnExecutorFindsDamagedIsGivenAgainByTheNextDriver() throws IOException {
        Study study = TinyStudies.dataSize();
        RunStore store = store("store");
        Path run = folder.resolve("run");
        try (SharedRun shared = open(study, run, store)) {
            List<List<SharedTask>> waves = shared.waves();
            SharedTask tuned = waves.get(0).stream()
                    .filter(task -> task.kind().equals("fine-tune"))
                    .findFirst()
                    .orElseThrow();
            work(shared, tuned);
            shared.published(tuned);
            Files.writeString(folder.resolve("store/tasks").resolve(tuned.id()).resolve("task.json"), "{}");
            SharedTask next = waves.get(1).get(0);
            assertThatThrownBy(() -> work(shared, next))
                    .isInstanceOf(RunDirectoryException.class)
                    .hasMessageContaining("task.json is not what was written");
        }
        runAll(study, run, store);
    }

    @Test
    void aStoreOfAnotherStudyOrOfOtherFilesIsRefused() throws IOException {
        RunStore store = store("store");
        Path first = folder.resolve("first");
        open(TinyStudies.dataSize(), first, store).close();
        assertThatThrownBy(() -> open(TinyStudies.dataSize().seeds(7), folder.resolve("second"), store))
                .isInstanceOf(RunDirectoryException.class)
                .hasMessageContainingAll(store.toString(), "belongs to another study", "seeds");
        // the refused study's own folder is as good as new
        Runners.local(folder.resolve("second")).run(TinyStudies.dataSize().seeds(7));
        assertThatThrownBy(() -> open(new SharedRunTest.OwnStudy("own", 1), folder.resolve("third"), store))
                .isInstanceOf(RunDirectoryException.class)
                .hasMessageContainingAll(store.toString(), "holds another study");
        assertThatThrownBy(() -> open(TinyStudies.dataSize(), folder.resolve("fifth"), new FolderStore("/dev/null/no")))
                .isInstanceOf(RunDirectoryException.class)
                .hasMessageStartingWith("/dev/null/no: cannot be used: ");
        Files.createDirectories(folder.resolve("other/pictures"));
        assertThatThrownBy(() -> open(TinyStudies.dataSize(), folder.resolve("fourth"), store("other")))
                .isInstanceOf(RunDirectoryException.class)
                .hasMessageContaining("pictures");
        assertThat(folder.resolve("other/pictures")).exists();
    }
}
