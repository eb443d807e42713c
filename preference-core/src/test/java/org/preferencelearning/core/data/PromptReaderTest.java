package org.preferencelearning.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.error.DataFormatException;

class PromptReaderTest {
    @TempDir
    Path folder;

    @Test
    void promptsAreWrappedAndKeptInOrderAndEmptyOnesCounted() throws IOException {
        PromptReader.Result read = PromptReader.read(
                file(
                        "{\"prompt\": \"hi\", \"source\": \"a\"}\n{\"prompt\": \" \"}\n{\"prompt\": \"100% é\"}\n{\"prompt\": \"hi\"}"),
                PreferenceFormats.CONVERSATION_TEMPLATE);
        assertThat(read.prompts())
                .containsExactly(
                        "BEGINNING OF CONVERSATION: USER: hi ASSISTANT: ",
                        "BEGINNING OF CONVERSATION: USER: 100% é ASSISTANT: ",
                        "BEGINNING OF CONVERSATION: USER: hi ASSISTANT: ");
        assertThat(read.rejected().counts()).containsEntry("empty prompt", 1).hasSize(1);
    }

    @Test
    void aFileWithoutPromptsIsRefusedWithItsLine() throws IOException {
        Path other = file("{\"prompt\": \"a\"}\n{\"question\": \"b\"}");
        assertThatThrownBy(() -> PromptReader.read(other, "%s"))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("prompt")
                .hasMessageContaining("2");
        Path empty = file("{\"prompt\": \"\"}");
        assertThatThrownBy(() -> PromptReader.read(empty, "%s"))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("no usable row");
    }

    private Path file(String content) throws IOException {
        return Files.writeString(Files.createTempFile(folder, "prompts", ".jsonl"), content);
    }
}
