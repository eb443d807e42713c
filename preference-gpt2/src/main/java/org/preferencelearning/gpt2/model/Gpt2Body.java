package org.preferencelearning.gpt2.model;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.internal.memory.AvailableMemory;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.state.Stateful;
import org.preferencelearning.gpt2.KernelClock;
import org.preferencelearning.gpt2.graph.Activation;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.LoraSettings;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.preferencelearning.gpt2.internal.compile.CompiledGraph;
import org.preferencelearning.gpt2.internal.compile.FactoredGradient;
import org.preferencelearning.gpt2.internal.compile.FusedOperations;
import org.preferencelearning.gpt2.internal.compile.GraphExecution;
import org.preferencelearning.gpt2.internal.compile.GraphSpec;
import org.preferencelearning.gpt2.internal.compile.KeyValueCache;
import org.preferencelearning.gpt2.internal.compile.TransformerShape;
import org.preferencelearning.gpt2.internal.compile.TransformerShape.Gelu;
import org.preferencelearning.gpt2.internal.compile.TransformerShape.Kernels;
import org.preferencelearning.gpt2.internal.compile.Workspace;
import org.preferencelearning.gpt2.internal.graph.GraphForm;
import org.preferencelearning.gpt2.internal.graph.TransformerGraph;
import org.preferencelearning.gpt2.internal.graph.TransformerGraph.Dialect;

/**
 * From token ids to hidden states and back: embeddings, and the compiled transformer for each shape of batch that occurs.
 * They share their memory. What was used longest ago is given up when there are too many shapes.
 */
final class Gpt2Body implements AutoCloseable {
    static final String TOKEN_EMBEDDING = "wte.weight";
    static final String POSITION_EMBEDDING = "wpe.weight";

    private static final int MAX_SHAPES = 12;

    private final Gpt2Config config;
    private final ParameterStore parameters;
    private final Optional<LoraSettings> lora;
    private final DataType type;
    private final Kernels kernels;
    private final List<String> trained;
    private Optional<Dropout> dropout = Optional.empty();
    private MatrixPrecision precision = MatrixPrecision.FLOAT32;
    private final KernelClock clock = new KernelClock();
    private final Workspace workspace = new Workspace(clock);
    private final Map<Shape, Run> runs = new LinkedHashMap<>(16, 0.75f, true);

    Gpt2Body(Gpt2Config config, ParameterStore parameters, Optional<LoraSettings> lora) {
        this.config = config;
        this.parameters = parameters;
        this.lora = lora;
        this.type = parameters.get(TOKEN_EMBEDDING).value().dataType();
        this.kernels = type == DataType.FLOAT && FusedOperations.available() ? Kernels.ONEDNN : Kernels.PORTABLE;
        this.trained =
                names().stream().filter(name -> parameters.get(name).trained()).toList();
    }

    Gpt2Config config() {
        return config;
    }

    ParameterStore parameters() {
        return parameters;
    }

    DataType type() {
        return type;
    }

    /** Counts the time of kernels. */
    KernelClock clock() {
        return clock;
    }

    /** Of products with weights; decoders must be closed before it is changed. */
    void precision(MatrixPrecision precision) {
        close();
        this.precision = precision;
    }

    /** How a pass that is differentiated lays sequences out. What is dropped at random is not shared. */
    TokenBatch batch(List<TokenSequence> sequences) {
        return dropout.isPresent() ? TokenBatch.of(sequences, config) : TokenBatch.sharingPrompts(sequences, config);
    }

    /** Drops values at random in passes that are differentiated. */
    void dropout(Dropout dropout) {
        close();
        this.dropout = Optional.of(dropout);
    }

    /** Of what is dropped at random, or none. */
    Stateful trainingState() {
        return dropout.<Stateful>map(random -> random).orElseGet(Stateful::none);
    }

    /** Whether any parameter at or below the hidden states is trained; if not, {@link #backward} must not be called. */
    boolean isTrained() {
        return !trained.isEmpty() || embeddingsTrained();
    }

    private boolean embeddingsTrained() {
        return parameters.get(TOKEN_EMBEDDING).trained()
                || parameters.get(POSITION_EMBEDDING).trained();
    }

    /** Products of rounded factors are fast enough for their gradients not to be worth norms in float32. */
    boolean defersGradients() {
        return parameters.defersGradients() && kernels == Kernels.ONEDNN && precision == MatrixPrecision.FLOAT32;
    }

    private List<String> names() {
        List<String> names = new ArrayList<>(TransformerGraph.parameterNames(config));
        lora.ifPresent(settings -> names.addAll(TransformerGraph.adapterNames(config, settings)));
        return names;
    }

    /** Hidden states of a batch, {@code [rows * length, width]}; valid until the next call. */
    INDArray forward(TokenBatch batch, boolean differentiable) {
        Run run = run(batch, differentiable);
        run.embed(batch);
        run.execution.run(0);
        return run.execution.output(TransformerGraph.HIDDEN);
    }

    /** The hidden states of the last differentiable {@link #forward} of this shape. */
    INDArray hidden(TokenBatch batch) {
        return run(batch, true).execution.output(TransformerGraph.HIDDEN);
    }

