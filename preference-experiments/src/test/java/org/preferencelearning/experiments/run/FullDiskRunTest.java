package org.preferencelearning.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.error.PreferenceException;
import org.preferencelearning.core.testkit.SmallDisk;

/** A run on a disk of its own; skipped, with a warning in the log, where the tests may not mount one. */
@EnabledOnOs(OS.LINUX)
class FullDiskRunTest {
    @TempDir
    Path home;

    private SmallDisk small;
    private Path disk;

    @BeforeEach
    void mount() {
        disk = home.resolve("disk");
        small = SmallDisk.mount(disk, 8);
    }

    @AfterEach
    void unmount() {
        if (small != null) {
            small.close();
        }
    }

    @Test
    void aDiskThatIsFullEndsTheRunAndLosesNothingThatIsKept() throws IOException {
        Path whole = home.resolve("whole");
        Runners.local(whole).run(TinyStudies.dataSize());
        Path run = disk.resolve("run");
        Path ballast = disk.resolve("mine");
        int full = 0;
        for (int spare = 40_000; ; spare += 60_000) {
            fill(ballast, spare);
            try {
                Runners.local(run).saving(Saving.everyStep()).run(TinyStudies.dataSize());
                break;
            } catch (PreferenceException e) {
                full++;
                assertThat(e)
                        .hasMessageContaining(disk.toString())
                        .hasMessageMatching("(?s).*(No space left|disk is full).*");
            }
        }
        assertThat(full).isPositive();
        assertThat(RunDirectoryTest.results(run)).isEqualTo(RunDirectoryTest.results(whole));
        assertThat(ballast).exists();
    }

    /** Leaves so many bytes of the disk. */
    private static void fill(Path file, long spare) throws IOException {
        Files.write(file, new byte[0], StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
        FileStore disk = Files.getFileStore(file);
        Files.write(file, new byte[(int) Math.max(0, disk.getUsableSpace() - spare)]);
    }

    @Test
    void aReadOnlyDiskIsSaidBeforeTheWork() throws Exception {
        Path run = disk.resolve("run");
        Runners.local(run).run(TinyStudies.dataSize());
        assertThat(small.makeReadOnly()).isTrue();
        for (Path place : new Path[] {run, disk.resolve("new")}) {
            assertThatThrownBy(() -> Runners.local(place).run(TinyStudies.dataSize()))
                    .isInstanceOf(RunDirectoryException.class)
                    .hasMessageContaining(place.toString())
                    .hasMessageContaining("cannot be written")
                    .hasMessageContaining("the file system is read-only");
        }
        assertThat(Runners.load(run).cells()).hasSize(9);
    }
}
