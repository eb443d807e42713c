package org.preferencelearning.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.task.Progress;
import org.preferencelearning.experiments.task.StoppedException;

/** Computing a run again finds the first difference, and none where there is none. */
class ReproductionTest {
    @TempDir
    Path folder;

    private final Study study = TinyStudies.dataSize().sizes(16).seeds(1);

    @Test
    void aRunIsReproducedToTheBit() {
        Path run = folder.resolve("run");
        Runners.local(run).run(study);
        Reproduction found = Runners.reproduce(run, Progress.none());
        assertThat(found.first()).isEmpty();
        // pairs are not kept: the description, the policy, two scores and two cells are
        assertThat(found.tasks()).isEqualTo(6);
        assertThat(found.circumstances()).isEmpty();
        assertThat(found.toString()).contains("6 tasks computed again: all bits are equal");
    }

    @Test
    void whatIsDamagedOrUnfinishedIsSaidBeforeAnyWork() throws IOException {
        Path run = folder.resolve("run");
        Runners.local(run).run(study);
        Path task = only(run.resolve("tasks"), "fine-tune-");
        Path weights = task.resolve("result/model.safetensors");
        flip(weights, Files.size(weights) - 7);
        assertThatThrownBy(() -> Runners.reproduce(run, Progress.none()))
                .isInstanceOf(RunDirectoryException.class)
                .hasMessageContainingAll("resume it first", "model.safetensors is not what was written");
        // no cell needs the policy any more, and yet it is mended
        Runners.local(run).run(study);
        assertThat(Runners.reproduce(run, Progress.none()).first()).isEmpty();
        assertThat(run.resolve("damaged")).isNotEmptyDirectory();
        SealedFolder.delete(only(run.resolve("tasks"), "score-reference-", 2));
        assertThatThrownBy(() -> Runners.reproduce(run, Progress.none())).hasMessageContaining("it is missing");
    }

    @Test
    void oneChangedBitOfAWeightIsFound() throws IOException {
        Path run = folder.resolve("run");
        Runners.local(run).run(study);
        Path task = only(run.resolve("tasks"), "fine-tune-");
        Path weights = task.resolve("result/model.safetensors");
        flip(weights, Files.size(weights) - 7);
        reseal(task);
        Reproduction.Difference first =
                Runners.reproduce(run, Progress.none()).first().orElseThrow();
        assertThat(first.task()).isEqualTo("fine-tuned policy");
        assertThat(first.where()).isEqualTo("result/model.safetensors, byte " + (Files.size(weights) - 7));
    }

    /** A bit that changes while a run is stopped shows in the metrics of the first step after it. */
    @Test
    void oneBitThatChangesInTheMiddleOfATrainingIsFoundWithStepAndMetric() throws IOException {
        Path run = folder.resolve("run");
        AtomicInteger left = new AtomicInteger(3);
        Progress counting = new Recording(new ArrayList<>()) {
            @Override
            public void step(long done, String status) {
                left.decrementAndGet();
            }
        };
        try {
            Runners.local(run)
                    .progress(counting)
                    .stopWhen(() -> left.get() <= 0)
                    .run(study);
        } catch (StoppedException e) {
            // as asked
        }
        Path state = only(only(run.resolve("work"), "fine-tune-"), "state-");
        Path training = state.resolve("training");
        Path tensors = only(training, "tensors-");
        // the last tensor's last value: a trained parameter's exponent
        flip(tensors, Files.size(tensors) - 1);
        resealState(training, tensors);
        reseal(state);
        Runners.local(run).run(study);
        Reproduction.Difference first =
                Runners.reproduce(run, Progress.none()).first().orElseThrow();
        assertThat(first.task()).isEqualTo("fine-tuned policy");
        assertThat(first.where()).startsWith("step 4, ");
        assertThat(first.was()).isNotEqualTo(first.is());
    }

    @Test
    void aRunThatIsCopiedHalfWayEndsInTheSameBits() throws IOException {
        Path whole = folder.resolve("whole");
        Runners.local(whole).run(study);
        Path first = folder.resolve("first");
        AtomicInteger left = new AtomicInteger(5);
        Progress counting = new Recording(new ArrayList<>()) {
            @Override
            public void step(long done, String status) {
                left.decrementAndGet();
            }
        };
        try {
            Runners.local(first)
                    .progress(counting)
                    .stopWhen(() -> left.get() <= 0)
                    .run(study);
        } catch (StoppedException e) {
            // as asked
        }
        Path second = folder.resolve("elsewhere/second");
        copy(first, second);
        MoreFiles.deleteRecursively(first, RecursiveDeleteOption.ALLOW_INSECURE);
        Runners.local(second).run(study);
        assertThat(RunDirectoryTest.results(second)).isEqualTo(RunDirectoryTest.results(whole));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : (Iterable<Path>) all::iterator) {
                Path target = to.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(path, target);
                }
            }
        }
    }

    private static Path only(Path parent, String prefix) throws IOException {
        return only(parent, prefix, 1);
    }

    /** The first of so many. */
    private static Path only(Path parent, String prefix, int count) throws IOException {
        try (Stream<Path> all = Files.list(parent)) {
            List<Path> found = all.filter(path -> path.getFileName().toString().startsWith(prefix))
                    .toList();
            assertThat(found).hasSize(count);
            return found.get(0);
        }
    }

    private static void flip(Path file, long position) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[(int) position] ^= 1;
        Files.write(file, bytes);
    }

    /** Writes the hashes anew, as if the change had been there from the start. */
    private static void reseal(Path sealed) throws IOException {
        StringBuilder seal = new StringBuilder();
        SealedFolder.hashes(sealed)
                .forEach((name, hash) ->
                        seal.append(hash).append("  ").append(name).append('\n'));
        Files.writeString(sealed.resolve(SealedFolder.SEAL), seal);
    }

    private static void resealState(Path state, Path changed) throws IOException {
        Path file = state.resolve("files.sha256");
        String hash = MoreFiles.asByteSource(changed).hash(Hashing.sha256()).toString();
        String name = changed.getFileName().toString();
        Files.writeString(file, Files.readString(file).replaceAll("[0-9a-f]{64}(?=  " + name + ")", hash));
    }
}
