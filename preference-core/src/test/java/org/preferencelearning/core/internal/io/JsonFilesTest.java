package org.preferencelearning.core.internal.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.error.DataFormatException;

class JsonFilesTest {
    @TempDir
    Path folder;

    @Test
    void aMarkAndWideCharactersAreRead() throws IOException {
        assertThat(JsonFiles.read(file("\uFEFF{\"a\": 1}".getBytes(UTF_8)))
                        .get("a")
                        .intValue())
                .isEqualTo(1);
        assertThat(JsonFiles.read(file("\uFEFF{\"a\": 1}".getBytes(StandardCharsets.UTF_16LE)))
                        .get("a")
                        .intValue())
                .isEqualTo(1);
    }

    @Test
    void faultsAreSaidInPlainWordsWithTheirLine() throws IOException {
        assertFault(file("{\n\"a\": 1,\n".getBytes(UTF_8)), "json:3: not JSON: it ends inside a value");
        assertFault(file("{\n\"a\": 1, \"a\": 2}".getBytes(UTF_8)), "json:2: not JSON: field 'a' occurs twice");
        assertFault(file("{} {}".getBytes(UTF_8)), "not JSON");
        assertFault(file("[".repeat(100_000).getBytes(UTF_8)), "nested too deep");
        assertFault(file("<html>".getBytes(UTF_8)), "json:1: not JSON: unexpected character '<'");
    }

    @Test
    void onlyRegularFilesOfABearableSizeAreRead() throws Exception {
        assertFault(folder, "it is a folder");
        assertFault(folder.resolve("none"), "no such file");
        Path large = folder.resolve("large.json");
        try (RandomAccessFile sparse = new RandomAccessFile(large.toFile(), "rw")) {
            sparse.setLength(JsonFiles.MAX_BYTES + 1L);
        }
        assertFault(large, "longer than 268435456 bytes");
        Path pipe = folder.resolve("pipe");
        Process process = new ProcessBuilder("mkfifo", pipe.toString()).start();
        Assumptions.assumeTrue(process.waitFor(5, TimeUnit.SECONDS) && process.exitValue() == 0, "no mkfifo here");
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(20), () -> assertFault(pipe, "a named pipe"));
    }

    private static void assertFault(Path file, String message) {
        assertThatThrownBy(() -> JsonFiles.read(file))
                .isInstanceOf(DataFormatException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(message)
                .hasMessageNotContaining("StreamReadFeature");
    }

    private Path file(byte[] content) throws IOException {
        return Files.write(Files.createTempFile(folder, "value", ".json"), content);
    }
}
