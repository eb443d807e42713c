package org.preferencelearning.core.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.error.OutputException;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.testkit.SmallDisk;

/** A disk of 4 MB; skipped, with a warning in the log, where the tests may not mount one. */
@EnabledOnOs(OS.LINUX)
class FullDiskTest {
    @TempDir
    Path home;

    private SmallDisk small;
    private Path disk;

    @BeforeEach
    void mount() {
        disk = home.resolve("a disk");
        small = SmallDisk.mount(disk, 4);
    }

    @AfterEach
    void unmount() {
        if (small != null) {
            small.close();
        }
    }

    @Test
    void aFullDiskIsSaidAndWhatWasThereStays() throws IOException {
        Path out = disk.resolve("out");
        OutputFolder.replace(out, fresh -> Files.write(fresh.resolve("weights"), new byte[1_500_000]));
        assertThatThrownBy(() -> OutputFolder.replace(out, fresh -> write(fresh.resolve("weights"), 3_000_000)))
                .isInstanceOf(OutputException.class)
                .hasMessage(out + ": cannot be written: weights: the disk is full");
        Path file = disk.resolve("file");
        assertThatThrownBy(() -> write(file, 3_000_000))
                .isInstanceOf(OutputException.class)
                .hasMessage(file + ": cannot be written: the disk is full");
        assertThat(OutputFolderTest.names(disk)).containsExactly("out");
        assertThat(Files.size(out.resolve("weights"))).isEqualTo(1_500_000);
    }

    private static void write(Path file, int bytes) {
        AtomicFiles.write(file, channel -> {
            for (int i = 0; i < bytes; i += 100_000) {
                channel.write(ByteBuffer.allocate(100_000));
            }
        });
    }

    @Test
    void tooLittleSpaceIsSaidBeforeTheWork() {
        OutputFolder.check("--out", disk.resolve("out"), 4_000_000);
        OutputFile.check("--out", disk.resolve("a/b/out"), 4_000_000);
        assertThatThrownBy(() -> OutputFolder.check("--out", disk.resolve("out"), 5_000_000))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("it takes 5 MB, and 4 MB are free");
        assertThatThrownBy(() -> OutputFile.check("--out", disk.resolve("a/b/out"), 5_000_000))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("it takes 5 MB, and 4 MB are free");
    }

    @Test
    void aMountPointCannotBeReplaced() {
        assertThatThrownBy(() -> OutputFolder.check("--out", disk, 0))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("it is a mount point, which cannot be replaced: name a folder in it");
        assertThatThrownBy(() -> OutputFolder.replace(disk, fresh -> {}))
                .isInstanceOf(OutputException.class)
                .hasMessageContaining("mount point");
    }

    @Test
    void aReadOnlyDiskIsSaid() throws Exception {
        Path out = disk.resolve("out");
        OutputFolder.replace(out, fresh -> {});
        Path file = Files.writeString(disk.resolve("file"), "mine");
        assertThat(small.makeReadOnly()).isTrue();
        for (Path place : new Path[] {out, disk.resolve("new"), disk.resolve("a/b/new")}) {
            assertThatThrownBy(() -> OutputFolder.check("--out", place, 0))
                    .isInstanceOf(SettingException.class)
                    .hasMessageMatching(".*(the file system is read-only|it is write-protected).*");
            assertThatThrownBy(() -> OutputFolder.replace(place, fresh -> {}))
                    .isInstanceOf(OutputException.class)
                    .hasMessageMatching(".*(the file system is read-only|it is write-protected).*");
        }
        for (Path place : new Path[] {file, disk.resolve("new"), disk.resolve("a/b/new")}) {
            assertThatThrownBy(() -> OutputFile.check("--out", place, 0))
                    .isInstanceOf(SettingException.class)
                    .hasMessageMatching(".*(the file system is read-only|it is write-protected).*");
            assertThatThrownBy(() -> AtomicFiles.write(place, new byte[1]))
                    .isInstanceOf(OutputException.class)
                    .hasMessageMatching(".*(the file system is read-only|it is write-protected).*");
        }
    }
}
