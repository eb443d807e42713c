package org.preferencelearning.gpt2.graph;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.io.JsonFiles;

/**
 * The shape of a GPT-2.
 *
 * @param vocabulary number of tokens, at least 1 ({@code vocab_size})
 * @param positions longest sequence, at least 1 ({@code n_positions})
 * @param width length of a hidden vector, a multiple of heads ({@code n_embd})
 * @param layers number of blocks, at least 1 ({@code n_layer})
 * @param heads attention heads of a block, at least 1 ({@code n_head})
 * @param layerNormEpsilon added to the variance, above 0 ({@code layer_norm_epsilon})
 * @param endOfText id of the token that ends a text, in the vocabulary ({@code eos_token_id})
 */
public record Gpt2Config(
        int vocabulary, int positions, int width, int layers, int heads, double layerNormEpsilon, int endOfText) {

    private static final int GPT2_VOCABULARY = 50257;
    private static final int GPT2_POSITIONS = 1024;
    private static final double GPT2_EPSILON = 1e-5;

    public Gpt2Config {
        SettingException.requireAtLeast("vocab_size", vocabulary, 1);
        SettingException.requireAtLeast("n_positions", positions, 1);
        SettingException.requireAtLeast("n_embd", width, 1);
        SettingException.requireAtLeast("n_layer", layers, 1);
        SettingException.requireAtLeast("n_head", heads, 1);
        SettingException.require(width % heads == 0, "n_head", heads, "a divisor of n_embd, which is " + width);
        SettingException.requirePositive("layer_norm_epsilon", layerNormEpsilon);
        SettingException.require(
                endOfText >= 0 && endOfText < vocabulary,
                "eos_token_id",
                endOfText,
                "0 to " + (vocabulary - 1) + ", below vocab_size");
    }

    /** 4 blocks of width 128: trains on two cores in minutes. */
    public static Gpt2Config nano() {
        return gpt2(128, 4, 4);
    }

    /** gpt2: 124M parameters. */
    public static Gpt2Config small() {
        return gpt2(768, 12, 12);
    }

    /** gpt2-medium: 355M parameters. */
    public static Gpt2Config medium() {
        return gpt2(1024, 24, 16);
    }

    /** gpt2-large: 774,030,080 parameters. */
    public static Gpt2Config large() {
        return gpt2(1280, 36, 20);
    }

    private static Gpt2Config gpt2(int width, int layers, int heads) {
        return new Gpt2Config(GPT2_VOCABULARY, GPT2_POSITIONS, width, layers, heads, GPT2_EPSILON, GPT2_VOCABULARY - 1);
    }

    /** The same model over another vocabulary. */
    public Gpt2Config withVocabulary(int vocabulary, int endOfText) {
        return new Gpt2Config(vocabulary, positions, width, layers, heads, layerNormEpsilon, endOfText);
    }

    /** The same model for sequences of at most {@code positions} tokens. */
    public Gpt2Config withPositions(int positions) {
        return new Gpt2Config(vocabulary, positions, width, layers, heads, layerNormEpsilon, endOfText);
    }

    /** Number of parameters of the policy; its head is tied to the token embeddings. */
    public long parameters() {
        long block = 12L * width * width + 13L * width;
        return (long) (vocabulary + positions) * width + layers * block + 2L * width;
    }

    /** Reads the {@code config.json} of a folder, as {@link #read}. */
    public static Gpt2Config readFolder(Path folder) {
        return read(folder.resolve("config.json"));
    }

    /**
     * Reads Hugging Face's {@code config.json}.
     *
     * @throws DataFormatException if the file is missing, not JSON, lacks a field or describes another architecture
     * @throws SettingException if a value is outside its range
     */
    public static Gpt2Config read(Path file) {
        JsonNode json = JsonFiles.read(file);
        Reader reader = new Reader(file.toString(), json);
        reader.expect("model_type", "gpt2");
        reader.expect("activation_function", "gelu_new");
        reader.refuse("scale_attn_by_inverse_layer_idx");
        int vocabulary = reader.integer("vocab_size");
        return new Gpt2Config(
                vocabulary,
                reader.integer("n_positions"),
                reader.integer("n_embd"),
                reader.integer("n_layer"),
                reader.integer("n_head"),
                json.path("layer_norm_epsilon").asDouble(GPT2_EPSILON),
                json.path("eos_token_id").asInt(vocabulary - 1));
    }

    /** The fields of Hugging Face's {@code config.json}; dropout is 0, as this library trains without. */
    public ObjectNode toJson() {
        ObjectNode json = new ObjectMapper().createObjectNode();
        json.put("model_type", "gpt2");
        json.put("vocab_size", vocabulary);
        json.put("n_positions", positions);
        json.put("n_ctx", positions);
        json.put("n_embd", width);
        json.put("n_layer", layers);
        json.put("n_head", heads);
        json.put("layer_norm_epsilon", layerNormEpsilon);
        json.put("activation_function", "gelu_new");
        json.put("bos_token_id", endOfText);
        json.put("eos_token_id", endOfText);
        json.put("attn_pdrop", 0.0);
        json.put("embd_pdrop", 0.0);
        json.put("resid_pdrop", 0.0);
        json.put("initializer_range", 0.02);
        json.put("tie_word_embeddings", true);
        json.put("torch_dtype", "float32");
        return json;
    }

    private record Reader(String file, JsonNode json) {
        int integer(String field) {
            JsonNode value = json.path(field);
            if (!value.isIntegralNumber() || !value.canConvertToInt()) {
                throw new DataFormatException(
                        file,
                        0,
                        "field '" + field + "' is " + (value.isMissingNode() ? "missing" : value)
                                + "; allowed: a whole number");
            }
            return value.intValue();
        }

        void expect(String field, String expected) {
            String found = json.path(field).asText(expected);
            if (!found.equals(expected)) {
                throw new DataFormatException(
                        file, 0, "field '" + field + "' is '" + found + "'; allowed: '" + expected + "'");
            }
        }

        void refuse(String field) {
            if (json.path(field).asBoolean(false)) {
                throw new DataFormatException(file, 0, "field '" + field + "' is true; allowed: false");
            }
        }
    }
}
