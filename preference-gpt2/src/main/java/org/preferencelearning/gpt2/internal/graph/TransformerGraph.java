package org.preferencelearning.gpt2.internal.graph;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.internal.runtime.NativeRuntime;
import org.preferencelearning.core.internal.runtime.QuietGradients;
import org.preferencelearning.gpt2.graph.Activation;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.LoraSettings;
import org.preferencelearning.gpt2.internal.compile.CausalMask;
import org.preferencelearning.gpt2.internal.compile.FusedOperations;

/**
 * The blocks of a GPT-2 and its final normalisation, from embedded tokens to hidden states, for one shape of batch.
 *
 * <p>Every tensor is a placeholder, so that weights exist once and are not SameDiff's. Token embedding and output head are
 * not part of the graph: ND4J's gather has a wrong gradient, and the head is needed at few positions only. Rows are
 * padded on the right and attention is causal, so padding cannot change a real position and no mask of lengths is needed.
 *
 * <p>The composed dialect is made of the operations of {@link GraphOperations} alone; LayerNorm and GELU are composed because ND4J's have no
 * epsilon and another constant.
 */
public final class TransformerGraph {
    /** Placeholder of the embedded tokens, {@code [rows * length, width]}. */
    public static final String EMBEDDED = "embedded";
    /** Output: hidden states after the final normalisation, {@code [rows * length, width]}. */
    public static final String HIDDEN = "hidden";
    /** Placeholder of the derivative of the objective by the hidden states. */
    public static final String HIDDEN_GRADIENT = "hidden_gradient";

    /** Placeholder of the output head, {@code [vocabulary, width]}. */
    public static final String HEAD = "head";

    /** Logits of every token after each position, {@code [rows * length, vocabulary]}. */
    public static final String LOGITS = "logits";

    /** Placeholder of what is added to attention scores, {@code [rows, 1, length, length]}. */
    public static final String MASK = "mask";

    private static final String EMBEDDING_DROPOUT = "drop";
    private static final String ATTENTION_DROPOUT = "attn.attn_dropout";
    private static final String ATTENTION_RESIDUAL_DROPOUT = "attn.resid_dropout";
    private static final String FEED_FORWARD_DROPOUT = "mlp.dropout";

    private static final double GELU_CUBIC = 0.044715;

    /** What the graph is made of. */
    public enum Dialect {
        /** ND4J's operations alone; runs on every backend and in SameDiff's own session. */
        COMPOSED,
        /** The same but for attention, a single node of {@link FusedOperations}, which may then read a cache. */
        COMPOSED_BUT_ATTENTION,
        /** Attention, LayerNorm and GELU as single nodes of {@link FusedOperations}; FLOAT only. */
        FUSED
    }

    private final GraphForm form;
    private final Gpt2Config config;
    private final int rows;
    private final int length;
    private final DataType type;
    private final Dialect dialect;
    private final SameDiff graph;

    private TransformerGraph(GraphForm form) {
        NativeRuntime.prepare();
        this.graph = SameDiff.create();
        this.form = form;
        this.config = form.config();
        this.rows = form.rows();
        this.length = form.length();
        this.type = form.type();
        this.dialect = form.dialect();
    }

    /** The forward graph. */
    public static SameDiff forward(GraphForm form) {
        TransformerGraph transformer = new TransformerGraph(form);
        transformer.build();
        return transformer.graph;
    }

    /** The forward graph that also computes {@link #LOGITS}, by {@link #HEAD}. */
    public static SameDiff withLogits(GraphForm form) {
        TransformerGraph transformer = new TransformerGraph(form);
        SDVariable hidden = transformer.build();
        SDVariable head = transformer.graph.placeHolder(
                HEAD, form.type(), form.config().vocabulary(), form.config().width());
        transformer.graph.mmul(LOGITS, hidden, head, false, true, false);
        return transformer.graph;
    }

