package org.preferencelearning.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.preferencelearning.experiments.dsl.Studies.gpt2;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.online.Condition;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.task.Progress;
import org.preferencelearning.experiments.task.StoppedException;
import org.preferencelearning.gpt2.model.ParameterGroup;
import org.preferencelearning.gpt2.model.ParameterSelection;

/** Directories of {@link TinyStudies}, as they are left by processes that ended in every way but a kill. */
class RunDirectoryTest {
    @TempDir
    Path folder;

    private final Study study = TinyStudies.dataSize().sizes(8).seeds(1);

    @Test
    void aFinishedRunIsNotComputedAgainAndCanBeLoadedWithoutItsFiles() throws IOException {
        Path run = folder.resolve("run");
        StudyResult first = Runners.local(run).run(study);
        List<String> parts = new ArrayList<>();
        StudyResult again = Runners.local(run).progress(Recording.parts(parts)).run(study);
        assertThat(parts).isEmpty();
        assertThat(again.rows()).isEqualTo(first.rows());
        assertThat(Runners.load(run).rows()).isEqualTo(first.rows());
        assertThat(Runners.study(run)).isEqualTo(study);
        assertThat(run.resolve("work")).isEmptyDirectory();
    }

    @Test
    void theManifestSaysWithWhatARunWasMade() {
        Map<String, String> facts = Runners.inMemory().run(study).provenance().facts();
        assertThat(facts).containsKeys("library", "commit", "java", "system", "processor", "threads", "nd4j", "onednn");
        assertThat(facts.get("library")).matches("\\d+\\.\\d+\\.\\d+.*");
        assertThat(facts.get("nd4j")).matches("\\d.*");
        assertThat(facts.get("onednn")).matches("3\\.\\d.*");
    }

    @Test
    void theDirectoryDoesNotChangeTheBits() {
        assertThat(Runners.local(folder.resolve("run")).run(study).rows())
                .isEqualTo(Runners.inMemory().run(study).rows());
    }

    @Test
    void aRunThatWasStoppedAfterAnyStepGoesOnWithTheSameBits() throws IOException {
        Path whole = folder.resolve("whole");
        Runners.local(whole).run(study);
        for (int steps : new int[] {0, 1, 5, 9, 10}) {
            Path stopped = folder.resolve("stopped-" + steps);
            AtomicInteger left = new AtomicInteger(steps);
            Progress counting = new Recording(new ArrayList<>()) {
                @Override
                public void step(long done, String status) {
                    left.decrementAndGet();
                }
            };
            assertThatThrownBy(() -> Runners.local(stopped)
                            .progress(counting)
                            .stopWhen(() -> left.get() <= 0)
                            .run(study))
                    .isInstanceOf(StoppedException.class);
            Runners.local(stopped).run(study);
            assertThat(results(stopped)).as("stopped after %d steps", steps).isEqualTo(results(whole));
        }
    }

    /** The model of these studies has one block. */
    @Test
    void blocksThatTheModelDoesNotHaveAreRefusedBeforeAnythingIsComputed() {
        ParameterSelection frozen = ParameterSelection.frozen(ParameterGroup.blocks(0, 2));
        List<Study> wrong = List.of(
                TinyStudies.dataSize()
                        .on(
                                gpt2(TinyStudies.MODEL).training(frozen),
                                TinyStudies.dataSize().dataset()),
                TinyStudies.online().misspecifiedPolicy(frozen).under(Condition.NONE, Condition.POLICY));
        for (Study study : wrong) {
            List<String> parts = new ArrayList<>();
            assertThatThrownBy(() -> Runners.local(folder.resolve(study.name()))
                            .progress(Recording.parts(parts))
                            .run(study))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContainingAll("blocks(0..2)", "blocks 0 to 1, the model's");
            assertThat(parts).isEmpty();
        }
    }

