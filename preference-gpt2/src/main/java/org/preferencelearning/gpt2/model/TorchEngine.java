package org.preferencelearning.gpt2.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.core.model.TokenDistributions;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.state.Stateful;
import org.preferencelearning.gpt2.KernelClock;
import org.preferencelearning.gpt2.graph.Activation;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.LoraSettings;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.preferencelearning.gpt2.internal.graph.GraphForm;
import org.preferencelearning.gpt2.internal.graph.TransformerGraph;
import org.preferencelearning.gpt2.internal.graph.TransformerGraph.Dialect;
import org.preferencelearning.gpt2.internal.torch.TorchCache;
import org.preferencelearning.gpt2.internal.torch.TorchDevice;
import org.preferencelearning.gpt2.internal.torch.TorchGraph;
import org.preferencelearning.gpt2.internal.torch.TorchHead;
import org.preferencelearning.gpt2.internal.torch.TorchRows;
import org.preferencelearning.gpt2.internal.torch.TorchSampler;
import org.preferencelearning.gpt2.internal.torch.TorchTensor;
import org.preferencelearning.gpt2.internal.torch.TorchWeights;
import org.preferencelearning.gpt2.model.LanguageModelHead.Scored;

/**
 * Passes by libtorch: the graphs that SameDiff defines and differentiates, node by node, with their values on the device from
 * the tokens to the log-probabilities. The parameters must have been moved there.
 */
final class TorchEngine implements Engine {
    private static final int MAX_SHAPES = 12;

    private final Gpt2Config config;
    private final ParameterStore parameters;
    private final Optional<LoraSettings> lora;
    private final TorchDevice device;
    private final TorchWeights weights;
    private final TorchHead head;
    private final List<String> names;
    private final List<String> trained;
    private final KernelClock clock = new KernelClock();
    private final Map<Shape, Run> runs = new LinkedHashMap<>(16, 0.75f, true);
    private Optional<Dropout> dropout = Optional.empty();
    private MatrixPrecision precision = MatrixPrecision.FLOAT32;
    /** Of the last scoring; the head tells by the array whether what it keeps is of these. */
    private int[] tokens = {};

    private @Nullable Decoder decoder;

    /** @param head name of the parameter that turns hidden states into logits */
    TorchEngine(
            Gpt2Config config,
            ParameterStore parameters,
            Optional<LoraSettings> lora,
            String head,
            TorchDevice device) {
        this.config = config;
        this.parameters = parameters;
        this.lora = lora;
        this.device = device;
        this.weights = new TorchWeights(parameters, device);
        this.head = new TorchHead(
                device,
                weights,
                head,
                parameters.get(head).trained(),
                clock,
                LanguageModelHead.chunkRows(config.vocabulary(), Float.BYTES));
        this.names = new ArrayList<>(TransformerGraph.parameterNames(config));
        lora.ifPresent(settings -> names.addAll(TransformerGraph.adapterNames(config, settings)));
        this.trained =
                names.stream().filter(name -> parameters.get(name).trained()).toList();
    }

    private boolean isTrained(String name) {
        return parameters.get(name).trained();
    }

    private boolean embeddingsTrained() {
        return isTrained(Gpt2Body.TOKEN_EMBEDDING) || isTrained(Gpt2Body.POSITION_EMBEDDING);
    }

    private boolean isTrained() {
        return !trained.isEmpty() || embeddingsTrained();
    }

    private boolean bfloat16() {
        return precision == MatrixPrecision.BFLOAT16;
    }

    @Override
    public TokenBatch batch(List<TokenSequence> sequences) {
        return dropout.isPresent() ? TokenBatch.of(sequences, config) : TokenBatch.sharingPrompts(sequences, config);
    }

    // Passes

    private TorchTensor forward(TokenBatch batch, boolean differentiable) {
        head.close();
        Run run = run(batch, differentiable);
        run.begin(batch);
        run.graph.run(0);
        return run.graph.output(TransformerGraph.HIDDEN);
    }

    private Run run(TokenBatch batch, boolean differentiable) {
        Shape shape = new Shape(batch.rows(), batch.length(), differentiable && isTrained(), batch.sharesPrompts());
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
        // one pass has the device's memory at a time
        for (Run other : runs.values()) {
            if (other != run) {
                other.graph.release();
            }
        }
        return run;
    }

