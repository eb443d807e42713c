package org.preferencelearning.gpt2.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.testkit.SharedFiles;

class Gpt2TokenizerTest {
    private final Gpt2Tokenizer tokenizer = Gpt2Tokenizer.create();

    /** Ids of Hugging Face's tokenizers over the published vocabulary. */
    @Test
    void idsAreHuggingFaces() {
        assertThat(tokenizer.encode("BEGINNING OF CONVERSATION: USER: hello ASSISTANT: "))
                .containsExactly(
                        33, 43312, 15871, 3963, 7102, 28884, 6234, 25, 1294, 1137, 25, 23748, 24994, 8808, 8643, 25,
                        220);
        assertThat(tokenizer.encode("\n\nHuman: hi\n\nAssistant:"))
                .containsExactly(198, 198, 20490, 25, 23105, 198, 198, 48902, 25);
        assertThat(tokenizer.encode("Hello world!")).containsExactly(15496, 995, 0);
        assertThat(tokenizer.encode("")).isEmpty();
        assertThat(tokenizer.vocabulary()).isEqualTo(50257);
    }

    @Test
    void theLiteralEndOfTextIsOneToken() {
        assertThat(tokenizer.encode("<|endoftext|>")).containsExactly(50256);
        assertThat(tokenizer.encode("Hello<|endoftext|><|endoftext|> world")).containsExactly(15496, 50256, 50256, 995);
        assertThat(tokenizer.encode("<|endoftext")).doesNotContain(50256);
        assertThat(tokenizer.decode(new int[] {15496, 50256})).isEqualTo("Hello<|endoftext|>");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plain text",
                "  leading and   inner spaces ",
                "tabs\tand\nlines\r\n",
                "naïve café — “quotes”",
                "漢字 ひらがな 한글",
                "🙂👩‍👩‍👧‍👦",
                "\u3000ideographic space",
                "a\u0000b",
                "don't we'll I'VE"
            })
    void decodingRestoresTheText(String text) {
        assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
    }

    @Test
    void aNegativeIdIsRefused() {
        assertThatThrownBy(() -> tokenizer.decode(new int[] {-1}))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'token' is -1");
    }

    /** As transformers does for the rows by which a model's table is longer, such as that of an added padding token. */
    @Test
    void idsBeyondTheVocabularyAreNoText() {
        int[] hello = tokenizer.encode("Hello world");
        assertThat(tokenizer.decode(new int[] {50257, hello[0], 60000, Integer.MAX_VALUE, hello[1], 50257}))
                .isEqualTo("Hello world");
        assertThat(tokenizer.decode(new int[] {50257})).isEmpty();
        WordTokenizer words = WordTokenizer.of(List.of("a", "b"));
        assertThat(words.decode(new int[] {0, 3, 1, 7})).isEqualTo("a b");
        assertThatThrownBy(() -> words.decode(new int[] {-1})).isInstanceOf(SettingException.class);
    }

    /** Encodings that were recorded with OpenAI's own implementation. */
    @Test
    void recordedEncodingsAreReproduced() throws IOException {
        String csv = Files.readString(SharedFiles.require("fixtures/jtokkit_r50k_base_encodings.csv"));
        List<List<String>> rows = rows(csv);
        int compared = 0;
        for (List<String> row : rows.subList(1, rows.size())) {
            int[] expected = Arrays.stream(
                            row.get(1).replaceAll("[\\[\\] ]", "").split(","))
                    .mapToInt(Integer::parseInt)
                    .toArray();
            assertThat(tokenizer.encode(row.get(0))).as(row.get(0)).isEqualTo(expected);
            compared++;
        }
        assertThat(compared).isGreaterThan(50);
    }

    /** Comma-separated values with quotes, as RFC 4180. */
    private static List<List<String>> rows(String csv) {
        List<List<String>> rows = new ArrayList<>();
        List<String> row = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < csv.length(); i++) {
            char c = csv.charAt(i);
            if (quoted) {
                if (c != '"') {
                    field.append(c);
                } else if (i + 1 < csv.length() && csv.charAt(i + 1) == '"') {
                    field.append(c);
                    i++;
                } else {
                    quoted = false;
                }
            } else if (c == '"') {
                quoted = true;
            } else if (c == ',' || c == '\n') {
                row.add(field.toString());
                field.setLength(0);
                if (c == '\n') {
                    rows.add(row);
                    row = new ArrayList<>();
                }
            } else if (c != '\r') {
                field.append(c);
            }
        }
        return rows;
    }
}
