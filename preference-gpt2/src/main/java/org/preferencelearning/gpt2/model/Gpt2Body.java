package org.preferencelearning.gpt2.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.gpt2.compile.CompiledGraph;
import org.preferencelearning.gpt2.compile.FusedOperations;
import org.preferencelearning.gpt2.compile.GraphExecution;
import org.preferencelearning.gpt2.compile.GraphSpec;
import org.preferencelearning.gpt2.compile.TransformerShape;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.TransformerGraph;
import org.preferencelearning.gpt2.graph.TransformerGraph.Dialect;

/**
 * From token ids to hidden states and back: embeddings, and the compiled transformer for each shape of batch that occurs.
 * What was used longest ago is freed when there are too many shapes.
 */
final class Gpt2Body implements AutoCloseable {
    static final String TOKEN_EMBEDDING = "wte.weight";
    static final String POSITION_EMBEDDING = "wpe.weight";

    private static final int MAX_SHAPES = 12;

    private final Gpt2Config config;
    private final ParameterStore parameters;
    private final DataType type;
    private final Dialect dialect;
    private final Map<Shape, Run> runs = new LinkedHashMap<>(16, 0.75f, true);

    Gpt2Body(Gpt2Config config, ParameterStore parameters) {
        this.config = config;
        this.parameters = parameters;
        this.type = parameters.get(TOKEN_EMBEDDING).value().dataType();
        this.dialect = type == DataType.FLOAT && FusedOperations.available() ? Dialect.FUSED : Dialect.COMPOSED;
    }

    Gpt2Config config() {
        return config;
    }

    /** Hidden states of a batch, {@code [rows * length, width]}; valid until the next call. */
    INDArray forward(TokenBatch batch, boolean differentiable) {
        Run run = run(new Shape(batch.rows(), batch.length(), differentiable));
        run.embed(batch);
        run.execution.run(0);
        return run.execution.output(TransformerGraph.HIDDEN);
    }

    /** The hidden states of the last differentiable {@link #forward} of this shape. */
    INDArray hidden(TokenBatch batch) {
        return run(new Shape(batch.rows(), batch.length(), true)).execution.output(TransformerGraph.HIDDEN);
    }

    /** Buffer for the derivative by the hidden states of the last differentiable {@link #forward} of this shape. */
    INDArray hiddenGradient(TokenBatch batch) {
        return run(new Shape(batch.rows(), batch.length(), true)).hiddenGradient;
    }

    /** Adds the gradient of every trained parameter below the hidden states. */
    void backward(TokenBatch batch) {
        Run run = run(new Shape(batch.rows(), batch.length(), true));
        run.execution.run(1);
        run.embedBackward(batch);
    }

    private Run run(Shape shape) {
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

    @Override
    public void close() {
        runs.values().forEach(Run::close);
        runs.clear();
    }

    private record Shape(int rows, int length, boolean differentiable) {}

    /** One shape's compiled graph and its buffers. */
    private final class Run implements AutoCloseable {
        private final Shape shape;
        private final INDArray embedded;
        private final INDArray hiddenGradient;
        private final INDArray ids;
        private final GraphExecution execution;
        private String embeddedGradient;

        Run(Shape shape) {
            this.shape = shape;
            long positions = (long) shape.rows() * shape.length();
            embedded = Nd4j.create(type, positions, config.width());
            hiddenGradient = shape.differentiable() ? Nd4j.create(type, positions, config.width()) : null;
            ids = Nd4j.create(DataType.INT32, positions);
            execution = CompiledGraph.plan(spec());
        }

        private GraphSpec spec() {
            Map<String, INDArray> bindings = new LinkedHashMap<>();
            for (String name : TransformerGraph.parameterNames(config)) {
                bindings.put(name, parameters.get(name).value());
            }
            bindings.put(TransformerGraph.EMBEDDED, embedded);
            if (!shape.differentiable()) {
                SameDiff graph = TransformerGraph.forward(config, shape.rows(), shape.length(), type, dialect);
                return new GraphSpec(graph, bindings, List.of(List.of(TransformerGraph.HIDDEN)), Map.of(), fused());
            }
            bindings.put(TransformerGraph.HIDDEN_GRADIENT, hiddenGradient);
            List<String> trained = TransformerGraph.parameterNames(config).stream()
                    .filter(name -> parameters.get(name).trained())
                    .toList();
            SameDiff graph =
                    TransformerGraph.withGradients(config, shape.rows(), shape.length(), type, dialect, trained);
            Map<String, INDArray> gradients = new LinkedHashMap<>();
            for (String name : trained) {
                gradients.put(
                        TransformerGraph.gradientName(graph, name),
                        parameters.get(name).gradient());
            }
            List<String> backward = new ArrayList<>(gradients.keySet());
            if (embeddingsTrained()) {
                embeddedGradient = TransformerGraph.gradientName(graph, TransformerGraph.EMBEDDED);
                backward.add(embeddedGradient);
            }
            return new GraphSpec(
                    graph, bindings, List.of(List.of(TransformerGraph.HIDDEN), backward), gradients, fused());
        }

        private Optional<TransformerShape> fused() {
            return dialect == Dialect.COMPOSED
                    ? Optional.empty()
                    : Optional.of(new TransformerShape(
                            shape.rows(),
                            shape.length(),
                            config.heads(),
                            config.layerNormEpsilon(),
                            shape.differentiable()));
        }

        private boolean embeddingsTrained() {
            return parameters.get(TOKEN_EMBEDDING).trained()
                    || parameters.get(POSITION_EMBEDDING).trained();
        }

        /** Looks tokens and positions up. ND4J's gather is right forward; only its gradient is not. */
        void embed(TokenBatch batch) {
            try (INDArray fresh = Nd4j.createFromArray(batch.ids())) {
                ids.assign(fresh);
            }
            Nd4j.exec(DynamicCustomOp.builder("gather")
                    .addInputs(parameters.get(TOKEN_EMBEDDING).value(), ids)
                    .addOutputs(embedded)
                    .addIntegerArguments(0)
                    .build());
            INDArray byRow = embedded.reshape(shape.rows(), shape.length(), config.width());
            Nd4j.exec(DynamicCustomOp.builder("add")
                    .addInputs(
                            byRow, positions(parameters.get(POSITION_EMBEDDING).value()))
                    .addOutputs(byRow)
                    .build());
        }

        void embedBackward(TokenBatch batch) {
            if (!embeddingsTrained()) {
                return;
            }
            INDArray upstream = execution.output(embeddedGradient);
            Parameter tokens = parameters.get(TOKEN_EMBEDDING);
            if (tokens.trained()) {
                TokenGradient.add(batch, upstream, tokens.gradient());
            }
            Parameter positions = parameters.get(POSITION_EMBEDDING);
            if (positions.trained()) {
                try (INDArray sum = upstream.reshape(shape.rows(), shape.length(), config.width())
                        .sum(0)) {
                    positions(positions.gradient()).addi(sum);
                }
            }
        }

        private INDArray positions(INDArray table) {
            return table.get(NDArrayIndex.interval(0, shape.length()), NDArrayIndex.all());
        }

        @Override
        public void close() {
            execution.close();
            embedded.close();
            ids.close();
            if (hiddenGradient != null) {
                hiddenGradient.close();
            }
        }
    }
}
