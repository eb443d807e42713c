package org.preferencelearning.gpt2.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.IntArrayList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.internal.io.JsonFiles;

/**
 * The tokenizer's files in a model's folder, in Hugging Face's form. {@link Gpt2Tokenizer} reads none of them: it is GPT-2's. A
 * model whose files say otherwise has learned other tokens, and would silently be given wrong ones.
 */
public final class TokenizerFiles {
    private static final int MERGES_START = 256;
    private static final String OTHER = "; allowed: GPT-2's own tokens, the only ones that this tokenizer has";
    /** Settings that change what a text becomes, and what GPT-2 has. */
    private static final List<String> OFF =
            List.of("add_prefix_space", "add_bos_token", "add_eos_token", "do_lower_case");

    private final Path folder;
    private final List<String> tokens;

    private TokenizerFiles(Path folder) {
        this.folder = folder;
        this.tokens = tokens();
    }

    /**
     * Throws unless the tokenizer's files that a folder holds, if any, are GPT-2's.
     *
     * @param folder of a model
     * @throws DataFormatException naming the file and the first token or setting that differs
     */
    public static void requireGpt2(Path folder) {
        if (Files.exists(folder.resolve("vocab.json"))
                || Files.exists(folder.resolve("merges.txt"))
                || Files.exists(folder.resolve("tokenizer.json"))
                || Files.exists(folder.resolve("tokenizer_config.json"))) {
            new TokenizerFiles(folder).check();
        }
    }

    private void check() {
        Path vocabulary = folder.resolve("vocab.json");
        if (Files.exists(vocabulary)) {
            requireVocabulary(vocabulary, JsonFiles.read(vocabulary), "");
        }
        Path merges = folder.resolve("merges.txt");
        if (Files.exists(merges)) {
            requireMerges(merges, lines(merges));
        }
        Path whole = folder.resolve("tokenizer.json");
        if (Files.exists(whole)) {
            JsonNode model = JsonFiles.read(whole).path("model");
            requireVocabulary(whole, model.path("vocab"), "model.vocab");
            List<String> pairs = new ArrayList<>();
            // older files have "a b", newer ones ["a", "b"]
            model.path("merges")
                    .forEach(pair -> pairs.add(
                            pair.isArray()
                                    ? pair.path(0).asText() + " " + pair.path(1).asText()
                                    : pair.asText()));
            requireMerges(whole, pairs);
        }
        Path settings = folder.resolve("tokenizer_config.json");
        if (Files.exists(settings)) {
            JsonNode json = JsonFiles.read(settings);
            for (String name : OFF) {
                require(
                        !json.path(name).asBoolean(false),
                        settings,
                        "field '" + name + "' is " + json.path(name) + "; allowed: false, as this tokenizer computes");
            }
        }
    }

    private void requireVocabulary(Path file, JsonNode vocabulary, String field) {
        String at = field.isEmpty() ? "" : "field '" + field + "': ";
        for (int id = 0; id < tokens.size(); id++) {
            JsonNode found = vocabulary.path(tokens.get(id));
            require(
                    found.isInt() && found.intValue() == id,
                    file,
                    at + "token '" + tokens.get(id) + "' is " + (found.isMissingNode() ? "missing" : found)
                            + ", GPT-2's is " + id + OTHER);
        }
    }

    private void requireMerges(Path file, List<String> pairs) {
        int count = Gpt2Tokenizer.END_OF_TEXT_ID - MERGES_START;
        require(pairs.size() == count, file, "there are " + pairs.size() + " merges, GPT-2 has " + count + OTHER);
        for (int i = 0; i < count; i++) {
            String merged = tokens.get(MERGES_START + i);
            require(
                    pairs.get(i).replace(" ", "").equals(merged),
                    file,
                    "merge " + (i + 1) + " is '" + pairs.get(i) + "', GPT-2's makes '" + merged + "'" + OTHER);
        }
    }

    private static void require(boolean valid, Path file, String problem) {
        if (!valid) {
            throw new DataFormatException(file.toString(), 0, problem);
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> !line.isBlank() && !line.startsWith("#version"))
                    .toList();
        } catch (IOException e) {
            throw new DataFormatException(file.toString(), 0, "cannot be read: " + e.getMessage(), e);
        }
    }

    /** GPT-2's tokens by id, without the end of text, each byte written as the character that Hugging Face's files have for it. */
    static List<String> tokens() {
        Encoding encoding = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE);
        char[] characters = characters();
        List<String> tokens = new ArrayList<>();
        for (int id = 0; id < Gpt2Tokenizer.END_OF_TEXT_ID; id++) {
            IntArrayList one = new IntArrayList(1);
            one.add(id);
            StringBuilder token = new StringBuilder();
            for (byte value : encoding.decodeBytes(one)) {
                token.append(characters[Byte.toUnsignedInt(value)]);
            }
            tokens.add(token.toString());
        }
        return tokens;
    }

    /** Of bytes: printable ones are themselves, the others come one after the other from U+0100 on. */
    private static char[] characters() {
        char[] characters = new char[256];
        char next = 0x100;
        for (int value = 0; value < characters.length; value++) {
            boolean printable = value >= '!' && value <= '~' || value >= 0xA1 && value <= 0xAC || value >= 0xAE;
            characters[value] = printable ? (char) value : next++;
        }
        return characters;
    }
}
