package org.preferencelearning.core.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.preferencelearning.core.error.OutputException;
import org.preferencelearning.core.error.SettingException;

class OutputFolderTest {
    private static final FolderExchange NONE = (one, other) -> false;

    @TempDir
    Path home;

    @ParameterizedTest
    @CsvSource({
        "'', it is empty",
        "., it is or contains the current folder",
        "./, it is or contains the current folder",
        ".., it is or contains the current folder",
        "target/.., it is or contains the current folder",
        "target/../.., it is or contains the current folder",
        "/, it is the root",
        "/tmp/.., it is the root",
        "nowhere/.., it goes back out of a folder that does not exist",
        "nowhere/../../x, it goes back out of a folder that does not exist"
    })
    void placesThatAreNeverReplaced(String place, String problem) throws IOException {
        assertRefused(Path.of(place), problem);
    }

    @Test
    void theHomeFolderIsNeverReplaced() throws IOException {
        Path user = Files.createDirectories(home.resolve("people/me"));
        String before = System.setProperty("user.home", user.toString());
        try {
            assertRefused(user, "home folder");
            assertRefused(home, "home folder");
            assertRefused(Files.createSymbolicLink(home.resolve("link"), user), "home folder");
        } finally {
            System.setProperty("user.home", before);
        }
        assertThat(user).exists();
    }

    @Test
    void aFolderWithFilesOfTheUserIsNamedWithThem() throws IOException {
        Path keep = Files.createDirectory(home.resolve("keep"));
        for (String name : List.of("a.txt", "b.txt", "c.txt", "d.txt", "e.txt")) {
            Files.writeString(keep.resolve(name), name);
        }
        assertRefused(keep, "it holds what this library did not write: ");
        assertRefused(keep, " and more");
    }

    @ParameterizedTest
    @ValueSource(strings = {"notes.txt", "inner/notes.txt", "deep/er/notes.txt", ".hidden"})
    void aFileOfTheUserInAFolderOfOursIsNamed(String name) throws IOException {
        Path out = home.resolve("out");
        OutputFolder.replace(out, OutputFolderTest::content);
        Path notes = out.resolve(name);
        Files.createDirectories(notes.getParent());
        Files.writeString(notes, "mine");
        assertRefused(out, name.startsWith("deep") ? "deep/" : name);
    }

