package org.preferencelearning.gpt2.internal.compile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.gpt2.KernelClock;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.preferencelearning.gpt2.internal.compile.TransformerShape.Gelu;
import org.preferencelearning.gpt2.internal.compile.TransformerShape.Kernels;
import org.preferencelearning.gpt2.internal.graph.GraphForm;
import org.preferencelearning.gpt2.internal.graph.TransformerGraph;
import org.preferencelearning.gpt2.internal.graph.TransformerGraph.Dialect;

class CompiledGraphTest {
    private static final Gpt2Config CONFIG = new Gpt2Config(11, 16, 12, 2, 3, 1e-5, 10);
    private static final int ROWS = 3;
    private static final int LENGTH = 8;

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void resultsEqualTheSessionsToTheLastBit(DataType type) {
        GraphSpec spec = transformer(Dialect.COMPOSED, type);
        Map<String, double[]> session = run(new SessionGraph(spec), spec);
        Map<String, double[]> compiled = run(CompiledGraph.plan(spec, workspace()), spec);
        assertThat(compiled.keySet()).isEqualTo(session.keySet()).hasSize(28);
        session.forEach(
                (name, values) -> assertThat(compiled.get(name)).as(name).isEqualTo(values));
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void accumulatedOutputsAreAddedToTheirSums(DataType type) {
        GraphSpec kept = transformer(Dialect.COMPOSED, type);
        Map<String, double[]> expected = new LinkedHashMap<>();
        Map<String, INDArray> sums = new LinkedHashMap<>();
        try (CompiledGraph graph = CompiledGraph.plan(kept, workspace())) {
            graph.run(0);
            graph.run(1);
            for (String name : kept.phases().get(1)) {
                expected.put(name, flat(graph.output(name)));
                sums.put(name, Nd4j.zeros(type, graph.output(name).shape()));
            }
        }
        GraphSpec spec = new GraphSpec(kept.graph(), kept.bindings(), kept.phases(), sums, Set.of(), kept.fused());
        try (CompiledGraph graph = CompiledGraph.plan(spec, workspace())) {
            assertThat(sums.values())
                    .as("planning adds nothing")
                    .allMatch(sum -> sum.sumNumber().doubleValue() == 0);
            graph.run(0);
            graph.run(1);
            sums.forEach((name, sum) -> assertThat(flat(sum)).as(name).isEqualTo(expected.get(name)));
            graph.run(0);
            graph.run(1);
            sums.forEach((name, sum) -> assertThat(flat(sum.mul(0.5))).as(name).isEqualTo(expected.get(name)));
        }
    }

    @Test
    void fusedKernelsAgreeWithComposedOperations() {
        Assumptions.assumeTrue(FusedOperations.available(), "needs oneDNN's native library");
        GraphSpec composed = transformer(Dialect.COMPOSED, DataType.FLOAT);
        GraphSpec fused = transformer(Dialect.FUSED, DataType.FLOAT);
        List<String> names = composed.phases().stream().flatMap(List::stream).toList();
        List<String> fusedNames = fused.phases().stream().flatMap(List::stream).toList();
        Map<String, double[]> expected = run(CompiledGraph.plan(composed, workspace()), composed);
        Map<String, double[]> found = run(CompiledGraph.plan(fused, workspace()), fused);
        for (int i = 0; i < names.size(); i++) {
            double[] a = expected.get(names.get(i));
            double[] b = found.get(fusedNames.get(i));
            double squares = 0;
            double size = 0;
            for (int k = 0; k < a.length; k++) {
                squares += (a[k] - b[k]) * (a[k] - b[k]);
                size += a[k] * a[k];
            }
            // the gradient of keys' biases is exactly 0, so those tensors are in part noise
            assertThat(Math.sqrt(squares / size)).as(names.get(i)).isLessThan(1e-5);
        }
    }

    @Test
    void aSecondRunSeesWhatWasWrittenIntoItsInputs() {
        GraphSpec spec = transformer(Dialect.COMPOSED, DataType.FLOAT);
        try (CompiledGraph graph = CompiledGraph.plan(spec, workspace())) {
            graph.run(0);
            double[] before = flat(graph.output(TransformerGraph.HIDDEN));
            INDArray input = spec.bindings().get(TransformerGraph.EMBEDDED);
            input.muli(-1);
            graph.run(0);
            assertThat(flat(graph.output(TransformerGraph.HIDDEN))).isNotEqualTo(before);
            input.muli(-1);
            graph.run(0);
            assertThat(flat(graph.output(TransformerGraph.HIDDEN))).isEqualTo(before);
        }
    }

    @Test
    void buffersAreSharedByValuesThatAreNotAliveTogether() {
        SameDiff graph = SameDiff.create();
        SDVariable x = graph.placeHolder("x", DataType.FLOAT, 1000);
        SDVariable y = x;
        for (int i = 0; i < 20; i++) {
            y = graph.math().tanh(y);
        }
        y.rename("y");
        GraphSpec spec = new GraphSpec(
                graph,
                Map.of("x", Nd4j.ones(DataType.FLOAT, 1000)),
                List.of(List.of("y")),
                Map.of(),
                Set.of(),
                Optional.empty());
        try (CompiledGraph compiled = CompiledGraph.plan(spec, workspace())) {
            assertThat(compiled.operations()).isEqualTo(20);
            // two buffers of 4000 bytes, each rounded up to whole cache lines
            assertThat(compiled.bufferBytes()).isEqualTo(2 * 4032);
        }
    }

    @Test
    void graphsOfOtherShapesUseTheSameMemory() {
        Assumptions.assumeTrue(FusedOperations.available(), "needs oneDNN's native library");
        GraphSpec one = transformer(Dialect.FUSED, DataType.FLOAT);
        Map<String, double[]> alone = run(CompiledGraph.plan(one, workspace()), one);
        try (Workspace shared = workspace();
                CompiledGraph first = CompiledGraph.plan(one, shared);
                CompiledGraph second = CompiledGraph.plan(transformer(Dialect.COMPOSED, DataType.FLOAT), shared)) {
            assertThat(shared.slabs(DataType.FLOAT)).hasSize(1);
            second.run(0);
            second.run(1);
            first.run(0);
            first.run(1);
            alone.forEach((name, values) ->
                    assertThat(flat(first.output(name))).as(name).isEqualTo(values));
        }
    }

    @Test
    void whatIsCheapIsComputedAgainRatherThanKept() {
        Assumptions.assumeTrue(FusedOperations.available(), "needs oneDNN's native library");
        GraphSpec spec = transformer(Dialect.FUSED, DataType.FLOAT);
        KernelClock clock = new KernelClock();
        try (Workspace workspace = new Workspace(clock);
                CompiledGraph graph = CompiledGraph.plan(spec, workspace)) {
            graph.run(0);
            Map<String, Double> forward = clock.seconds();
            graph.run(1);
            Map<String, Double> both = clock.seconds();
            for (String kernel : List.of("layer_norm", "gelu")) {
                assertThat(both.get(kernel)).as(kernel).isGreaterThan(forward.get(kernel));
            }
            assertThat(both.get("attention")).as("what is not cheap runs once").isEqualTo(forward.get("attention"));
        }
    }

    private static Workspace workspace() {
        return new Workspace(new KernelClock());
    }

    private static Map<String, double[]> run(GraphExecution execution, GraphSpec spec) {
        Map<String, double[]> results = new LinkedHashMap<>();
        try (execution) {
            for (int phase = 0; phase < spec.phases().size(); phase++) {
                execution.run(phase);
            }
            spec.phases().forEach(names -> names.forEach(name -> results.put(name, flat(execution.output(name)))));
        }
        return results;
    }

    private static double[] flat(INDArray array) {
        return array.dup('c').reshape(array.length()).toDoubleVector();
    }

    private static GraphSpec transformer(Dialect dialect, DataType type) {
        RandomSource random = RandomSource.of(3);
        List<String> parameters = TransformerGraph.parameterNames(CONFIG);
        SameDiff graph = TransformerGraph.withGradients(
                new GraphForm(CONFIG, ROWS, LENGTH, type, dialect, Optional.empty(), false, false), parameters);
        Map<String, INDArray> bindings = new LinkedHashMap<>();
        for (String name : parameters) {
            long[] shape = graph.getVariable(name).placeholderShape();
            bindings.put(name, random(shape, 0.3, random).castTo(type).addi(name.contains("ln_") ? 1 : 0));
        }
        long[] hidden = {ROWS * LENGTH, CONFIG.width()};
        bindings.put(TransformerGraph.EMBEDDED, random(hidden, 1, random).castTo(type));
        bindings.put(TransformerGraph.HIDDEN_GRADIENT, random(hidden, 1, random).castTo(type));
        List<String> gradients = new ArrayList<>();
        for (String name : parameters) {
            gradients.add(TransformerGraph.gradientName(graph, name));
        }
        gradients.add(TransformerGraph.gradientName(graph, TransformerGraph.EMBEDDED));
        return new GraphSpec(
                graph,
                bindings,
                List.of(List.of(TransformerGraph.HIDDEN), gradients),
                Map.of(),
                Set.of(),
                dialect == Dialect.COMPOSED
                        ? Optional.empty()
                        : Optional.of(new TransformerShape(
                                ROWS,
                                LENGTH,
                                CONFIG.heads(),
                                CONFIG.attentionScales(),
                                CONFIG.layerNormEpsilon(),
                                Gelu.TANH,
                                0,
                                Optional.empty(),
                                Optional.empty(),
                                Kernels.ONEDNN,
                                MatrixPrecision.FLOAT32)));
    }

    private static INDArray random(long[] shape, double deviation, RandomSource random) {
        int length = 1;
        for (long size : shape) {
            length *= (int) size;
        }
        double[] values = new double[length];
        for (int i = 0; i < length; i++) {
            values[i] = deviation * random.nextGaussian();
        }
        return Nd4j.createFromArray(values).reshape(shape);
    }
}
