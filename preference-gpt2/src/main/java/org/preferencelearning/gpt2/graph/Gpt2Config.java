package org.preferencelearning.gpt2.graph;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableSet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.internal.io.JsonFields;

/**
 * The shape of a GPT-2, and what it does otherwise than GPT-2.
 *
 * @param vocabulary number of tokens, at least 1 ({@code vocab_size})
 * @param positions longest sequence, at least 1 ({@code n_positions})
 * @param width length of a hidden vector, a multiple of heads ({@code n_embd})
 * @param layers number of blocks, 1 to 10,000 ({@code n_layer})
 * @param heads attention heads of a block, at least 1 ({@code n_head})
 * @param inner numbers between the two maps of the feed-forward part, at least 1; GPT-2's are 4 times the width
 *     ({@code n_inner})
 * @param layerNormEpsilon added to the variance, 1e-20 to 1 ({@code layer_norm_epsilon})
 * @param activation between the two maps of the feed-forward part ({@code activation_function})
 * @param scaledAttention whether attention scores are divided by the root of a head's width, as GPT-2's are
 *     ({@code scale_attn_weights})
 * @param attentionScaledByLayer whether those of block n, from 1, are divided by n ({@code scale_attn_by_inverse_layer_idx})
 * @param tiedHead whether a policy's output head is the table of token embeddings, as GPT-2's is; otherwise it has a matrix
 *     of its own ({@code tie_word_embeddings})
 * @param ends ids of the tokens that end a text, in the vocabulary; none where nothing does ({@code eos_token_id})
 */
