package org.preferencelearning.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.preferencelearning.experiments.dsl.Studies.nanoGpt2;
import static org.preferencelearning.experiments.dsl.Studies.promptChosenRejected;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.online.Condition;
import org.preferencelearning.experiments.result.Provenance;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.study.Cell;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Claim;
import org.preferencelearning.experiments.study.Contents;
import org.preferencelearning.experiments.study.Measurements;
import org.preferencelearning.experiments.study.Measuring;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.task.Progress;
import org.preferencelearning.experiments.task.StoppedException;
import org.preferencelearning.experiments.task.Task;
import org.preferencelearning.experiments.task.TaskContext;
import org.preferencelearning.experiments.task.TaskKeys;

/** A run whose tasks others compute, led and worked on in this process without an engine. */
class SharedRunTest {
    @TempDir
    Path folder;

    private static final AtomicInteger ATTEMPTS = new AtomicInteger();

    private static SharedRun open(Study study, Path run, Progress progress) {
        return SharedRun.open(study, run, Map.of(), Saving.everyStep(), progress, () -> false);
    }

    private static SharedWorker.Outcome work(SharedRun run, SharedTask task) {
        return SharedWorker.work(
                run.order(), task, "attempt-" + ATTEMPTS.incrementAndGet(), Path.of("unused"), () -> false);
    }

    private static StudyResult runAll(Study study, Path run, Progress progress) {
        try (SharedRun shared = open(study, run, progress)) {
            for (List<SharedTask> wave : shared.waves()) {
                List<SharedTask> backwards = new ArrayList<>(wave);
                Collections.reverse(backwards);
                for (SharedTask task : backwards) {
                    assertThat(work(shared, task)).isEqualTo(SharedWorker.Outcome.PUBLISHED);
                    assertThat(shared.published(task)).isTrue();
                    assertThat(shared.published(task)).isFalse();
                }
            }
            return shared.result();
        }
    }

    @Test
    void theBitsAreThoseOfALocalRunWhateverTheOrder() throws IOException {
        for (Study study : List.of(TinyStudies.dataSize(), TinyStudies.online())) {
            Path local = folder.resolve(study.name() + " local");
            Path shared = folder.resolve(study.name() + " shared");
            StudyResult wanted = Runners.local(local).run(study);
            StudyResult found = runAll(study, shared, Progress.none());
            assertThat(found.rows()).isEqualTo(wanted.rows());
            assertThat(RunDirectoryTest.results(shared)).isEqualTo(RunDirectoryTest.results(local));
            assertThat(shared.resolve("work")).isEmptyDirectory();
        }
    }

    /** Everything that a task needs is published in an earlier wave, and nothing waits longer than it must. */
    @Test
    void aTaskIsOneWaveAfterTheLastOfItsInputs() {
        Study study = TinyStudies.online();
        try (SharedRun run = open(study, folder.resolve("run"), Progress.none())) {
            TaskKeys keys = new TaskKeys();
            Map<String, Set<String>> needs = new HashMap<>();
            study.cells(new FileContents(Progress.none())).forEach(cell -> needs(cell.task(), keys, needs));
            Map<String, Integer> waves = new TreeMap<>();
            List<List<SharedTask>> all = run.waves();
            for (int wave = 0; wave < all.size(); wave++) {
                for (SharedTask task : all.get(wave)) {
                    assertThat(waves.put(task.id(), wave)).isNull();
                }
            }
            assertThat(waves.keySet()).isEqualTo(needs.keySet());
            needs.forEach((task, inputs) -> assertThat(waves.get(task))
                    .as(task)
                    .isEqualTo(inputs.stream().mapToInt(waves::get).max().orElse(-1) + 1));
        }
    }

    /** For each kept task the kept ones that it needs. */
    private static Set<String> needs(Task<?> task, TaskKeys keys, Map<String, Set<String>> all) {
        Set<String> below = task.inputs().stream()
                .flatMap(input -> needs(input, keys, all).stream())
                .collect(Collectors.toSet());
        if (!task.codec().keeps()) {
            return below;
        }
        all.put(keys.of(task).folder(), below);
        return Set.of(keys.of(task).folder());
    }

    @Test
    void itTellsTheEventsOfALocalRun() {
        Study study = TinyStudies.dataSize();
        Set<String> local = new HashSet<>();
        Set<String> shared = new HashSet<>();
        Runners.local(folder.resolve("local")).progress(new Events(local)).run(study);
        runAll(study, folder.resolve("shared"), new Events(shared));
        assertThat(local).anyMatch(event -> event.startsWith("metrics fine-tune"));
        assertThat(shared).isEqualTo(local);
    }

    private record Events(Set<String> events) implements Progress {
        @Override
        public void run(String study, int cells, int tasks) {
            events.add("run " + study + cells + " " + tasks);
        }

        @Override
        public void task(String id, String label) {
            events.add("task " + id + label);
        }

