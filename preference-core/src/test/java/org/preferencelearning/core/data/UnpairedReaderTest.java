package org.preferencelearning.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.preferencelearning.core.error.DataFormatException;

class UnpairedReaderTest {
    @TempDir
    Path folder;

    @Test
    void rowsAreReadInOrderAndWhatIsNotUsedIsCounted() throws IOException {
        UnpairedReader.Result read = UnpairedReader.read(file("rows.jsonl", """
                {"prompt": "Q", "completion": " A", "label": true, "source": "x"}
                {"prompt": "Q", "completion": "", "label": true}
                {"prompt": "", "completion": " B", "label": false, "weight": 0.5}
                {"prompt": "Q", "completion": " C", "label": false, "weight": -1}
                """));
        assertThat(read.responses())
                .containsExactly(new UnpairedResponse("Q", " A", true, 1), new UnpairedResponse("", " B", false, 0.5));
        assertThat(read.rejected().counts()).isEqualTo(Map.of("empty response", 1, "weight below 0", 1));
        assertThat(read.unusedFields()).isEqualTo(Map.of("source", 1));
    }

    @Test
    void tablesSayTheirLabelsInWords() throws IOException {
        UnpairedReader.Result read =
                UnpairedReader.read(file("rows.csv", "prompt,completion,label\nQ,A,True\nQ,B,false\nQ,C,1\nQ,D,0\n"));
        assertThat(read.responses().stream().map(UnpairedResponse::desirable))
                .containsExactly(true, false, true, false);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"prompt\": \"Q\", \"completion\": \"A\"}|field 'label' is missing",
                "{\"prompt\": \"Q\", \"completion\": \"A\", \"label\": 1}|field 'label' is 1; allowed: true and false",
                "{\"prompt\": \"Q\", \"completion\": \"A\", \"label\": \"true\"}|field 'label' is \"true\"",
                "{\"prompt\": \"Q\", \"completion\": \"A\", \"label\": null}|field 'label' is null",
                "{\"prompt\": \"Q\", \"chosen\": \"A\", \"rejected\": \"B\"}|field 'completion' is missing",
                "{\"prompt\": [], \"completion\": \"A\", \"label\": true}|field 'prompt' is ARRAY, not a text",
            })
    void anotherSchemaIsRefusedWithLineAndField(String row, String message) throws IOException {
        Path file = file("rows.jsonl", row);
        assertThatThrownBy(() -> UnpairedReader.read(file))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("rows.jsonl:1: ")
                .hasMessageContaining(message);
    }

    @Test
    void aFileOfNothingUsableIsRefused() throws IOException {
        Path file = file("rows.jsonl", "{\"prompt\": \"Q\", \"completion\": \"\", \"label\": true}");
        assertThatThrownBy(() -> UnpairedReader.read(file))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("no usable row; rejected: 1 {empty response=1}");
    }

    private Path file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }
}