public record Gpt2Config(
        int vocabulary,
        int positions,
        int width,
        int layers,
        int heads,
        int inner,
        double layerNormEpsilon,
        Activation activation,
        @JsonProperty(required = true) boolean scaledAttention,
        @JsonProperty(required = true) boolean attentionScaledByLayer,
        @JsonProperty(required = true) boolean tiedHead,
        List<Integer> ends) {

    private static final int GPT2_VOCABULARY = 50257;
    private static final int GPT2_POSITIONS = 1024;
    private static final double GPT2_EPSILON = 1e-5;
    /** Four terabytes in float32: what is larger is no model but a slip. */
    private static final double MAX_PARAMETERS = 1e12;

    private static final int MAX_LAYERS = 10_000;
    private static final double MIN_EPSILON = 1e-20;

    /** Hugging Face's second names of fields, which {@code GPT2Config} reads alike. */
    private static final Map<String, String> SECOND_NAMES = Map.of(
            "n_embd", "hidden_size",
            "n_positions", "max_position_embeddings",
            "n_head", "num_attention_heads",
            "n_layer", "num_hidden_layers");

    /** They matter in training alone, in which dropout is what the caller asks for. */
    private static final List<String> OF_TRAINING = List.of(
            "attn_pdrop",
            "embd_pdrop",
            "resid_pdrop",
            "classifier_dropout",
            "hidden_dropout",
            "initializer_range",
            "gradient_checkpointing",
            "problem_type",
            "tf_legacy_loss");

    /** Of the head of {@code GPT2DoubleHeadsModel}, which is neither a policy's nor a reward model's. */
    private static final List<String> OF_SUMMARIES = List.of(
            "summary_activation",
            "summary_first_dropout",
            "summary_last_dropout",
            "summary_proj_to_labels",
            "summary_type",
            "summary_use_proj");

    /** How it is computed and told; files of any type are computed in float32, where nothing is left to upcast. */
    private static final List<String> OF_EXECUTION = List.of(
            "dtype",
            "torch_dtype",
            "use_bfloat16",
            "reorder_and_upcast_attn",
            "chunk_size_feed_forward",
            "torchscript",
            "return_dict",
            "use_return_dict",
            "output_past",
            "attn_implementation",
            "_attn_implementation",
            "_attn_implementation_internal",
            "_attn_implementation_autoset",
            "_experts_implementation_internal");

    /** What the caller says, and the tensors themselves: which head there is, and how many scores it gives. */
    private static final List<String> OF_HEADS = List.of(
            "architectures", "num_labels", "_num_labels", "id2label", "label2id", "finetuning_task", "is_decoder");

    /** Where it comes from, its tokenizer, and settings of tasks that are asked for by name. */
    private static final List<String> OF_ORIGIN = List.of(
            "_name_or_path",
            "name_or_path",
            "tokenizer_class",
            "prefix",
            "sep_token_id",
            "task_specific_params",
            "n_special",
            "predict_special_tokens");

    /** Parts that a GPT-2 of this library has not. */
    private static final List<String> OFF = List.of(
            "add_cross_attention",
            "cross_attention_hidden_size",
            "is_encoder_decoder",
            "tie_encoder_decoder",
            "pruned_heads",
            "quantization_config",
            "auto_map",
            "per_layer_config");

    public Gpt2Config {
        SettingException.requireAtLeast("vocab_size", vocabulary, 1);
        SettingException.requireAtLeast("n_positions", positions, 1);
        SettingException.requireAtLeast("n_embd", width, 1);
        SettingException.require(
                layers >= 1 && layers <= MAX_LAYERS, "n_layer", layers, "a whole number from 1 to " + MAX_LAYERS);
        SettingException.requireAtLeast("n_head", heads, 1);
        SettingException.require(width % heads == 0, "n_head", heads, "a divisor of n_embd, which is " + width);
        SettingException.requireAtLeast("n_inner", inner, 1);
        SettingException.require(
                layerNormEpsilon >= MIN_EPSILON && layerNormEpsilon <= 1,
                "layer_norm_epsilon",
                layerNormEpsilon,
                MIN_EPSILON + " to 1");
        ends = ImmutableSet.copyOf(ends).asList();
        for (int end : ends) {
            SettingException.require(
                    end >= 0 && end < vocabulary,
                    "eos_token_id",
                    end,
                    "0 to " + (vocabulary - 1) + ", below vocab_size");
        }
        double parameters = parameters(vocabulary, positions, width, layers, inner, tiedHead);
        SettingException.require(
                parameters <= MAX_PARAMETERS,
                "n_embd",
                width,
                String.format(
                        Locale.ROOT,
                        "a model of at most %.0e parameters; with vocab_size %d, n_positions %d, n_layer %d and n_inner"
                                + " %d it has %.3g",
                        MAX_PARAMETERS,
                        vocabulary,
                        positions,
                        layers,
                        inner,
                        parameters));
    }

    /** A GPT-2: what is not said is as OpenAI's are. */
    public Gpt2Config(
            int vocabulary, int positions, int width, int layers, int heads, double layerNormEpsilon, int endOfText) {
        this(
                vocabulary,
                positions,
                width,
                layers,
                heads,
                fourTimes(width),
                layerNormEpsilon,
                Activation.GELU_TANH,
                true,
                false,
                true,
                List.of(endOfText));
    }

    private static int fourTimes(int width) {
        return (int) Math.min(Integer.MAX_VALUE, 4L * width);
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

    /** The same model over another vocabulary, of which one token ends a text. */
    public Gpt2Config withVocabulary(int vocabulary, int endOfText) {
        return with(vocabulary, positions, tiedHead, List.of(endOfText));
    }

    /** The same model for sequences of at most {@code positions} tokens. */
    public Gpt2Config withPositions(int positions) {
        return with(vocabulary, positions, tiedHead, ends);
    }

    /** The same model whose output head is that of the token embeddings, or has a matrix of its own. */
    public Gpt2Config withTiedHead(boolean tied) {
        return with(vocabulary, positions, tied, ends);
    }

    /** The same model with other tokens that end a text. */
    public Gpt2Config withEnds(List<Integer> ends) {
        return with(vocabulary, positions, tiedHead, ends);
    }

    private Gpt2Config with(int vocabulary, int positions, boolean tiedHead, List<Integer> ends) {
        return new Gpt2Config(
                vocabulary,
                positions,
                width,
                layers,
                heads,
                inner,
                layerNormEpsilon,
                activation,
                scaledAttention,
                attentionScaledByLayer,
                tiedHead,
                ends);
    }

    /** What attention scores of each block are multiplied by. */
    public List<Double> attentionScales() {
        double ofHead = scaledAttention ? 1 / Math.sqrt((double) width / heads) : 1;
        List<Double> scales = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            scales.add(attentionScaledByLayer ? ofHead / (layer + 1) : ofHead);
        }
        return scales;
    }

    /** Number of parameters of the policy; those of a tied head are counted once. */
    public long parameters() {
        return Math.round(parameters(vocabulary, positions, width, layers, inner, tiedHead));
    }

    /** Exact up to 2^53, and beyond all bounds without overflow. */
    private static double parameters(
            int vocabulary, int positions, double width, double layers, double inner, boolean tiedHead) {
        double attention = 4 * width * width + 4 * width;
        double feedForward = 2 * width * inner + inner + width;
        double tables = (tiedHead ? 1.0 : 2.0) * vocabulary + positions;
        return tables * width + layers * (attention + feedForward + 4 * width) + 2 * width;
    }

    /**
     * Reads the {@code config.json} of a folder, as {@link #read}, and the tokens that end a text from its
     * {@code generation_config.json} where there is one, as transformers does.
     *
     * @throws DataFormatException as {@link #read}, of either file
     */
    public static Gpt2Config readFolder(Path folder) {
        Gpt2Config config = read(folder.resolve("config.json"));
        Path generation = folder.resolve("generation_config.json");
        if (!Files.exists(generation)) {
            return config;
        }
        JsonFields fields = JsonFields.read(generation);
        GenerationFields.check(fields);
        List<Integer> ends = ends(fields, List.of());
        fields.refuseOthers();
        return inFile(generation, () -> config.withEnds(ends));
    }

    /**
     * Reads Hugging Face's {@code config.json}. Every field is one of those that say what the model is, or is known not to
     * matter here, or must have the one value that this library computes; no other is accepted. {@code eos_token_id} may be
     * a list; null stands for none, and where it is missing it is GPT-2's, 50256, or none in a smaller vocabulary.
     *
     * @throws DataFormatException if the file is missing or not JSON, a field is missing or of a wrong value, or the file
     *     describes another architecture: it names the field, its value and what is allowed
     */
    public static Gpt2Config read(Path file) {
        JsonFields fields = JsonFields.read(file);
        fields.expectText("model_type", "gpt2");
        int vocabulary = fields.integer("vocab_size");
        int width = shape(fields, "n_embd");
        int positions = shape(fields, "n_positions");
        int layers = shape(fields, "n_layer");
        int heads = shape(fields, "n_head");
        int inner = fields.integer("n_inner", fourTimes(width));
        double epsilon = fields.number("layer_norm_epsilon", GPT2_EPSILON);
        String name = fields.text("activation_function", Activation.GELU_TANH.text());
        Activation activation = Activation.of(name)
                .orElseThrow(() -> fields.fault("activation_function", "one of " + Activation.known()));
        boolean scaled = fields.flag("scale_attn_weights", true);
        boolean byLayer = fields.flag("scale_attn_by_inverse_layer_idx", false);
        boolean tied = fields.flag("tie_word_embeddings", true);
        List<Integer> ends =
                ends(fields, vocabulary >= GPT2_VOCABULARY ? List.of(GPT2_VOCABULARY - 1) : List.<Integer>of());
        // the size of a table of masks, which no longer bounds anything
        fields.ignore(List.of("n_ctx"));
        List.of(OF_TRAINING, OF_SUMMARIES, OF_EXECUTION, OF_HEADS, OF_ORIGIN).forEach(fields::ignore);
        GenerationFields.check(fields);
        fields.expectOff(OFF);
        fields.refuseOthers();
        return inFile(
                file,
                () -> new Gpt2Config(
                        vocabulary,
                        positions,
                        width,
                        layers,
                        heads,
                        inner,
                        epsilon,
                        activation,
                        scaled,
                        byLayer,
                        tied,
                        ends));
    }

    private interface Made {
        Gpt2Config config();
    }

    /** A value outside its range is the file's fault. */
    private static Gpt2Config inFile(Path file, Made made) {
        try {
            return made.config();
        } catch (SettingException e) {
            throw new DataFormatException(file.toString(), 0, String.valueOf(e.getMessage()), e);
        }
    }

    private static int shape(JsonFields fields, String field) {
        String second = requireNonNull(SECOND_NAMES.get(field), field);
        if (!fields.has(second)) {
            return fields.integer(field);
        }
        int value = fields.integer(second);
        if (fields.integer(field, value) != value) {
            throw fields.fault(second, "the value of '" + field + "', which says the same: " + fields.value(field));
        }
        return value;
    }

    private static List<Integer> ends(JsonFields fields, List<Integer> missing) {
        JsonNode value = fields.value("eos_token_id");
        if (value.isMissingNode()) {
            return missing;
        }
        List<Integer> ends = new ArrayList<>();
        if (value.isNull()) {
            return ends;
        }
        for (JsonNode end : value.isArray() ? value : List.of(value)) {
            if (!end.isIntegralNumber() || !end.canConvertToInt()) {
                throw fields.fault("eos_token_id", "the id of a token, a list of ids, or null");
            }
            ends.add(end.intValue());
        }
        return ends;
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
        if (inner != fourTimes(width)) {
            json.put("n_inner", inner);
        }
        json.put("layer_norm_epsilon", layerNormEpsilon);
        json.put("activation_function", activation.text());
        json.put("scale_attn_weights", scaledAttention);
        json.put("scale_attn_by_inverse_layer_idx", attentionScaledByLayer);
        if (ends.isEmpty()) {
            json.putNull("bos_token_id");
            json.putNull("eos_token_id");
        } else {
            json.put("bos_token_id", ends.get(0));
            if (ends.size() == 1) {
                json.put("eos_token_id", ends.get(0));
            } else {
                ends.forEach(json.putArray("eos_token_id")::add);
            }
        }
        json.put("attn_pdrop", 0.0);
        json.put("embd_pdrop", 0.0);
        json.put("resid_pdrop", 0.0);
        json.put("initializer_range", 0.02);
        json.put("tie_word_embeddings", tiedHead);
        json.put("torch_dtype", "float32");
        return json;
    }
}