        @Override
        public void metrics(String id, long step, Map<String, Double> metrics) {
            events.add("metrics " + id + step + new TreeMap<>(metrics));
        }

        @Override
        public void taskDone(String id) {
            events.add("done " + id);
        }

        @Override
        public void cell(String cell, int done, int cells) {
            events.add("cell " + cell);
            events.add(done + " of " + cells);
        }

        @Override
        public void begin(String part, long steps) {}

        @Override
        public void step(long done, String status) {}

        @Override
        public void end(String summary) {}
    }

    @Test
    void whatALocalRunBeganIsFinishedAndTheOtherWayRound() throws IOException {
        Study study = TinyStudies.dataSize();
        Path whole = folder.resolve("whole");
        Runners.local(whole).run(study);
        Path begunLocally = folder.resolve("begun locally");
        AtomicInteger left = new AtomicInteger(9);
        assertThatThrownBy(() -> Runners.local(begunLocally)
                        .progress(new Recording(new ArrayList<>()) {
                            @Override
                            public void step(long done, String status) {
                                left.decrementAndGet();
                            }
                        })
                        .stopWhen(() -> left.get() <= 0)
                        .run(study))
                .isInstanceOf(StoppedException.class);
        runAll(study, begunLocally, Progress.none());
        assertThat(RunDirectoryTest.results(begunLocally)).isEqualTo(RunDirectoryTest.results(whole));
        Path begunElsewhere = folder.resolve("begun elsewhere");
        try (SharedRun run = open(study, begunElsewhere, Progress.none())) {
            for (SharedTask task : run.waves().get(0)) {
                work(run, task);
            }
            // and one that is stopped in its first step
            SharedTask trained = run.waves().get(1).stream()
                    .filter(task -> task.kind().equals("train-on-pairs"))
                    .findFirst()
                    .orElseThrow();
            AtomicInteger asked = new AtomicInteger();
            assertThatThrownBy(() -> SharedWorker.work(
                            run.order(), trained, "stopped", Path.of("unused"), () -> asked.incrementAndGet() > 1))
                    .isInstanceOf(StoppedException.class);
        }
        assertThat(begunElsewhere.resolve("work")).isNotEmptyDirectory();
        Runners.local(begunElsewhere).run(study);
        assertThat(RunDirectoryTest.results(begunElsewhere)).isEqualTo(RunDirectoryTest.results(whole));
    }

    /** What each of an own study's tasks does while it is computed. */
    static volatile IntConsumer during = number -> {};

    /** A cell that a test looks into. */
    record OwnCell(int number) implements Measuring {
        @Override
        public Measurements run(TaskContext context) {
            during.accept(number);
            return Measurements.builder().add("number", number, "").build(0);
        }

        @Override
        public boolean small() {
            return true;
        }

        @Override
        public String label() {
            return "number " + number;
        }
    }

    /** A study of so many cells. */
    record OwnStudy(String name, int count) implements Study {
        @Override
        public List<Claim> claims() {
            return List.of();
        }

        @Override
        public List<Cell> cells(Contents contents) {
            return IntStream.range(0, count)
                    .mapToObj(i -> new Cell(CellId.of(CellId.SEED, i), new OwnCell(i)))
                    .toList();
        }

        @Override
        public Map<String, List<String>> coordinates() {
            return Map.of(
                    CellId.SEED,
                    IntStream.range(0, count).mapToObj(Integer::toString).toList());
        }

        @Override
        public List<String> metrics() {
            return List.of("number");
        }
    }

    /** 600 prompts are three parts, which are computed in whatever order by whoever comes. */
    @Test
    void tasksOfManyPromptsAreCutInPartsOfWhichTheBitsKnowNothing() throws IOException {
        Study study = TinyStudies.online().prompts(600, 300).iterations(1).under(Condition.NONE);
        Path local = folder.resolve("local");
        Runners.local(local).run(study);
        Path shared = folder.resolve("shared");
        List<String> labels = new ArrayList<>();
        try (SharedRun run = open(study, shared, Progress.none())) {
            List<List<SharedTask>> waves = run.waves();
            waves.forEach(wave -> wave.forEach(task -> labels.add(task.label())));
            for (List<SharedTask> wave : waves) {
                List<SharedTask> backwards = new ArrayList<>(wave);
                Collections.reverse(backwards);
                for (SharedTask task : backwards) {
                    // a part that is lost is computed where the parts are joined
                    if (!task.label().equals("pairs of fine-tuned policy, part 2 of 3")) {
                        assertThat(work(run, task)).isEqualTo(SharedWorker.Outcome.PUBLISHED);
                        assertThat(run.published(task)).isTrue();
                        if (task.part() != SharedTask.WHOLE) {
                            assertThat(work(run, task)).isEqualTo(SharedWorker.Outcome.FOUND);
                        }
                    }
                }
            }
            run.result();
        }
        assertThat(labels)
                .contains("pairs of fine-tuned policy", "pairs of fine-tuned policy, part 3 of 3")
                .contains("rewards of fine-tuned policy, part 2 of 2");
        assertThat(RunDirectoryTest.results(shared)).isEqualTo(RunDirectoryTest.results(local));
    }

