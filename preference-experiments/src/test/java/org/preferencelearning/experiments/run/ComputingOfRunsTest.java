package org.preferencelearning.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.preferencelearning.experiments.dsl.Studies.bfloat16;
import static org.preferencelearning.experiments.dsl.Studies.cpu;
import static org.preferencelearning.experiments.dsl.Studies.cuda;
import static org.preferencelearning.experiments.dsl.Studies.float32;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.error.DeviceException;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.task.Progress;
import org.preferencelearning.gpt2.internal.compile.FusedOperations;
import org.preferencelearning.gpt2.model.Computing;

/** Where and how exactly the models of a run compute. */
class ComputingOfRunsTest {
    @TempDir
    Path folder;

    private final Study study = TinyStudies.dataSize().sizes(16).seeds(1);

    @Test
    void aDeviceThatIsNotThereIsAskedForAndNamed() {
        Computing before = Computing.standard();
        assertThatThrownBy(() -> Runners.inMemory().device(cuda(99)).run(study)).isInstanceOf(DeviceException.class);
        assertThat(Computing.standard()).isEqualTo(before);
    }

    @Test
    void aRunKeepsWhereAndHowExactlyItComputed() {
        assertThat(Runners.inMemory()
                        .device(cpu())
                        .precision(float32())
                        .run(study)
                        .provenance()
                        .facts())
                .containsEntry("device", "cpu")
                .containsEntry("precision", "FLOAT32");
    }

    @Test
    void aRunIsFinishedAndReproducedInThePrecisionInWhichItWasBegun() {
        assumeThat(FusedOperations.bfloat16())
                .as("the processor has instructions for bfloat16")
                .isTrue();
        Path run = folder.resolve("run");
        StudyResult rounded = Runners.local(run).precision(bfloat16()).run(study);
        assertThat(rounded.provenance().facts()).containsEntry("precision", "BFLOAT16");
        assertThat(rounded.cells()).isNotEqualTo(Runners.inMemory().run(study).cells());

        assertThatThrownBy(() -> Runners.local(run).run(study))
                .isInstanceOf(RunDirectoryException.class)
                .hasMessageContaining("was begun in precision BFLOAT16, and FLOAT32 is asked for");
        assertThat(Runners.local(run).precision(bfloat16()).run(study).cells()).isEqualTo(rounded.cells());
        assertThat(Runners.reproduce(run, Progress.none()).toString()).contains("all bits are equal");
    }

    /** Small cells run on other threads, too. */
    @Test
    void whatARunnerIsToldHoldsOnEveryThread() {
        Map<String, Computing> seen = new ConcurrentHashMap<>();
        SharedRunTest.during = number -> {
            pause();
            seen.put(Thread.currentThread().getName() + " " + number, Computing.standard());
        };
        try {
            Runners.inMemory().precision(bfloat16()).run(new SharedRunTest.OwnStudy("own", 40));
        } finally {
            SharedRunTest.during = number -> {};
        }
        assertThat(seen).hasSize(40);
        assertThat(seen.values()).extracting(Computing::precision).containsOnly(bfloat16());
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(5);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
