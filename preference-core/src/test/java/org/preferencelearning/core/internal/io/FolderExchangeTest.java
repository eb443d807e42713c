package org.preferencelearning.core.internal.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs({OS.LINUX, OS.MAC})
class FolderExchangeTest {
    @TempDir
    Path home;

    @Test
    void twoFoldersTakeEachOthersNames() throws IOException {
        Path one = Files.createDirectory(home.resolve("one"));
        Path other = Files.createDirectories(home.resolve("with in/other \u00e9"));
        Files.writeString(one.resolve("a"), "a");
        assertThat(FolderExchange.ofSystem().exchange(one, other)).isTrue();
        assertThat(one).isEmptyDirectory();
        assertThat(other.resolve("a")).hasContent("a");
    }

    @Test
    void whereOneIsMissingNothingChanges() throws IOException {
        Path one = Files.createDirectory(home.resolve("one"));
        assertThat(FolderExchange.ofSystem().exchange(one, home.resolve("missing")))
                .isFalse();
        assertThat(FolderExchange.ofSystem().exchange(home.resolve("missing"), one))
                .isFalse();
        assertThat(OutputFolderTest.names(home)).containsExactly("one");
    }

    @Test
    void aReplacementIsOneExchangeOfTwoWholeFolders() {
        Path out = home.resolve("out");
        OutputFolder.replace(out, fresh -> SavingProcess.fill(fresh, (byte) 1));
        Object first = key(out);
        List<Boolean> exchanges = new ArrayList<>();
        OutputFolder.replace(out, fresh -> SavingProcess.fill(fresh, (byte) 2), (ready, target) -> {
            assertThat(target).isEqualTo(real(out));
            assertThat(key(target)).isEqualTo(first);
            assertThat(OutputMarker.complete(ready)).isTrue();
            boolean done = FolderExchange.ofSystem().exchange(ready, target);
            assertThat(key(ready)).isEqualTo(first);
            assertThat(OutputMarker.complete(target)).isTrue();
            exchanges.add(done);
            return done;
        });
        assertThat(exchanges).containsExactly(true);
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Object key(Path path) {
        try {
            return Files.getAttribute(path, "unix:ino");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