    /** Buffer for the derivative by the hidden states of the last differentiable {@link #forward} of this shape. */
    INDArray hiddenGradient(TokenBatch batch) {
        return requireNonNull(run(batch, true).hiddenGradient, "hiddenGradient");
    }

    /** Adds the gradient of every trained parameter below the hidden states. */
    void backward(TokenBatch batch) {
        Run run = run(batch, true);
        run.execution.run(1);
        run.deferred.forEach((gradient, parameter) -> parameter.defer(run.execution.deferred(gradient)));
        run.embedBackward(batch);
    }

    /** Bytes of the buffers of the planned graph that has most. */
    long bufferBytes() {
        return runs.values().stream()
                .mapToLong(run -> run.execution.bufferBytes())
                .max()
                .orElse(0);
    }

    private Run run(TokenBatch batch, boolean differentiable) {
        boolean withGradients = differentiable && isTrained();
        Shape shape = new Shape(
                batch.rows(), batch.length(), withGradients, withGradients && defersGradients(), batch.sharesPrompts());
        Run run = runs.get(shape);
        if (run == null) {
            if (runs.size() == MAX_SHAPES) {
                Map.Entry<Shape, Run> oldest = runs.entrySet().iterator().next();
                oldest.getValue().close();
                runs.remove(oldest.getKey());
            }
            run = new Run(shape);
            runs.put(shape, run);
        }
        return run;
    }

    /**
     * The graph that fills a cache with prompts of one length and returns their {@link TransformerGraph#HIDDEN} states.
     *
     * @param embedded what it starts from, {@code [prompts * length, width]}
     */
    GraphExecution planPrompts(INDArray embedded, KeyValueCache cache) {
        Shape shape = new Shape(cache.size().prompts(), cache.size().promptCapacity(), false, false, false);
        return planForward(
                TransformerGraph.forward(form(shape, true, false)),
                TransformerGraph.HIDDEN,
                bindings(embedded),
                transformerShape(shape, TransformerShape.NO_GRADIENTS, Optional.empty(), Optional.of(cache)));
    }

    /**
     * The graph that adds one token to every row of a cache and returns {@link TransformerGraph#LOGITS}.
     *
     * @param embedded what it starts from, {@code [rows, width]}
     */
    GraphExecution planStep(INDArray embedded, KeyValueCache cache) {
        Shape shape = new Shape(cache.size().rows(), 1, false, false, false);
        Map<String, INDArray> bindings = bindings(embedded);
        bindings.put(
                TransformerGraph.HEAD,
                parameters.get(Gpt2Parameters.head(config)).value());
        return planForward(
                TransformerGraph.withLogits(form(shape, true, false)),
                TransformerGraph.LOGITS,
                bindings,
                transformerShape(shape, TransformerShape.NO_GRADIENTS, Optional.empty(), Optional.of(cache)));
    }

    private CompiledGraph planForward(
            SameDiff graph, String output, Map<String, INDArray> bindings, Optional<TransformerShape> shape) {
        GraphSpec spec = new GraphSpec(graph, bindings, List.of(List.of(output)), Map.of(), Set.of(), shape);
        return CompiledGraph.plan(spec, workspace);
    }

    private GraphForm form(Shape shape, boolean cached, boolean dropped) {
        Dialect portable = cached ? Dialect.COMPOSED_BUT_ATTENTION : Dialect.COMPOSED;
        return new GraphForm(
                config,
                shape.rows(),
                shape.length(),
                type,
                kernels == Kernels.ONEDNN ? Dialect.FUSED : portable,
                lora,
                dropped,
                shape.masked());
    }

    private Optional<TransformerShape> transformerShape(
            Shape shape, int firstGradientLayer, Optional<INDArray> mask, Optional<KeyValueCache> cache) {
        return kernels == Kernels.PORTABLE && cache.isEmpty()
                ? Optional.empty()
                : Optional.of(new TransformerShape(
                        shape.rows(),
                        shape.length(),
                        config.heads(),
                        config.attentionScales(),
                        config.layerNormEpsilon(),
                        config.activation() == Activation.GELU_ERF ? Gelu.ERF : Gelu.TANH,
                        firstGradientLayer,
                        mask,
                        cache,
                        kernels,
                        precision));
    }

    private Map<String, INDArray> bindings(INDArray embedded) {
        Map<String, INDArray> bindings = new LinkedHashMap<>();
        names().forEach(name -> bindings.put(name, parameters.get(name).value()));
        bindings.put(TransformerGraph.EMBEDDED, embedded);
        return bindings;
    }

    @Override
    public void close() {
        runs.values().forEach(Run::close);
        runs.clear();
        workspace.close();
    }

    /**
     * @param deferring whether gradients of matrices may be deferred
     * @param masked whether every row has a mask of its own, which is then given to each run
     */
    private record Shape(int rows, int length, boolean differentiable, boolean deferring, boolean masked) {}

    /** One shape's compiled graph and its buffers. */
    private final class Run implements AutoCloseable {
        private final Shape shape;
        private final EmbeddingLookup lookup;
        private final @Nullable INDArray hiddenGradient;
        private final Map<String, INDArray> dropoutMasks = new LinkedHashMap<>();
        /** By the name of the graph's output. */
        private final Map<String, Parameter> deferred = new LinkedHashMap<>();

