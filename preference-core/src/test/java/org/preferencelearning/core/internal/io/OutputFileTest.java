package org.preferencelearning.core.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.preferencelearning.core.error.OutputException;
import org.preferencelearning.core.error.SettingException;

class OutputFileTest {
    @TempDir
    Path home;

    @ParameterizedTest
    @CsvSource({
        "'', it is empty",
        "., it is a folder",
        ".., it is a folder",
        "/, it is a folder",
        "target/.., it is a folder",
        "nowhere/.., it goes back out of a folder that does not exist"
    })
    void foldersAreNoFiles(String place, String problem) throws IOException {
        assertRefused(Path.of(place), problem);
    }

    @Test
    void whatIsNoFileIsRefused() throws IOException {
        assertRefused(home, "it is a folder");
        assertRefused(Files.createSymbolicLink(home.resolve("nothing"), Path.of("nowhere")), "does not exist");
        assertRefused(Files.createSymbolicLink(home.resolve("link"), home), "it is a folder");
        Path file = Files.writeString(home.resolve("file"), "mine");
        assertRefused(file.resolve("below"), "is not a folder");
        assertRefused(home.resolve("n".repeat(256)), "too long");
        assertRefused(home.resolve("a/" + "n".repeat(256)), "too long");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void devicesAndPlacesOfTheKernelsAreRefused() throws IOException {
        assertRefused(Path.of("/dev/null"), "it is not a regular file");
        assertRefused(Path.of("/proc/nothing"), "/proc/");
        assertThat(Files.isRegularFile(Path.of("/dev/null"))).isFalse();
        assertThatThrownBy(() -> OutputFolder.check("--out", Path.of("/proc/nothing/out"), 0))
                .isInstanceOf(SettingException.class);
    }

    @Test
    void filesAreOverwrittenAndNewOnesMade() throws IOException {
        Path file = Files.writeString(home.resolve("file"), "old");
        Path link = Files.createSymbolicLink(home.resolve("link"), Path.of("file"));
        OutputFile.check("--out", link, 10);
        assertThat(file).hasContent("old");
        AtomicFiles.write(link, new byte[] {'n', 'e', 'w'});
        assertThat(link).isSymbolicLink();
        assertThat(file).hasContent("new");
        OutputFile.check("--out", home.resolve("a/b/file"), 10);
        Path longest = home.resolve("n".repeat(255));
        OutputFile.check("--out", longest, 10);
        AtomicFiles.write(longest, new byte[3]);
        assertThat(OutputFolderTest.names(home)).containsExactly("file", "link", "n".repeat(255));
    }

    @Test
    void tooLittleSpaceIsSaidBeforeTheWork() {
        assertThatThrownBy(() -> OutputFile.check("--out", home.resolve("file"), Long.MAX_VALUE / 2))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("it takes 4611686018428 MB, and ");
    }

    private void assertRefused(Path file, String problem) throws IOException {
        var before = OutputFolderTest.contents(home);
        assertThatThrownBy(() -> OutputFile.check("--out", file, 0))
                .isInstanceOf(SettingException.class)
                .hasMessageStartingWith("setting '--out' is " + (file.toString().isEmpty() ? "''" : file) + " (")
                .hasMessageContaining(problem)
                .hasMessageContaining("; allowed: a file that is new or may be overwritten");
        assertThatThrownBy(() -> AtomicFiles.write(file, new byte[1]))
                .isInstanceOf(OutputException.class)
                .hasMessageContaining(problem);
        assertThat(OutputFolderTest.contents(home)).isEqualTo(before);
    }
}