    @Override
    public double[] logProbabilities(
            TokenBatch batch, List<Scored> scored, boolean differentiable, Optional<TokenDistributions> distributions) {
        tokens = tokens(scored);
        return head.forward(forward(batch, differentiable), positions(scored), distributions, tokens);
    }

    private static int[] positions(List<Scored> scored) {
        return scored.stream().mapToInt(Scored::position).toArray();
    }

    private static int[] tokens(List<Scored> scored) {
        return scored.stream().mapToInt(Scored::token).toArray();
    }

    @Override
    public void addGradient(TokenBatch batch, List<Scored> scored, double[] upstream) {
        Run run = run(batch, true);
        try (TorchTensor hiddenGradient = hiddenGradient(batch)) {
            head.backward(
                    run.graph.output(TransformerGraph.HIDDEN), positions(scored), tokens, upstream, hiddenGradient);
            run.backward(batch, hiddenGradient);
        }
    }

    /** Zeros, or null where nothing below the hidden states is trained. */
    private @Nullable TorchTensor hiddenGradient(TokenBatch batch) {
        return isTrained() ? device.zeros((long) batch.rows() * batch.length(), config.width()) : null;
    }

    @Override
    public double[] logits(TokenBatch batch, int[] positions, boolean differentiable) {
        try (TorchTensor logits = head.logits(forward(batch, differentiable), positions)) {
            return TorchRows.values(logits);
        }
    }

    @Override
    public void addGradientOfLogits(TokenBatch batch, int[] positions, double[] gradient) {
        Run run = run(batch, true);
        try (TorchTensor hiddenGradient = hiddenGradient(batch)) {
            head.backwardOfLogits(run.graph.output(TransformerGraph.HIDDEN), positions, gradient, hiddenGradient);
            run.backward(batch, hiddenGradient);
        }
    }

    @Override
    public double[] distribution(TokenBatch batch, int position, double temperature) {
        double[] logits = logits(batch, new int[] {position}, false);
        for (int i = 0; i < logits.length; i++) {
            logits[i] /= temperature;
        }
        double[] probabilities = LogSoftmax.of(logits, logits.length);
        for (int i = 0; i < probabilities.length; i++) {
            probabilities[i] = Math.exp(probabilities[i]);
        }
        return probabilities;
    }

    @Override
    public double[] rewards(TokenBatch batch, boolean differentiable) {
        return TorchRows.products(forward(batch, differentiable), batch.lastPositions(), weights, Gpt2Parameters.SCORE);
    }

    @Override
    public void addGradientOfRewards(TokenBatch batch, double[] upstream) {
        Run run = run(batch, true);
        try (TorchTensor hiddenGradient = hiddenGradient(batch)) {
            TorchRows.addGradientOfProducts(
                    run.graph.output(TransformerGraph.HIDDEN),
                    batch.lastPositions(),
                    weights,
                    Gpt2Parameters.SCORE,
                    isTrained(Gpt2Parameters.SCORE),
                    upstream,
                    hiddenGradient);
            run.backward(batch, hiddenGradient);
        }
    }

    // Graphs

    private record Shape(int rows, int length, boolean differentiable, boolean masked) {}

    private GraphForm form(Shape shape, boolean dropped) {
        return new GraphForm(
                config, shape.rows(), shape.length(), DataType.FLOAT, Dialect.FUSED, lora, dropped, shape.masked());
    }

    private TorchGraph.Form kernels(Shape shape, Optional<TorchCache> cache, boolean continues) {
        return new TorchGraph.Form(
                shape.rows(),
                shape.length(),
                config.heads(),
                config.attentionScales(),
                config.layerNormEpsilon(),
                config.activation() == Activation.GELU_ERF,
                shape.masked() ? Optional.of(TransformerGraph.MASK) : Optional.empty(),
                cache,
                continues,
                bfloat16());
    }

    /** One shape's graph and what it is given. */
    private final class Run implements AutoCloseable {
        private final Shape shape;
        private final TorchGraph graph;
        private final Map<String, TorchTensor> given = new LinkedHashMap<>();
        private @Nullable String embeddedGradient;

