package org.preferencelearning.core.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.error.SettingException;

/** What the next check does with what a writer left that was killed between two of its steps. */
class LeftoversTest {
    @TempDir
    Path home;

    private Path out;
    private Path stage;

    @BeforeEach
    void someoneWasKilled() throws IOException {
        out = home.resolve("out");
        stage = Files.createDirectory(home.resolve(".out.1-0123456789abcdef.preference-writing"));
    }

    @Test
    void beforeItsFirstFile() throws IOException {
        OutputFolder.check("--out", out, 0);
        assertThat(home).isEmptyDirectory();
    }

    @Test
    void beforeItSaidWhatItIs() throws IOException {
        Files.createFile(stage.resolve("writer.json"));
        OutputFolder.check("--out", out, 0);
        assertThat(home).isEmptyDirectory();
    }

    @Test
    void whileItFilledTheFolder() throws IOException {
        writer();
        Files.writeString(Files.createDirectories(stage.resolve("new/inner")).resolve("half"), "ha");
        OutputFolder.check("--out", out, 0);
        assertThat(home).isEmptyDirectory();
    }

    @Test
    void afterTheExchange() throws IOException {
        writer();
        complete(stage.resolve("ready"), "old");
        complete(out, "new");
        OutputFolder.check("--out", out, 0);
        assertThat(OutputFolderTest.names(home)).containsExactly("out");
        assertThat(out.resolve("weights")).hasContent("new");
    }

    @Test
    void whileItDeletedTheOldFolder() throws IOException {
        writer();
        complete(stage.resolve("old.0"), "old");
        Files.delete(stage.resolve("old.0/weights"));
        complete(out, "new");
        OutputFolder.check("--out", out, 0);
        assertThat(OutputFolderTest.names(home)).containsExactly("out");
        assertThat(out.resolve("weights")).hasContent("new");
    }

    @Test
    void beforeACompleteFolderGotItsName() throws IOException {
        writer();
        complete(stage.resolve("ready"), "new");
        OutputFolder.check("--out", out, 0);
        assertThat(OutputFolderTest.names(home)).containsExactly("out");
        assertThat(out.resolve("weights")).hasContent("new");
    }

    @Test
    void betweenTheTwoStepsOfASystemWithoutExchange() throws IOException {
        writer();
        complete(stage.resolve("old.0"), "old");
        complete(stage.resolve("ready"), "new");
        OutputFolder.replace(out, fresh -> {
            assertThat(out.resolve("weights")).hasContent("new");
            Files.writeString(fresh.resolve("weights"), "newer");
        });
        assertThat(OutputFolderTest.names(home)).containsExactly("out");
        assertThat(out.resolve("weights")).hasContent("newer");
    }

    @Test
    void anIncompleteFolderDoesNotComeBack() throws IOException {
        writer();
        complete(stage.resolve("ready"), "old");
        Files.delete(stage.resolve("ready/weights"));
        OutputFolder.check("--out", out, 0);
        assertThat(home).isEmptyDirectory();
    }

    @Test
    void filesOfTheUserAreSetAside() throws IOException {
        writer();
        complete(stage.resolve("old.0"), "old");
        Files.writeString(stage.resolve("old.0/notes.txt"), "mine");
        complete(out, "new");
        OutputFolder.check("--out", out, 0);
        assertThat(OutputFolderTest.names(home)).hasSize(2).first().isEqualTo("out");
        Path kept = home.resolve(OutputFolderTest.names(home).get(1));
        assertThat(kept.getFileName().toString()).startsWith("out.kept-");
        assertThat(kept.resolve("notes.txt")).hasContent("mine");
    }

    @Test
    void whatOnlyLooksLikeOursStays() throws IOException {
        Files.writeString(stage.resolve("writer.json"), "{}");
        Files.writeString(Files.createDirectory(stage.resolve("new")).resolve("notes.txt"), "mine");
        assertStays();
        writer();
        Files.writeString(stage.resolve("notes.txt"), "mine");
        assertStays();
        Files.delete(stage.resolve("notes.txt"));
        Files.delete(stage.resolve("writer.json"));
        assertStays();
    }

    @Test
    void leftoversOfOtherTargetsStay() throws IOException {
        writer();
        OutputFolder.check("--out", home.resolve("ou"), 0);
        OutputFolder.check("--out", home.resolve("out.1"), 0);
        OutputFile.check("--out", home.resolve("out"), 0);
        assertThat(stage).doesNotExist();
        Path other = Files.writeString(home.resolve(".out2.1-0123456789abcdef.preference-partial"), "half");
        AtomicFiles.write(out, new byte[1]);
        assertThat(other).exists();
        AtomicFiles.write(home.resolve("out2"), new byte[1]);
        assertThat(OutputFolderTest.names(home)).containsExactly("out", "out2");
    }

    @Test
    void aWriterInThisProcessIsNamed() {
        OutputFolder.replace(out, fresh -> {
            Files.writeString(fresh.resolve("weights"), "first");
            assertThatThrownBy(() -> OutputFolder.check("--out", out, 0))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining("process " + ProcessHandle.current().pid() + " is writing it");
            OutputFolder.replace(out, other -> Files.writeString(other.resolve("weights"), "second"));
            assertThat(out.resolve("weights")).hasContent("second");
        });
        assertThat(out.resolve("weights")).hasContent("first");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aWriterInAnotherProcessIsNamedAndLeftAlone() throws Exception {
        Process process = SavingProcess.start("hold", out, home.resolve("practice"));
        try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
            while (!said.readLine().equals("holds")) {}
            assertThatThrownBy(() -> OutputFolder.check("--out", out, 0))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining("process " + process.pid() + " is writing it");
            OutputFolder.replace(out, fresh -> SavingProcess.fill(fresh, (byte) 102));
            assertThat(SavingProcess.versionOfFolder(out)).isEqualTo((byte) 102);
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
            assertThat(process.waitFor()).isZero();
            assertThat(SavingProcess.versionOfFolder(out)).isEqualTo((byte) 103);
        } finally {
            process.destroyForcibly();
        }
        assertThat(OutputFolderTest.names(home)).containsExactly("out");
    }

    private void assertStays() throws IOException {
        var before = OutputFolderTest.contents(stage);
        OutputFolder.check("--out", out, 0);
        assertThat(OutputFolderTest.contents(stage)).isEqualTo(before);
    }

    /** As a real writer says it. */
    private void writer() throws IOException {
        OutputFolder.replace(
                home.resolve("other"),
                fresh -> Files.copy(
                        fresh.resolveSibling("writer.json"),
                        stage.resolve("writer.json"),
                        StandardCopyOption.REPLACE_EXISTING));
        FolderContents.deleteUnfinished(home.resolve("other"));
    }

    private static void complete(Path folder, String content) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("weights"), content);
        OutputMarker.write(folder);
    }
}
