package org.preferencelearning.gpt2.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.error.SettingException;

/** What {@code config.json} and {@code generation_config.json} say, or may not say. */
class Gpt2ConfigTest {
    private static final Path MODELS = Path.of("src/test/resources/models");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rope_theta | 10000.0",
                "add_cross_attention | true",
                "is_encoder_decoder | true",
                "pruned_heads | {\"0\": [1]}",
                "quantization_config | {\"bits\": 4}",
                "auto_map | {\"AutoModel\": \"custom.Model\"}",
                "activation_function | \"relu\"",
                "activation_function | 3",
                "model_type | \"gpt_neo\"",
                "tie_word_embeddings | \"no\"",
                "scale_attn_weights | 0",
                "scale_attn_by_inverse_layer_idx | \"x\"",
                "layer_norm_epsilon | \"x\"",
                "layer_norm_epsilon | 1e300",
                "layer_norm_epsilon | 1e-300",
                "layer_norm_epsilon | 1e999",
                "layer_norm_epsilon | -1e-5",
                "layer_norm_epsilon | 0",
                "n_layer | 1000000000",
                "n_layer | 10001",
                "n_layer | -1",
                "n_layer | 2.5",
                "n_layer | null",
                "n_layer | 99999999999",
                "n_head | 3",
                "n_head | 0",
                "n_inner | 0",
                "n_embd | 2147483646",
                "n_positions | 0",
                "vocab_size | -5",
                "hidden_size | 9",
                "eos_token_id | 60",
                "eos_token_id | -1",
                "eos_token_id | [1, 60]",
                "eos_token_id | [1, \"x\"]",
                "eos_token_id | 1.5",
                "repetition_penalty | 1.2",
                "num_beams | 4",
                "suppress_tokens | [3]",
            })
    void aFieldThatChangesTheModelIsRefusedByNameAndValue(String field, String value) throws IOException {
        Path file = config(field, value);
        String figure = JSON.readTree(value).asText();
        assertThatThrownBy(() -> Gpt2Config.read(file))
                .isInstanceOf(DataFormatException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining("'" + field + "' is ")
                .hasMessageContaining(figure)
                .hasMessageContaining("; allowed: ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "add_cross_attention | false",
                "pruned_heads | {}",
                "rope_theta | null",
                "activation_function | \"gelu_pytorch_tanh\"",
                "n_inner | 32",
                "n_ctx | 7",
                "hidden_size | 8",
                "repetition_penalty | 1",
                "temperature | 0.7",
                "attn_pdrop | 0.5",
                "reorder_and_upcast_attn | true",
                "torch_dtype | \"bfloat16\"",
                "id2label | {\"0\": \"A\", \"1\": \"B\"}",
                "task_specific_params | {\"text-generation\": {\"max_length\": 50}}",
            })
    void aFieldThatCannotMatterOrIsNeutralIsAccepted(String field, String value) throws IOException {
        assertThat(Gpt2Config.read(config(field, value))).isEqualTo(Gpt2Config.readFolder(MODELS.resolve("base")));
    }

    @Test
    void theFieldsOfFilesAreTheConfiguration() {
        assertThat(Gpt2Config.readFolder(MODELS.resolve("base"))).isEqualTo(new Gpt2Config(60, 16, 8, 2, 2, 1e-5, 59));
        Gpt2Config other =
                new Gpt2Config(60, 16, 8, 2, 2, 12, 1e-2, Activation.GELU_ERF, false, true, false, List.of(59));
        assertThat(Gpt2Config.readFolder(MODELS.resolve("unlike_gpt2"))).isEqualTo(other);
        assertThat(other.attentionScales()).containsExactly(1.0, 0.5);
        assertThat(Gpt2Config.readFolder(MODELS.resolve("inverse_layer")).attentionScales())
                .containsExactly(0.5, 0.25);
    }

    @Test
    void whatIsWrittenIsWhatIsRead() throws IOException {
        for (Gpt2Config config : List.of(
                Gpt2Config.nano(),
                new Gpt2Config(60, 16, 8, 2, 2, 12, 1e-2, Activation.GELU_ERF, false, true, false, List.of(59, 3)),
                new Gpt2Config(60, 16, 8, 2, 2, 1e-5, 4).withEnds(List.of()))) {
            Path file = folder.resolve("config.json");
            JSON.writeValue(file.toFile(), config.toJson());
            assertThat(Gpt2Config.read(file)).isEqualTo(config);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"[7, 5] | 7 5", "[7, 7] | 7", "[] | ''", "null | ''", "5 | 5"})
    void anyListedTokenEndsATextAndNullNever(String value, String ends) throws IOException {
        assertThat(Gpt2Config.read(config("eos_token_id", value)).ends()).isEqualTo(ids(ends));
    }

    @Test
    void aMissingEndIsGpt2sWhichASmallerVocabularyDoesNotHave() throws IOException {
        ObjectNode json = base();
        json.remove("eos_token_id");
        assertThat(Gpt2Config.read(written("config.json", json)).ends()).isEmpty();
        json.put("vocab_size", 50260);
        assertThat(Gpt2Config.read(written("config.json", json)).ends()).containsExactly(50256);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"eos_token_id\": [3, 4], \"temperature\": 0.6, \"transformers_version\": \"5.18.0\"} | 3 4",
                "{\"eos_token_id\": null} | ''",
                "{\"_from_model_config\": true, \"num_beams\": 1} | ''",
            })
    void theFileOfGenerationSaysWhatEndsAText(String generation, String ends) throws IOException {
        written("config.json", base());
        Files.writeString(folder.resolve("generation_config.json"), generation);
        assertThat(Gpt2Config.readFolder(folder).ends()).isEqualTo(ids(ends));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "repetition_penalty | 1.3",
                "no_repeat_ngram_size | 2",
                "bad_words_ids | [[3]]",
                "min_new_tokens | 5",
                "stop_strings | [\"x\"]",
                "max_time | 3.5",
                "eos_token_id | 60",
                "temperature_of_tomorrow | 2",
            })
    void aFieldOfGenerationThatSamplingHasNotIsRefused(String field, String value) throws IOException {
        written("config.json", base());
        ObjectNode generation = JSON.createObjectNode();
        generation.set(field, JSON.readTree(value));
        Path file = written("generation_config.json", generation);
        assertThatThrownBy(() -> Gpt2Config.readFolder(folder))
                .isInstanceOf(DataFormatException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining("'" + field + "' is ")
                .hasMessageContaining("; allowed: ");
    }

    /** Before anything is allocated, whoever asks. */
    @Test
    void absurdSizesAreRefusedWithTheFigure() {
        assertThatThrownBy(() -> new Gpt2Config(50257, 1024, 768, 1_000_000_000, 12, 1e-5, 0))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("1000000000");
        assertThatThrownBy(() -> new Gpt2Config(Integer.MAX_VALUE, 1, Integer.MAX_VALUE, 1, 1, 1e-5, 0))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'n_embd' is 2147483647")
                .hasMessageContaining("parameters");
    }

    private static List<Integer> ids(String text) {
        return text.isEmpty()
                ? List.of()
                : List.of(text.split(" ")).stream().map(Integer::valueOf).toList();
    }

    private static ObjectNode base() throws IOException {
        return (ObjectNode) JSON.readTree(MODELS.resolve("base/config.json").toFile());
    }

    private Path config(String field, String value) throws IOException {
        ObjectNode json = base();
        json.set(field, JSON.readTree(value));
        return written("config.json", json);
    }

    private Path written(String name, ObjectNode json) throws IOException {
        Path file = folder.resolve(name);
        JSON.writeValue(file.toFile(), json);
        return file;
    }
}
