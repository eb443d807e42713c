package org.preferencelearning.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.preferencelearning.core.error.DataFormatException;

class InstancesFileTest {
    @TempDir
    Path folder;

    @Test
    void whatIsWrittenIsReadBack() {
        List<AnnotatedPrompt> prompts = List.of(
                AnnotatedPrompt.of("p \"one\" ", List.of("a", "")),
                AnnotatedPrompt.of("zwei\n", List.of("b", "ü")).withRewards(0.25, -3));
        Path file = folder.resolve("set.json");
        InstancesFile.write(file, prompts);
        assertThat(InstancesFile.read(file)).isEqualTo(prompts);
    }

    /** As Python's json.dump writes it. */
    @Test
    void theirFilesAreRead() throws IOException {
        Path file = folder.resolve("set.json");
        Files.writeString(
                file,
                "{\"type\": \"text_only\", \"instances\": [{\"prompt\": \"q\", \"responses\": [\"\\u00fc\", \"b\"],"
                        + " \"rewards\": [1, -0.5]}]}");
        assertThat(InstancesFile.read(file))
                .containsExactly(AnnotatedPrompt.of("q", List.of("ü", "b")).withRewards(1, -0.5));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|'instances' is missing",
                "[]|'instances' is missing",
                "{|not JSON",
                "{\"instances\":[{\"responses\":[\"a\"]}]}|instances[0].prompt is missing",
                "{\"instances\":[{\"prompt\":\"q\",\"responses\":[]}]}|instances[0].responses is missing, empty",
                "{\"instances\":[{\"prompt\":\"q\",\"responses\":[3]}]}|instances[0].responses holds 3",
                "{\"instances\":[{\"prompt\":\"q\",\"responses\":[\"a\"],\"rewards\":[\"x\"]}]}|not a finite number",
                "{\"instances\":[{\"prompt\":\"q\",\"responses\":[\"a\"],\"rewards\":[1,2]}]}|1 responses and 2 rewards",
            })
    void anotherShapeIsRefusedByName(String content, String message) throws IOException {
        Path file = folder.resolve("set.json");
        Files.writeString(file, content);
        assertThatThrownBy(() -> InstancesFile.read(file))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(message);
    }
}
