package org.preferencelearning.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
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
                "{|not JSON: it ends inside a value",
                "{\"instances\":3}|'instances' is not a list",
                "{\"instances\":[]} {}|something follows the object",
                "{\"instances\":[],\"instances\":[]}|'instances' occurs twice",
                "{\"prompt\":\"q\"}|wanted here: a file of responses",
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
                .hasMessageContaining(message)
                .hasMessageNotContaining("StreamRead");
    }

    /** However the rows are laid out, and whatever they are in. */
    @Test
    void annotatedRowsAreInstances() throws IOException {
        String first = "{\"prompt\": \"q\", \"responses\": [\"a\", \"b\"], \"rewards\": [1, 2.5]}";
        String second = "{\"id\": {\"x\": [1]}, \"responses\": [\"" + "c".repeat(9000) + "\"], \"prompt\": \"r\"}";
        List<AnnotatedPrompt> expected = List.of(
                AnnotatedPrompt.of("q", List.of("a", "b")).withRewards(1, 2.5),
                AnnotatedPrompt.of("r", List.of("c".repeat(9000))));
        Path lines = Files.writeString(folder.resolve("lines.jsonl"), first + "\n\n" + second + "\n");
        assertThat(InstancesFile.read(lines)).isEqualTo(expected);
        assertThat(InstancesFile.read(folder)).isEqualTo(expected);
        assertThat(InstancesFile.read(folder.resolve("l*.jsonl"))).isEqualTo(expected);
        Path list = Files.writeString(folder.resolve("list.json"), "[\n" + second + ",\n" + first + "]");
        assertThat(InstancesFile.read(list)).containsExactly(expected.get(1), expected.get(0));
        assertThatThrownBy(() -> InstancesFile.read(lines, ReadLimits.defaults().withRows(2)))
                .hasMessageContaining("more than 2 rows");
        Files.writeString(lines, first + "\n{\"prompt\": \"q\", \"responses\": [\"a\"], \"rewards\": [1, 2]}");
        assertThatThrownBy(() -> InstancesFile.read(lines))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("lines.jsonl:2: row has 1 responses and 2 rewards");
    }

    @Test
    void theLineOfAFaultIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("a.json"), "{\n\"instances\": [\n{\"prompt\": \"q\"}]}");
        assertThatThrownBy(() -> InstancesFile.read(file)).hasMessageContaining("a.json:3: instances[0].responses");
    }

    @Test
    void packedFilesAreReadAndLimitsHold() throws IOException {
        Path file = folder.resolve("a.json.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(
                    "\uFEFF{\"instances\": [{\"prompt\": \"q\", \"responses\": [\"a\"]}, {\"prompt\": \"r\", \"responses\": [\"b\"]}]}"
                            .getBytes(StandardCharsets.UTF_8));
        }
        assertThat(InstancesFile.read(file))
                .containsExactly(AnnotatedPrompt.of("q", List.of("a")), AnnotatedPrompt.of("r", List.of("b")));
        assertThatThrownBy(() -> InstancesFile.read(file, ReadLimits.defaults().withRows(1)))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("more than 1 rows");
        assertThatThrownBy(() -> InstancesFile.read(file, ReadLimits.defaults().withRowLength(10)))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("longer than 10 characters");
        assertThatThrownBy(() -> InstancesFile.read(file, ReadLimits.defaults().withBytes(20)))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("more than 20 bytes");
    }

    @Test
    void rowsAndResponsesAreNotTakenForEachOther() throws IOException {
        Path rows = Files.writeString(folder.resolve("rows.jsonl"), "{\"prompt\": \"a\"}\n{\"prompt\": \"b\"}\n");
        assertThatThrownBy(() -> InstancesFile.read(rows))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("Rows of pairs, one JSON object a line, are read by 'sft'");
        Path list = Files.writeString(folder.resolve("list.json"), "[{\"prompt\": \"a\"}]");
        assertThatThrownBy(() -> InstancesFile.read(list))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("wanted here: a file of responses");
        for (String content : List.of(
                "{\"type\": \"text_only\", \"instances\": []}", "{\n  \"type\": \"x\",\n  \"instances\": [\n]}")) {
            Path responses = Files.writeString(folder.resolve("responses.json"), content);
            assertThatThrownBy(() -> PromptReader.read(responses, "%s"))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageContaining("it is a file of responses")
                    .hasMessageContaining("'annotate'");
        }
    }
}