        Run(Shape shape) {
            this.shape = shape;
            graph = shape.differentiable()
                    ? differentiable()
                    : new TorchGraph(
                            TransformerGraph.forward(form(shape, false)),
                            List.of(List.of(TransformerGraph.HIDDEN)),
                            Map.of(),
                            kernels(shape, Optional.empty(), false),
                            weights,
                            device,
                            clock);
        }

        private TorchGraph differentiable() {
            SameDiff gradients = TransformerGraph.withGradients(form(shape, dropout.isPresent()), trained);
            Map<String, String> accumulated = new LinkedHashMap<>();
            trained.forEach(name -> accumulated.put(TransformerGraph.gradientName(gradients, name), name));
            List<String> backward = new ArrayList<>(accumulated.keySet());
            if (embeddingsTrained()) {
                embeddedGradient = TransformerGraph.gradientName(gradients, TransformerGraph.EMBEDDED);
                backward.add(embeddedGradient);
            }
            return new TorchGraph(
                    gradients,
                    List.of(List.of(TransformerGraph.HIDDEN), backward),
                    accumulated,
                    kernels(shape, Optional.empty(), false),
                    weights,
                    device,
                    clock);
        }

        private void give(String placeholder, TorchTensor tensor) {
            TorchTensor before = given.put(placeholder, tensor);
            if (before != null) {
                before.close();
            }
            graph.bind(placeholder, tensor);
        }

        void begin(TokenBatch batch) {
            give(TransformerGraph.EMBEDDED, embedded(batch.ids(), batch.places()));
            if (shape.masked()) {
                give(TransformerGraph.MASK, TorchRows.mask(device, batch.mask()));
            }
            if (shape.differentiable() && dropout.isPresent()) {
                TransformerGraph.dropoutMasks(config, shape.rows(), shape.length())
                        .forEach((name, sizes) -> give(name, TorchRows.floats(device, dropout.get()::factors, sizes)));
            }
        }

        void backward(TokenBatch batch, @Nullable TorchTensor hiddenGradient) {
            if (hiddenGradient == null) {
                return;
            }
            graph.bind(TransformerGraph.HIDDEN_GRADIENT, hiddenGradient);
            graph.run(1);
            if (embeddedGradient != null) {
                TorchTensor upstream = graph.output(embeddedGradient);
                addRows(Gpt2Body.TOKEN_EMBEDDING, batch.used(), batch.ids(), upstream);
                addRows(Gpt2Body.POSITION_EMBEDDING, batch.used(), batch.places(), upstream);
            }
        }

        private void addRows(String table, int[] which, int[] rows, TorchTensor upstream) {
            if (isTrained(table)) {
                TorchRows.add(
                        weights,
                        table,
                        which,
                        IntStream.of(which).map(i -> rows[i]).toArray(),
                        upstream);
            }
        }

        @Override
        public void close() {
            graph.close();
            given.values().forEach(TorchTensor::close);
            given.clear();
        }
    }

    private TorchTensor embedded(int[] ids, int[] places) {
        return TorchRows.embedded(weights, Gpt2Body.TOKEN_EMBEDDING, ids, Gpt2Body.POSITION_EMBEDDING, places);
    }

    // Sampling

    @Override
    public Tokens tokens(int prompts, int promptLength, SamplingSettings settings) {
        runs.values().forEach(run -> run.graph.release());
        Size size = new Size(prompts, settings.samplesPerPrompt(), promptLength, settings.maxNewTokens());
        if (decoder == null || !decoder.size.equals(size)) {
            closeDecoder();
            decoder = new Decoder(size);
        }
        return new DeviceTokens(decoder, new TorchSampler(device, settings));
    }

    private record Size(int prompts, int copies, int promptLength, int newTokens) {
        int rows() {
            return prompts * copies;
        }
    }

    /** A cache, the graph that fills it with prompts, and the one that adds a token to every row. */
    private final class Decoder implements AutoCloseable {
        final Size size;
        private final TorchCache cache;
        private final TorchGraph prompts;
        private final TorchGraph step;