    @Test
    void ofTwoAttemptsTheFirstThatPublishesCounts() throws IOException {
        Path place = folder.resolve("run");
        try (SharedRun run = open(new OwnStudy("own", 2), place, Progress.none())) {
            List<SharedTask> wave = run.waves().get(0);
            List<SharedWorker.Outcome> inner = new ArrayList<>();
            // an attempt that is overtaken while it computes
            during = number -> {
                during = again -> {};
                inner.add(work(run, wave.get(number)));
            };
            assertThat(work(run, wave.get(0))).isEqualTo(SharedWorker.Outcome.LATE);
            assertThat(inner).containsExactly(SharedWorker.Outcome.PUBLISHED);
            // and one that comes after the result
            during = number -> {
                throw new AssertionError("computed again");
            };
            assertThat(work(run, wave.get(0))).isEqualTo(SharedWorker.Outcome.FOUND);
            during = number -> {};
            work(run, wave.get(1));
            // what an attempt that was killed would leave
            Files.createDirectories(
                    place.resolve("tasks/.unfinished-" + wave.get(1).id() + "-killed/result"));
            Files.createDirectories(place.resolve("work/" + wave.get(1).id() + "/state-1"));
            wave.forEach(run::published);
            assertThat(run.result().cells()).hasSize(2);
        } finally {
            during = number -> {};
        }
        try (Stream<Path> tasks = Files.list(place.resolve("tasks"))) {
            assertThat(tasks).hasSize(2);
        }
        assertThat(place.resolve("work")).isEmptyDirectory();
    }

    @Test
    void aTaskThatIsSaidToBePublishedAndIsNotIsRefused() {
        try (SharedRun run = open(new OwnStudy("own", 1), folder.resolve("run"), Progress.none())) {
            SharedTask task = run.waves().get(0).get(0);
            assertThatThrownBy(() -> run.published(task))
                    .isInstanceOf(RunDirectoryException.class)
                    .hasMessageContaining("is the folder one that all processes share?");
        }
    }

    @Test
    void aProcessThatWouldComputeOtherBitsIsRefused() throws IOException {
        Path data = Files.writeString(
                folder.resolve("pairs.jsonl"),
                "{\"prompt\": \"a\", \"chosen\": \"b\", \"rejected\": \"c\"}\n".repeat(40));
        Study study = TinyStudies.dataSize().on(nanoGpt2(), promptChosenRejected(data));
        Path place = folder.resolve("run");
        try (SharedRun run = open(study, place, Progress.none())) {
            SharedTask task = run.waves().get(0).get(0);
            WorkOrder order = run.order();
            Map<String, String> facts = new HashMap<>(order.facts());
            facts.put("threads", "1000");
            assertThatThrownBy(() -> elsewhere(order, facts, task))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContainingAll("OMP_NUM_THREADS", "1000, as where the study was started");
            facts.putAll(order.facts());
            facts.put("onednn", "2.0");
            assertThatThrownBy(() -> elsewhere(order, facts, task)).hasMessageContaining("onednn");
            Files.writeString(data, "{\"prompt\": \"a\", \"chosen\": \"b\", \"rejected\": \"d\"}\n".repeat(40));
            assertThatThrownBy(() -> elsewhere(order, order.facts(), task))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContainingAll("pairs.jsonl", "SHA-256", "that of the run");
        }
    }

    @Test
    void otherThreadsThanBeforeAreToldByNumber() {
        Map<String, String> facts = CurrentProvenance.get().facts();
        assertThat(RunDirectory.otherThreads(threads(facts, "7"), threads(facts, "7")))
                .isEmpty();
        assertThat(RunDirectory.otherThreads(
                        threads(facts, "one a processor"), threads(facts, facts.get("processors"))))
                .isEmpty();
        assertThat(RunDirectory.otherThreads(threads(facts, "7"), threads(facts, "3")))
                .hasValueSatisfying(
                        warning -> assertThat(warning).contains("with 7 threads", "with 3", "OMP_NUM_THREADS=7"));
    }

    private static Provenance threads(Map<String, String> facts, String threads) {
        Map<String, String> others = new HashMap<>(facts);
        others.put("threads", threads);
        return new Provenance(others);
    }

    /** As a process that does not lead the run. */
    private static void elsewhere(WorkOrder order, Map<String, String> facts, SharedTask task) {
        WorkOrder other = new WorkOrder(
                order.directory(), "elsewhere", order.device(), order.precision(), facts, Duration.ZERO, 2, null);
        SharedWorker.work(other, task, "elsewhere", Path.of("unused"), () -> false);
    }
}