    /**
     * The graph that also computes gradients by {@link #EMBEDDED} and the named parameters, given
     * {@link #HIDDEN_GRADIENT}; {@link #gradientName} tells their names.
     */
    public static SameDiff withGradients(GraphForm form, List<String> parameters) {
        TransformerGraph transformer = new TransformerGraph(form);
        SDVariable hidden = transformer.build();
        SameDiff graph = transformer.graph;
        SDVariable upstream = graph.placeHolder(
                HIDDEN_GRADIENT,
                form.type(),
                (long) form.rows() * form.length(),
                form.config().width());
        // SameDiff differentiates only graphs that hold a trainable variable; this one is never changed.
        SDVariable unit = graph.var("unit", Nd4j.scalar(form.type(), 1.0));
        hidden.mul(upstream).sum().mul(unit).markAsLoss();
        List<String> wanted = new ArrayList<>(parameters);
        wanted.add(EMBEDDED);
        QuietGradients.create(graph, wanted.toArray(new String[0]));
        return graph.getFunction("grad");
    }

    /** Name, in the graph of {@link #withGradients}, of the gradient by a parameter or by {@link #EMBEDDED}. */
    public static String gradientName(SameDiff gradients, String variable) {
        return gradients.getVariable(variable).gradient().name();
    }

    /** The block that a parameter belongs to, or the number of blocks for what lies above them. */
    public static int layerOf(Gpt2Config config, String parameter) {
        return parameter.startsWith("h.")
                ? Integer.parseInt(parameter.substring(2, parameter.indexOf('.', 2)))
                : config.layers();
    }

    /**
     * Names and shapes of the placeholders that a graph with dropout multiplies by, where transformers' GPT-2 has dropout: the
     * embeddings, the attention's probabilities, and what attention and feed-forward part add.
     */
    public static Map<String, long[]> dropoutMasks(Gpt2Config config, int rows, int length) {
        Map<String, long[]> masks = new LinkedHashMap<>();
        long[] vectors = {(long) rows * length, config.width()};
        masks.put(EMBEDDING_DROPOUT, vectors);
        for (int layer = 0; layer < config.layers(); layer++) {
            String block = "h." + layer + ".";
            masks.put(block + ATTENTION_DROPOUT, new long[] {rows, config.heads(), length, length});
            masks.put(block + ATTENTION_RESIDUAL_DROPOUT, vectors);
            masks.put(block + FEED_FORWARD_DROPOUT, vectors);
        }
        return masks;
    }

    /** Names of the adapters' matrices, in order. */
    public static List<String> adapterNames(Gpt2Config config, LoraSettings lora) {
        List<String> names = new ArrayList<>();
        for (String module : lora.modules(config)) {
            names.add(LoraSettings.nameOfA(module));
            names.add(LoraSettings.nameOfB(module));
        }
        return names;
    }