    @Test
    void linksAndEmptyFoldersInAFolderOfOursAreTheUsers() throws IOException {
        Path out = home.resolve("out");
        OutputFolder.replace(out, OutputFolderTest::content);
        Path folder = Files.createDirectory(out.resolve("empty"));
        assertRefused(out, "empty/");
        Files.delete(folder);
        // under a name that the marker lists
        Path elsewhere = Files.writeString(home.resolve("elsewhere"), "mine");
        Files.delete(out.resolve("weights"));
        Files.createSymbolicLink(out.resolve("weights"), elsewhere);
        assertRefused(out, "weights");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "[1]",
                "{\"version\": 1}",
                "{\"version\": 2, \"files\": [\"notes.txt\"]}",
                "{\"version\": 1, \"files\": []}",
                "{\"version\": 1, \"files\": [\"../notes.txt\", 3]}"
            })
    void aMarkerThatIsNotOursAllowsNothing(String marker) throws IOException {
        Path out = Files.createDirectory(home.resolve("out"));
        Files.writeString(out.resolve("notes.txt"), "mine");
        Files.writeString(out.resolve(OutputMarker.NAME), marker);
        assertRefused(out, "notes.txt");
    }

    @Test
    void aMarkerCannotNameFilesElsewhere() throws IOException {
        Path victim = Files.writeString(home.resolve("victim"), "mine");
        Path out = Files.createDirectory(home.resolve("out"));
        Files.writeString(
                out.resolve(OutputMarker.NAME),
                "{\"version\": 1, \"files\": [\"../victim\", \"../../victim\", \"" + victim + "\"]}");
        OutputFolder.replace(out, OutputFolderTest::content);
        assertThat(victim).hasContent("mine");
        assertThat(names(home)).containsExactly("out", "victim");
    }

    @Test
    void aFileIsNoFolder() throws IOException {
        Path file = Files.writeString(home.resolve("file"), "mine");
        assertRefused(file, "it is not a folder");
        assertRefused(file.resolve("out"), "is not a folder");
        assertRefused(file.resolve("a/b/out"), "is not a folder");
    }

    @Test
    void aLinkToNothingIsRefusedAndStays() throws IOException {
        Path link = Files.createSymbolicLink(home.resolve("link"), Path.of("nowhere"));
        assertRefused(link, "link to something that does not exist");
        assertRefused(link.resolve("out"), "link to something that does not exist");
        assertThat(link).isSymbolicLink();
    }

    @Test
    void aLinkToAFolderIsFollowed() throws IOException {
        Path real = Files.createDirectory(home.resolve("real"));
        Path link = Files.createSymbolicLink(home.resolve("link"), real);
        OutputFolder.check("--out", link, 10);
        OutputFolder.replace(link, OutputFolderTest::content);
        OutputFolder.replace(link.resolve("../second"), OutputFolderTest::content);
        assertThat(link).isSymbolicLink();
        assertThat(real.resolve("weights")).hasContent("weights");
        assertThat(home.resolve("second/weights")).hasContent("weights");
        assertThat(names(home)).containsExactly("link", "real", "second");
    }

    @Test
    void namesThatTheSystemDoesNotTake() throws IOException {
        assertRefused(home.resolve("n".repeat(256)), "too long");
        assertRefused(home.resolve("a/b/" + "n".repeat(256)), "too long");
        assertRefused(home.resolve("a/b/" + "n".repeat(256) + "/c"), "too long");
        assertRefused(home.resolve("d/".repeat(2500) + "e"), "too long");
        Path longest = home.resolve("\u00e9".repeat(127) + "n");
        OutputFolder.check("--out", longest, 0);
        OutputFolder.replace(longest, OutputFolderTest::content);
        OutputFolder.replace(longest, OutputFolderTest::content);
        assertThat(longest.resolve("weights")).hasContent("weights");
        assertThat(names(home)).containsExactly(longest.getFileName().toString());
    }

    @Test
    void tooLittleSpaceIsSaidBeforeTheWork() {
        Path out = home.resolve("a/b/out");
        assertThatThrownBy(() -> OutputFolder.check("--out", out, Long.MAX_VALUE / 2))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("setting '--out' is " + out)
                .hasMessageContaining("it takes 4611686018428 MB, and ")
                .hasMessageContaining(" MB are free");
        assertThat(home).isEmptyDirectory();
    }

    @Test
    void aCheckLeavesNothing() throws IOException {
        Path inside = Files.createDirectory(home.resolve("inside"));
        OutputFolder.check("--out", inside.resolve("a/b/out"), 1000);
        assertThat(inside).isEmptyDirectory();
        OutputFolder.check("--out", inside, 1000);
        assertThat(inside).isEmptyDirectory();
        assertThat(names(home)).containsExactly("inside");
    }

    @Test
    void aFolderOfOursIsReplacedAndItsNeighboursAreLeftAlone() throws IOException {
        Path out = home.resolve("out");
        for (String name : List.of("out.old", "out.kept", ".out.12-34.preference-writing", "out.123", ".out.partial")) {
            Files.writeString(Files.createDirectory(home.resolve(name)).resolve("mine"), name);
        }
        List<String> before = names(home);
        for (FolderExchange exchange : List.of(FolderExchange.ofSystem(), NONE)) {
            OutputFolder.replace(
                    out,
                    fresh -> {
                        content(fresh);
                        Files.createDirectories(fresh.resolve("in/side"));
                        Files.writeString(fresh.resolve("in/side/one"), "one");
                    },
                    exchange);
            assertThat(out.resolve("in/side/one")).hasContent("one");
            OutputFolder.check("--out", out, 0);
            OutputFolder.replace(out, OutputFolderTest::content, exchange);
            assertThat(names(out)).containsExactly("inner", OutputMarker.NAME, "weights");
        }
        assertThat(names(home)).hasSize(before.size() + 1).containsAll(before).contains("out");
        assertThat(home.resolve("out.old/mine")).hasContent("out.old");
    }

    @Test
    void theMarkerListsTheFilesAndNothingThatChangesFromRunToRun() throws IOException {
        OutputFolder.replace(home.resolve("one"), OutputFolderTest::content);
        OutputFolder.replace(home.resolve("two"), OutputFolderTest::content);
        String marker = Files.readString(home.resolve("one").resolve(OutputMarker.NAME));
        assertThat(JsonFiles.read(home.resolve("one").resolve(OutputMarker.NAME))
                        .get("files"))
                .hasToString("[\"inner/part\",\"weights\"]");
        assertThat(home.resolve("two").resolve(OutputMarker.NAME)).hasContent(marker);
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void modesAreThoseThatTheUsersMaskGives() throws IOException {
        Path file = Files.writeString(home.resolve("file"), "");
        Path folder = Files.createDirectory(home.resolve("folder"));
        Path out = home.resolve("out");
        OutputFolder.replace(out, fresh -> AtomicFiles.write(fresh.resolve("weights"), new byte[3]));
        assertThat(mode(out)).isEqualTo(mode(folder)).isNotEqualTo("rwx------");
        assertThat(mode(out.resolve("weights"))).isEqualTo(mode(file)).isNotEqualTo("rw-------");
        assertThat(mode(out.resolve(OutputMarker.NAME))).isEqualTo(mode(file));
    }

    @Test
    void aSaveThatFailsLeavesWhatWasThereAndNothingElse() throws IOException {
        Path out = home.resolve("out");
        OutputFolder.replace(out, OutputFolderTest::content);
        var before = contents(home);
        assertThatThrownBy(() -> OutputFolder.replace(out, fresh -> {
                    Files.writeString(fresh.resolve("half"), "");
                    throw new IOException("No space left on device");
                }))
                .isInstanceOf(OutputException.class)
                .hasMessage(out + ": cannot be written: the disk is full");
        assertThatThrownBy(() -> OutputFolder.replace(out, fresh -> {
                    AtomicFiles.write(fresh.resolve("weights"), channel -> {
                        throw new IOException("No space left on device");
                    });
                }))
                .isInstanceOf(OutputException.class)
                .hasMessage(out + ": cannot be written: weights: the disk is full");
        assertThatThrownBy(() -> OutputFolder.replace(out, fresh -> {
                    throw new IllegalStateException("a bug");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(contents(home)).isEqualTo(before);
    }

    @Test
    void filesThatArriveDuringTheSaveAreNotLost() throws IOException {
        Path out = home.resolve("out");
        OutputFolder.replace(out, OutputFolderTest::content);
        assertThatThrownBy(() -> OutputFolder.replace(out, fresh -> {
                    content(fresh);
                    Files.writeString(out.resolve("notes.txt"), "mine");
                }))
                .isInstanceOf(OutputException.class)
                .hasMessageContaining("notes.txt");
        assertThat(out.resolve("notes.txt")).hasContent("mine");
        assertThat(names(home)).containsExactly("out");
    }

    @Test
    void filesThatArriveAtTheLastMomentAreSetAside() throws IOException {
        Path out = home.resolve("out");
        OutputFolder.replace(out, OutputFolderTest::content);
        FolderExchange late = (one, other) -> {
            try {
                Files.writeString(other.resolve("notes.txt"), "mine");
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            return FolderExchange.ofSystem().exchange(one, other);
        };
        OutputFolder.replace(out, fresh -> Files.writeString(fresh.resolve("second"), "2"), late);
        assertThat(names(out)).containsExactly(OutputMarker.NAME, "second");
        assertThat(names(home)).hasSize(2);
        Path kept = home.resolve(names(home).get(1));
        assertThat(kept.getFileName().toString()).startsWith("out.kept-");
        assertThat(names(kept)).containsExactly("inner", "notes.txt", OutputMarker.NAME, "weights");
    }

    private void assertRefused(Path folder, String problem) throws IOException {
        var before = contents(home);
        assertThatThrownBy(() -> OutputFolder.check("--out", folder, 0))
                .isInstanceOf(SettingException.class)
                .hasMessageStartingWith(
                        "setting '--out' is " + (folder.toString().isEmpty() ? "''" : folder) + " (")
                .hasMessageContaining(problem)
                .hasMessageContaining("; allowed: a folder that is new, empty or written by this library");
        assertThatThrownBy(() -> OutputFolder.replace(folder, fresh -> {
                    throw new AssertionError("begun");
                }))
                .isInstanceOf(OutputException.class)
                .hasMessageContaining(problem);
        assertThat(contents(home)).isEqualTo(before);
    }

    private static void content(Path folder) throws IOException {
        Files.writeString(folder.resolve("weights"), "weights");
        Files.writeString(Files.createDirectory(folder.resolve("inner")).resolve("part"), "part");
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    static List<String> names(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().collect(Collectors.toList());
        }
    }

    /** Everything in a folder: files with their content, links with their aim. */
    static TreeMap<String, String> contents(Path folder) throws IOException {
        TreeMap<String, String> contents = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.collect(Collectors.toList())) {
                String content = Files.isSymbolicLink(path)
                        ? "-> " + Files.readSymbolicLink(path)
                        : Files.isDirectory(path) ? "/" : Files.readString(path);
                contents.put(folder.relativize(path).toString(), content);
            }
        }
        return contents;
    }
}