        Decoder(Size size) {
            this.size = size;
            cache = new TorchCache(
                    device,
                    size.prompts(),
                    size.copies(),
                    size.promptLength(),
                    size.newTokens(),
                    config.layers(),
                    config.heads(),
                    config.width(),
                    bfloat16());
            prompts = graph(new Shape(size.prompts(), size.promptLength(), false, false), false);
            step = graph(new Shape(size.rows(), 1, false, false), true);
        }

        private TorchGraph graph(Shape shape, boolean continues) {
            return new TorchGraph(
                    TransformerGraph.forward(form(shape, false)),
                    List.of(List.of(TransformerGraph.HIDDEN)),
                    Map.of(),
                    kernels(shape, Optional.of(cache), continues),
                    weights,
                    device,
                    clock);
        }

        private TorchTensor logits(TorchGraph graph, int[] ids, int[] places, int[] positions) {
            try (TorchTensor embedded = embedded(ids, places)) {
                graph.bind(TransformerGraph.EMBEDDED, embedded);
                graph.run(0);
                return head.logits(graph.output(TransformerGraph.HIDDEN), positions);
            }
        }

        TorchTensor begin(TokenBatch batch) {
            cache.begin(
                    batch.sequences().stream().mapToInt(TokenSequence::length).toArray());
            int[] last = IntStream.range(0, size.rows())
                    .map(row -> batch.lastPosition(row / size.copies()))
                    .toArray();
            return logits(prompts, batch.ids(), batch.places(), last);
        }

        TorchTensor next(int[] tokens) {
            int[] rows = IntStream.range(0, tokens.length).toArray();
            int[] places = IntStream.of(rows).map(cache::length).toArray();
            cache.advance();
            return logits(step, tokens, places, rows);
        }

        @Override
        public void close() {
            prompts.close();
            step.close();
            cache.close();
        }
    }

    private static final class DeviceTokens implements Tokens {
        private final Decoder rows;
        private final TorchSampler sampler;

        DeviceTokens(Decoder rows, TorchSampler sampler) {
            this.rows = rows;
            this.sampler = sampler;
        }

        @Override
        public TokenSampler.Draw[] first(TokenBatch batch, RandomSource[] random) {
            try (TorchTensor logits = rows.begin(batch)) {
                return draw(logits, random);
            }
        }

        @Override
        public TokenSampler.Draw[] next(int[] tokens, RandomSource[] random) {
            try (TorchTensor logits = rows.next(tokens)) {
                return draw(logits, random);
            }
        }

        private TokenSampler.Draw[] draw(TorchTensor logits, RandomSource[] random) {
            double[] uniform = new double[random.length];
            for (int row = 0; row < uniform.length; row++) {
                uniform[row] = random[row] == null || sampler.isGreedy() ? 0 : random[row].nextDouble();
            }
            double[][] drawn = sampler.draw(logits, uniform);
            TokenSampler.Draw[] draws = new TokenSampler.Draw[random.length];
            for (int row = 0; row < draws.length; row++) {
                if (random[row] != null) {
                    draws[row] = new TokenSampler.Draw((int) drawn[0][row], drawn[1][row]);
                }
            }
            return draws;
        }

        @Override
        public void close() {
            // what is on the device serves the next batch
        }
    }

    private void closeDecoder() {
        if (decoder != null) {
            decoder.close();
            decoder = null;
        }
    }

    // Choices

    private void closeRuns() {
        closeDecoder();
        runs.values().forEach(Run::close);
        runs.clear();
    }

    @Override
    public void requirePrecision(MatrixPrecision wanted) {
        // libtorch multiplies bfloat16 on every device, in hardware or not
        SettingException.require(wanted != null, "precision", wanted, "FLOAT32 or BFLOAT16");
    }

    @Override
    public void precision(MatrixPrecision wanted) {
        closeRuns();
        weights.close();
        head.rounding(wanted == MatrixPrecision.BFLOAT16);
        precision = wanted;
    }

    @Override
    public void dropout(Dropout random) {
        closeRuns();
        dropout = Optional.of(random);
    }

    @Override
    public Stateful trainingState() {
        return dropout.<Stateful>map(random -> random).orElseGet(Stateful::none);
    }

    @Override
    public KernelClock clock() {
        return clock;
    }

    @Override
    public void close() {
        closeRuns();
        head.close();
        weights.close();
    }
}
