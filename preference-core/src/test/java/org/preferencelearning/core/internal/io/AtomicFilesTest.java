package org.preferencelearning.core.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.error.OutputException;

class AtomicFilesTest {
    @TempDir
    Path folder;

    @Test
    void aFileIsReplacedAsAWholeAndMissingFoldersAreMade() throws IOException {
        Path file = folder.resolve("a/b/file");
        AtomicFiles.write(file, bytes("a longer first content"));
        AtomicFiles.write(file, bytes("second"));
        assertThat(file).hasContent("second");
        assertThat(file.getParent().toFile().list()).containsExactly("file");
    }

    @Test
    void aWriteThatFailsLeavesTheOldFileAndNothingElse() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "old");
        assertThatThrownBy(() -> AtomicFiles.write(file, channel -> {
                    channel.write(ByteBuffer.wrap(bytes("half of it")));
                    throw new IOException("disk full");
                }))
                .isInstanceOf(OutputException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("disk full");
        assertThat(file).hasContent("old");
        assertThat(folder.toFile().list()).containsExactly("file");
    }

    @Test
    void whileItIsWrittenReadersSeeTheOldFile() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "old");
        AtomicFiles.write(file, channel -> {
            channel.write(ByteBuffer.wrap(bytes("new")));
            assertThat(file).hasContent("old");
        });
        assertThat(file).hasContent("new");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
