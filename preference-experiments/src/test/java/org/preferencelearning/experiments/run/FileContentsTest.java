package org.preferencelearning.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.experiments.dsl.Studies;
import org.preferencelearning.experiments.task.Progress;

class FileContentsTest {
    @TempDir
    Path folder;

    private String hash(Path source) {
        return new FileContents(Progress.none()).of(Studies.promptChosenRejected(source));
    }

    /** What a task's key has of data: of one file its bytes, of several their names and bytes, and nothing else. */
    @Test
    void dataOfSeveralFilesIsHashedByNamesAndBytes() throws IOException {
        Path one = Files.writeString(folder.resolve("a.jsonl"), "1");
        assertThat(hash(one))
                .isEqualTo(Hashing.sha256().hashBytes(new byte[] {'1'}).toString());
        String alone = hash(folder);
        assertThat(alone).isEqualTo(hash(folder.resolve("*.jsonl"))).isNotEqualTo(hash(one));
        Files.writeString(folder.resolve("README"), "no data");
        assertThat(hash(folder)).isEqualTo(alone);
        Path second = Files.writeString(folder.resolve("b.csv"), "2");
        String both = hash(folder);
        assertThat(both).isNotEqualTo(alone);
        Files.writeString(second, "3");
        assertThat(hash(folder)).isNotEqualTo(both);
        Files.writeString(second, "2");
        Files.move(second, folder.resolve("c.csv"));
        assertThat(hash(folder)).isNotEqualTo(both);
    }

    @Test
    void columnsDoNotChangeWhatAFileHolds() throws IOException {
        Path one = Files.writeString(folder.resolve("a.jsonl"), "1");
        assertThat(new FileContents(Progress.none())
                        .of(Studies.promptChosenRejected(one).columns(Studies.prompt("q"))))
                .isEqualTo(hash(one));
    }
}