        private final Optional<INDArray> mask;
        private final CompiledGraph execution;
        private @Nullable String embeddedGradient;

        Run(Shape shape) {
            this.shape = shape;
            int positions = shape.rows() * shape.length();
            lookup = new EmbeddingLookup(parameters, positions);
            hiddenGradient = shape.differentiable() ? Nd4j.create(type, positions, config.width()) : null;
            mask = shape.masked()
                    ? Optional.of(Nd4j.create(type, shape.rows(), 1, shape.length(), shape.length()))
                    : Optional.empty();
            if (shape.differentiable() && dropout.isPresent()) {
                TransformerGraph.dropoutMasks(config, shape.rows(), shape.length())
                        .forEach((name, dimensions) -> dropoutMasks.put(name, Nd4j.create(type, dimensions)));
            }
            execution = shape.differentiable()
                    ? CompiledGraph.plan(differentiable(), workspace)
                    : planForward(
                            TransformerGraph.forward(form(shape, false, false)),
                            TransformerGraph.HIDDEN,
                            inputs(),
                            transformerShape(shape, TransformerShape.NO_GRADIENTS, mask, Optional.empty()));
        }

        private boolean isDeferred(Parameter parameter) {
            long[] size = parameter.value().shape();
            return shape.deferring()
                    && !parameter.hasGradientArray()
                    && size.length == 2
                    && FactoredGradient.pays(type, (long) shape.rows() * shape.length(), size[0], size[1]);
        }

        private Map<String, INDArray> inputs() {
            Map<String, INDArray> inputs = bindings(lookup.embedded());
            mask.ifPresent(array -> inputs.put(TransformerGraph.MASK, array));
            return inputs;
        }

        private GraphSpec differentiable() {
            Map<String, INDArray> bindings = inputs();
            bindings.put(TransformerGraph.HIDDEN_GRADIENT, hiddenGradient);
            bindings.putAll(dropoutMasks);
            SameDiff graph = TransformerGraph.withGradients(form(shape, false, !dropoutMasks.isEmpty()), trained);
            requireMemoryForGradients();
            Map<String, INDArray> gradients = new LinkedHashMap<>();
            List<String> backward = new ArrayList<>();
            for (String name : trained) {
                String gradient = TransformerGraph.gradientName(graph, name);
                backward.add(gradient);
                if (isDeferred(parameters.get(name))) {
                    deferred.put(gradient, parameters.get(name));
                } else {
                    gradients.put(gradient, parameters.get(name).gradient());
                }
            }
            if (embeddingsTrained()) {
                embeddedGradient = TransformerGraph.gradientName(graph, TransformerGraph.EMBEDDED);
                backward.add(embeddedGradient);
            }
            int first = embeddingsTrained()
                    ? 0
                    : trained.stream()
                            .mapToInt(name -> TransformerGraph.layerOf(config, name))
                            .min()
                            .orElse(TransformerShape.NO_GRADIENTS);
            return new GraphSpec(
                    graph,
                    bindings,
                    List.of(List.of(TransformerGraph.HIDDEN), backward),
                    gradients,
                    deferred.keySet(),
                    transformerShape(shape, first, mask, Optional.empty()));
        }

        /** Of the arrays that are made now. */
        private void requireMemoryForGradients() {
            List<Parameter> missing = trained.stream()
                    .map(parameters::get)
                    .filter(parameter -> !parameter.hasGradientArray() && !isDeferred(parameter))
                    .toList();
            long values = missing.stream()
                    .mapToLong(parameter -> parameter.value().length())
                    .sum();
            AvailableMemory.require("the gradient of " + values + " trained parameters", values * type.width());
        }

        void embed(TokenBatch batch) {
            lookup.run(batch.ids(), batch.places());
            mask.ifPresent(array -> {
                try (INDArray values = Nd4j.createFromArray(batch.mask())) {
                    array.assign(values.reshape(array.shape()));
                }
            });
            dropoutMasks.values().forEach(mask -> dropout.orElseThrow().draw(mask));
        }

        void embedBackward(TokenBatch batch) {
            if (!embeddingsTrained()) {
                return;
            }
            INDArray upstream = execution.output(requireNonNull(embeddedGradient, "embeddedGradient"));
            Parameter tokens = parameters.get(TOKEN_EMBEDDING);
            if (tokens.trained()) {
                EmbeddingGradient.add(tokens, shape.deferring(), batch.used(), batch.ids(), HostValues.of(upstream));
            }
            Parameter positions = parameters.get(POSITION_EMBEDDING);
            if (positions.trained()) {
                RowGradient.add(batch.used(), batch.places(), HostValues.of(upstream), positions.gradient());
            }
        }

        @Override
        public void close() {
            execution.close();
            lookup.close();
            dropoutMasks.values().forEach(INDArray::close);
            mask.ifPresent(INDArray::close);
            if (hiddenGradient != null) {
                hiddenGradient.close();
            }
        }
    }
}