    /** Names of the block parameters, Hugging Face's without the {@code transformer.} prefix, and of {@code ln_f}. */
    public static List<String> parameterNames(Gpt2Config config) {
        List<String> names = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            for (String part : List.of(
                    "ln_1.weight",
                    "ln_1.bias",
                    "attn.c_attn.weight",
                    "attn.c_attn.bias",
                    "attn.c_proj.weight",
                    "attn.c_proj.bias",
                    "ln_2.weight",
                    "ln_2.bias",
                    "mlp.c_fc.weight",
                    "mlp.c_fc.bias",
                    "mlp.c_proj.weight",
                    "mlp.c_proj.bias")) {
                names.add("h." + layer + "." + part);
            }
        }
        names.add("ln_f.weight");
        names.add("ln_f.bias");
        return names;
    }

    private SDVariable build() {
        SDVariable x = graph.placeHolder(EMBEDDED, type, (long) rows * length, config.width());
        SDVariable mask = composesAttention() ? mask() : null;
        x = dropped(x, EMBEDDING_DROPOUT);
        for (int layer = 0; layer < config.layers(); layer++) {
            String block = "h." + layer + ".";
            SDVariable attended = attention(layerNorm(x, block + "ln_1"), layer, block, mask);
            x = x.add(dropped(attended, block + ATTENTION_RESIDUAL_DROPOUT));
            SDVariable fed = feedForward(layerNorm(x, block + "ln_2"), block + "mlp.");
            x = x.add(dropped(fed, block + FEED_FORWARD_DROPOUT));
        }
        return layerNorm(x, "ln_f").rename(HIDDEN);
    }

    /** Dropout of probabilities needs them as a value of the graph. */
    private boolean composesAttention() {
        return dialect == Dialect.COMPOSED || form.dropout();
    }

    private SDVariable dropped(SDVariable x, String mask) {
        return form.dropout()
                ? x.mul(graph.placeHolder(
                        mask, type, dropoutMasks(config, rows, length).get(mask)))
                : x;
    }

    private SDVariable attention(SDVariable x, int layer, String block, @Nullable SDVariable mask) {
        int width = config.width();
        SDVariable packed = linear(x, block + "attn.c_attn", width, 3 * width);
        SDVariable joined = composesAttention()
                ? composedAttention(packed, layer, block, requireNonNull(mask, "mask"))
                : FusedOperations.attention(packed);
        return linear(joined, block + "attn.c_proj", width, width);
    }

    private SDVariable composedAttention(SDVariable packed, int layer, String block, SDVariable mask) {
        int width = config.width();
        int perHead = width / config.heads();
        SDVariable[] parts = graph.split(packed, 3, 1);
        SDVariable[] heads = new SDVariable[3];
        for (int i = 0; i < 3; i++) {
            heads[i] = graph.permute(graph.reshape(parts[i], rows, length, config.heads(), perHead), 0, 2, 1, 3);
        }
        SDVariable scores = graph.mmul(heads[0], heads[1], false, true, false)
                .mul(config.attentionScales().get(layer))
                .add(mask);
        SDVariable probabilities = dropped(graph.nn().softmax(scores, -1), block + ATTENTION_DROPOUT);
        SDVariable mixed = graph.mmul(probabilities, heads[2]);
        return graph.reshape(graph.permute(mixed, 0, 2, 1, 3), (long) rows * length, width);
    }

    private SDVariable feedForward(SDVariable x, String name) {
        int width = config.width();
        SDVariable inner = gelu(linear(x, name + "c_fc", width, config.inner()));
        return linear(inner, name + "c_proj", config.inner(), width);
    }

    /** Hugging Face's Conv1D: the weight is {@code [in, out]}. */
    private SDVariable linear(SDVariable x, String name, int in, int out) {
        SDVariable weight = graph.placeHolder(name + ".weight", type, in, out);
        SDVariable bias = graph.placeHolder(name + ".bias", type, out);
        SDVariable result = graph.nn().biasAdd(x.mmul(weight), bias, false);
        return form.lora()
                .flatMap(lora -> lora.adapter(name))
                .map(adapter -> result.add(adapter(x, name, adapter, in, out)))
                .orElse(result);
    }

    private SDVariable adapter(SDVariable x, String name, LoraSettings.Adapter adapter, int in, int out) {
        SDVariable a = graph.placeHolder(LoraSettings.nameOfA(name), type, in, adapter.rank());
        SDVariable b = graph.placeHolder(LoraSettings.nameOfB(name), type, adapter.rank(), out);
        return x.mmul(a).mul(adapter.scale()).mmul(b);
    }

    private SDVariable layerNorm(SDVariable x, String name) {
        SDVariable scale = graph.placeHolder(name + ".weight", type, config.width());
        SDVariable shift = graph.placeHolder(name + ".bias", type, config.width());
        if (dialect == Dialect.FUSED) {
            return FusedOperations.layerNorm(x, scale, shift);
        }
        SDVariable centred = x.sub(x.mean(true, 1));
        SDVariable variance = graph.math().square(centred).mean(true, 1);
        SDVariable deviation = graph.math().sqrt(variance.add(config.layerNormEpsilon()));
        return centred.div(deviation).mul(scale).add(shift);
    }

    private SDVariable gelu(SDVariable x) {
        if (dialect == Dialect.FUSED) {
            return FusedOperations.gelu(x);
        }
        if (config.activation() == Activation.GELU_ERF) {
            return x.mul(graph.math().erf(x.mul(Math.sqrt(0.5))).add(1.0)).mul(0.5);
        }
        SDVariable inner = x.add(graph.math().square(x).mul(x).mul(GELU_CUBIC)).mul(Math.sqrt(2 / Math.PI));
        return x.mul(graph.math().tanh(inner).add(1.0)).mul(0.5);
    }

    private SDVariable mask() {
        return form.masked()
                ? graph.placeHolder(MASK, type, rows, 1, length, length)
                : graph.constant("causal_mask", causalMask());
    }

    private INDArray causalMask() {
        return Nd4j.createFromArray(CausalMask.of(length)).castTo(type).reshape(1, 1, length, length);
    }
}
