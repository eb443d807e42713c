package org.preferencelearning.core.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What other writers do between two steps of one. */
class StagedFolderTest {
    @TempDir
    Path home;

    @Test
    void whatWasReplacedDoesNotComeBackWhereAnotherWriterHasTakenTheNewFolderAway() throws Exception {
        Path out = home.resolve("out");
        save(out, "first");
        StagedFolder staged = StagedFolder.beside(out);
        Files.writeString(staged.fresh().resolve("second"), "");
        staged.publish((one, other) -> false);
        Files.move(out, home.resolve("elsewhere"));

        staged.close();

        assertThat(OutputFolderTest.names(home)).containsExactly("elsewhere");
        assertThat(home.resolve("elsewhere/second")).exists();
    }

    @Test
    void whatGaveUpItsNameForNothingComesBack() throws Exception {
        Path out = home.resolve("out");
        save(out, "first");
        StagedFolder staged = StagedFolder.beside(out);
        try (staged) {
            assertThatThrownBy(() -> staged.publish((ready, target) -> {
                        rename(ready, home.resolve("lost"));
                        return false;
                    }))
                    .isInstanceOf(NoSuchFileException.class);
        }
        assertThat(out.resolve("first")).exists();
        assertThat(OutputFolderTest.names(home)).containsExactly("lost", "out");
    }

    private static void rename(Path from, Path to) {
        try {
            Files.move(from, to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void save(Path out, String name) {
        OutputFolder.replace(out, fresh -> Files.writeString(fresh.resolve(name), ""));
    }
}
