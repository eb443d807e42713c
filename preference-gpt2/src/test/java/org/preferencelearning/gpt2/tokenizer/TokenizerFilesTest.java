package org.preferencelearning.gpt2.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.error.DataFormatException;

class TokenizerFilesTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final List<String> TOKENS = TokenizerFiles.tokens();

    @TempDir
    Path folder;

    /** As the model's own files have them. */
    @Test
    void tokensAreWrittenAsHuggingFaceDoes() {
        assertThat(TOKENS).hasSize(50256).doesNotHaveDuplicates();
        assertThat(TOKENS.get(0)).isEqualTo("!");
        assertThat(TOKENS.get(198)).isEqualTo("\u010a");
        assertThat(TOKENS.get(220)).isEqualTo("\u0120");
        assertThat(TOKENS.get(262)).isEqualTo("\u0120the");
        assertThat(TOKENS.get(995)).isEqualTo("\u0120world");
        assertThat(TOKENS.get(15496)).isEqualTo("Hello");
        assertThat(TOKENS.get(256)).isEqualTo("\u0120t");
        assertThat(TOKENS.get(50255)).isEqualTo("\u0120gazed");
        assertThat(IntStream.range(188, 221).mapToObj(TOKENS::get))
                .containsExactlyElementsOf(IntStream.range(0x100, 0x121)
                        .mapToObj(Character::toString)
                        .toList());
    }

    @Test
    void filesOfGpt2AndNoFilesAreTaken() throws IOException {
        TokenizerFiles.requireGpt2(folder);
        vocabulary(tokens -> tokens);
        Files.write(folder.resolve("merges.txt"), merges("#version: 0.2"));
        Files.writeString(
                folder.resolve("tokenizer_config.json"), "{\"add_prefix_space\": false, \"model_max_length\": 9}");
        whole(false);
        TokenizerFiles.requireGpt2(folder);
        whole(true);
        TokenizerFiles.requireGpt2(folder);
    }

    @Test
    void othersAreRefusedByFileAndToken() throws IOException {
        vocabulary(tokens -> tokens.put("\u0120the", 263));
        refused("vocab.json: token '\u0120the' is 263, GPT-2's is 262; allowed: GPT-2's own tokens");
        vocabulary(tokens -> tokens.without(List.of("!")));
        refused("vocab.json: token '!' is missing");
        Files.delete(folder.resolve("vocab.json"));
        Files.writeString(folder.resolve("merges.txt"), "a b\n");
        refused("merges.txt: there are 1 merges, GPT-2 has 50000");
        List<String> merges = merges("#version: 0.2");
        merges.set(1, "x y");
        Files.write(folder.resolve("merges.txt"), merges);
        refused("merges.txt: merge 1 is 'x y', GPT-2's makes '\u0120t'");
        Files.delete(folder.resolve("merges.txt"));
        Files.writeString(folder.resolve("tokenizer.json"), "{}");
        refused("tokenizer.json: field 'model.vocab': token '!' is missing");
        Files.delete(folder.resolve("tokenizer.json"));
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"add_prefix_space\": true}");
        refused("tokenizer_config.json: field 'add_prefix_space' is true; allowed: false");
    }

    private void refused(String problem) {
        assertThatThrownBy(() -> TokenizerFiles.requireGpt2(folder))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining(problem);
    }

    private static ObjectNode vocabulary() {
        ObjectNode tokens = MAPPER.createObjectNode();
        for (int id = 0; id < TOKENS.size(); id++) {
            tokens.put(TOKENS.get(id), id);
        }
        return tokens.put("<|endoftext|>", 50256);
    }

    private void vocabulary(UnaryOperator<ObjectNode> change) throws IOException {
        MAPPER.writeValue(folder.resolve("vocab.json").toFile(), change.apply(vocabulary()));
    }

    /** Where a merge is cut does not matter here. */
    private static List<String> merges(String... first) {
        List<String> lines = new java.util.ArrayList<>(List.of(first));
        TOKENS.subList(256, 50256).forEach(token -> lines.add(token.charAt(0) + " " + token.substring(1)));
        return lines;
    }

    private void whole(boolean pairsAsArrays) throws IOException {
        ObjectNode root = MAPPER.createObjectNode();
        ObjectNode model = root.putObject("model").put("type", "BPE");
        model.set("vocab", vocabulary());
        ArrayNode merges = model.putArray("merges");
        for (String merge : merges()) {
            if (pairsAsArrays) {
                merges.addArray().add(merge.split(" ")[0]).add(merge.split(" ")[1]);
            } else {
                merges.add(merge);
            }
        }
        MAPPER.writeValue(folder.resolve("tokenizer.json").toFile(), root);
    }
}