    @Test
    void aRunOfAnotherStudyIsRefusedWithWhatDiffers() {
        Path run = folder.resolve("run");
        Runners.local(run).run(study);
        assertThatThrownBy(() ->
                        Runners.local(run).run(TinyStudies.dataSize().sizes(8).seeds(2)))
                .isInstanceOf(RunDirectoryException.class)
                .hasMessageContaining("study.seeds was [1] and is [2]");
        assertThatThrownBy(() -> Runners.local(run)
                        .run(TinyStudies.dataSize()
                                .sizes(8)
                                .seeds(IntStream.range(0, 500).asLongStream().toArray())))
                .isInstanceOf(RunDirectoryException.class)
                .hasMessageContaining("... (1891 characters, 500 entries)); name another folder")
                .satisfies(refused -> assertThat(refused.getMessage()).hasSizeLessThan(400));
    }

    @Test
    void aFolderWithOtherFilesIsRefusedAndLeftAlone() throws IOException {
        Path mine =
                Files.writeString(Files.createDirectory(folder.resolve("run")).resolve("mine.txt"), "mine");
        assertThatThrownBy(() -> Runners.local(mine.getParent()).run(study))
                .isInstanceOf(RunDirectoryException.class)
                .hasMessageContaining("mine.txt");
        assertThat(mine.getParent()).isDirectoryContaining(file -> file.equals(mine));
        try (Stream<Path> files = Files.list(mine.getParent())) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void aSecondWriterIsToldWhoHoldsTheRun() throws IOException {
        Path run = folder.resolve("run");
        RunDirectory held = RunDirectory.open(run, study, Map.of(), CurrentProvenance.get());
        try (held) {
            assertThatThrownBy(() -> Runners.local(run).run(study))
                    .isInstanceOf(RunDirectoryException.class)
                    .hasMessageContaining("process " + ProcessHandle.current().pid());
        }
    }

    @Test
    void aNewerFormIsRefusedByName() throws IOException {
        Path run = folder.resolve("run");
        Runners.local(run).run(study);
        Path manifest = run.resolve("manifest.json");
        Files.writeString(manifest, Files.readString(manifest).replace("\"format\" : 2", "\"format\" : 3"));
        assertThatThrownBy(() -> Runners.load(run))
                .isInstanceOf(RunDirectoryException.class)
                .hasMessageContaining("'format'")
                .hasMessageContaining("a newer one wrote it");
    }

    /** Every file of a run, cut or changed at random places: set aside and computed again, or refused; never believed. */
    @Test
    void aDamagedFileIsNeverBelieved() throws IOException {
        Path run = folder.resolve("run");
        Runners.local(run).run(study);
        Map<String, String> right = results(run);
        Random random = new Random(41);
        List<Path> files = new ArrayList<>();
        try (Stream<Path> all = Files.walk(run.resolve("tasks"))) {
            all.filter(Files::isRegularFile).sorted().forEach(files::add);
        }
        assertThat(files).hasSizeGreaterThan(10);
        for (int trial = 0; trial < 12; trial++) {
            Path file = files.get(random.nextInt(files.size()));
            byte[] bytes = Files.readAllBytes(file);
            if (random.nextBoolean()) {
                Files.write(file, Arrays.copyOf(bytes, random.nextInt(bytes.length)));
            } else {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                Files.write(file, bytes);
            }
            Runners.local(run).run(study);
            // a task that no unfinished cell needs is not looked at; it is when something asks for it
            assertThat(Runners.load(run).rows())
                    .as("%s damaged", file)
                    .isEqualTo(Runners.local(run).run(study).rows());
        }
        Runners.local(run).run(study);
        assertThat(results(run).keySet()).isEqualTo(right.keySet());
    }

    /** What each finished task found, but for wall times: the hashes of its files by name. */
    static Map<String, String> results(Path run) throws IOException {
        Map<String, String> hashes = new TreeMap<>();
        try (Stream<Path> tasks = Files.list(run.resolve("tasks"))) {
            for (Path task : (Iterable<Path>) tasks::iterator) {
                SealedFolder.hashes(task).forEach((name, hash) -> {
                    if (!name.equals("result/result.json")) {
                        hashes.put(task.getFileName() + "/" + name, hash.toString());
                    }
                });
                Path result = task.resolve("result/result.json");
                if (Files.exists(result)) {
                    hashes.put(
                            task.getFileName() + "/result",
                            Files.readString(result).replaceAll("\"seconds\" : [0-9.E-]+", ""));
                }
            }
        }
        return hashes;
    }
}
