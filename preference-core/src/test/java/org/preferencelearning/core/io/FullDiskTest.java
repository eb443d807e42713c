package org.preferencelearning.core.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.error.OutputException;
import org.preferencelearning.core.error.SettingException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A disk of 4 MB; skipped, with a warning in the log, where the tests may not mount one. */
@EnabledOnOs(OS.LINUX)
class FullDiskTest {
    private static final Logger LOG = LoggerFactory.getLogger(FullDiskTest.class);

    @TempDir
    Path home;

    private Path disk;

    @BeforeEach
    void mount() throws Exception {
        disk = Files.createDirectory(home.resolve("a disk"));
        if (run("mount", "-t", "tmpfs", "-o", "size=4m", "none", disk.toString()) != 0) {
            LOG.warn("SKIPPED: this test needs a small disk, and none can be mounted");
            Assumptions.abort("cannot mount");
        }
    }

    @AfterEach
    void unmount() throws Exception {
        run("umount", disk.toString());
    }

    private static int run(String... command) throws Exception {
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            return -1;
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
        assertThat(run("mount", "-o", "remount,ro", disk.toString())).isZero();
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
