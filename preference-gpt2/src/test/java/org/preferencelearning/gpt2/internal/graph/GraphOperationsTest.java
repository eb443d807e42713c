package org.preferencelearning.gpt2.internal.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.gpt2.graph.Activation;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.LoraSettings;
import org.preferencelearning.gpt2.graph.Projection;
import org.preferencelearning.gpt2.internal.graph.TransformerGraph.Dialect;

/** Every operation that graphs may use, against central differences in double precision. */
class GraphOperationsTest {
    private record Case(Map<String, long[]> inputs, BiFunction<SameDiff, Map<String, SDVariable>, SDVariable> graph) {}

    private static final Map<String, Case> CASES = cases();

    private static Map<String, Case> cases() {
        Map<String, Case> cases = new TreeMap<>();
        cases.put("add", of(Map.of("a", shape(4, 3), "b", shape(3)), (sd, v) -> v.get("a")
                .add(v.get("b"))));
        cases.put(
                "add_scalar", of(Map.of("a", shape(4, 3)), (sd, v) -> v.get("a").add(1.5)));
        cases.put("biasadd", of(Map.of("a", shape(4, 3), "b", shape(3)), (sd, v) -> sd.nn()
                .biasAdd(v.get("a"), v.get("b"), false)));
        cases.put("divide", of(Map.of("a", shape(4, 3), "b", shape(4, 1)), (sd, v) -> v.get("a")
                .div(v.get("b"))));
        cases.put("erf", of(Map.of("a", shape(4, 3)), (sd, v) -> sd.math().erf(v.get("a"))));
        cases.put(
                "matmul",
                of(
                        Map.of("a", shape(2, 2, 4, 3), "b", shape(2, 2, 5, 3)),
                        (sd, v) -> sd.mmul(v.get("a"), v.get("b"), false, true, false)));
        cases.put(
                "mul_scalar", of(Map.of("a", shape(4, 3)), (sd, v) -> v.get("a").mul(-0.7)));
        cases.put("multiply", of(Map.of("a", shape(4, 3), "b", shape(3)), (sd, v) -> v.get("a")
                .mul(v.get("b"))));
        cases.put("permute", of(Map.of("a", shape(2, 3, 4, 5)), (sd, v) -> sd.permute(v.get("a"), 0, 2, 1, 3)));
        cases.put("reduce_mean", of(Map.of("a", shape(4, 3)), (sd, v) -> v.get("a")
                .mean(true, 1)));
        cases.put(
                "reduce_sum", of(Map.of("a", shape(4, 3)), (sd, v) -> v.get("a").sum(1)));
        cases.put("reshape", of(Map.of("a", shape(4, 6)), (sd, v) -> sd.reshape(v.get("a"), 2, 2, 3, 2)));
        cases.put(
                "softmax", of(Map.of("a", shape(2, 3, 4, 5)), (sd, v) -> sd.nn().softmax(v.get("a"), -1)));
        cases.put("split", of(Map.of("a", shape(4, 6)), (sd, v) -> {
            SDVariable[] parts = sd.split(v.get("a"), 3, 1);
            return parts[0].mul(parts[1]).add(parts[2]);
        }));
        cases.put("sqrt", of(Map.of("a", shape(4, 3)), (sd, v) -> sd.math().sqrt(v.get("a"))));
        cases.put("square", of(Map.of("a", shape(4, 3)), (sd, v) -> sd.math().square(v.get("a"))));
        cases.put("subtract", of(Map.of("a", shape(4, 3), "b", shape(4, 1)), (sd, v) -> v.get("a")
                .sub(v.get("b"))));
        cases.put("tanh", of(Map.of("a", shape(4, 3)), (sd, v) -> sd.math().tanh(v.get("a"))));
        return cases;
    }

    static Stream<String> operations() {
        return GraphOperations.checked().stream();
    }

    @ParameterizedTest
    @MethodSource("operations")
    void theGradientEqualsCentralDifferences(String operation) {
        Case test = CASES.get(operation);
        RandomSource random = RandomSource.of(operation.hashCode());
        Map<String, INDArray> values = new LinkedHashMap<>();
        // positive, so that square roots and quotients are smooth
        test.inputs.forEach((name, shape) -> values.put(name, positive(shape, random)));

        SameDiff graph = SameDiff.create();
        Map<String, SDVariable> inputs = new LinkedHashMap<>();
        values.forEach((name, value) -> inputs.put(name, graph.placeHolder(name, DataType.DOUBLE, value.shape())));
        SDVariable result = test.graph.apply(graph, inputs);
        result.rename("result");
        assertThat(operationNames(graph)).contains(operation);
        INDArray shapeOfResult = graph.output(values, "result").get("result");
        INDArray upstream = positive(shapeOfResult.shape(), random);
        // a different factor for each entry, so that a gradient that ignores its upstream is found
        result.mul(graph.constant("upstream", upstream))
                .sum()
                .mul(graph.var("unit", Nd4j.scalar(1.0)))
                .markAsLoss();
        String[] names = values.keySet().toArray(new String[0]);
        graph.createGradFunction(names);
        Map<String, INDArray> gradients = graph.calculateGradients(values, names);
        for (String name : names) {
            INDArray value = values.get(name);
            double[] analytic = gradients.get(name).reshape(value.length()).toDoubleVector();
            INDArray flat = value.reshape(value.length());
            for (int i = 0; i < analytic.length; i++) {
                double kept = flat.getDouble(i);
                flat.putScalar(i, kept + 1e-6);
                double up = objective(graph, values, upstream);
                flat.putScalar(i, kept - 1e-6);
                double down = objective(graph, values, upstream);
                flat.putScalar(i, kept);
                double numeric = (up - down) / 2e-6;
                assertThat(Math.abs(numeric - analytic[i]))
                        .as("%s, by %s[%d]: numeric %s, analytic %s", operation, name, i, numeric, analytic[i])
                        .isLessThan(1e-7 * Math.max(1, Math.abs(numeric)));
            }
        }
    }

    @Test
    void everyListedOperationHasACase() {
        assertThat(CASES.keySet()).isEqualTo(GraphOperations.checked());
    }

    @ParameterizedTest
    @EnumSource
    void theTransformerIsMadeOfListedOperationsOnly(Activation activation) {
        SameDiff graph = TransformerGraph.forward(new GraphForm(
                new Gpt2Config(50, 16, 16, 2, 2, 24, 1e-5, activation, true, true, true, List.of(49)),
                2,
                8,
                DataType.DOUBLE,
                Dialect.COMPOSED,
                Optional.of(LoraSettings.of(2, 4, Projection.ATTENTION_INPUT)),
                true,
                false));
        assertThat(GraphOperations.checked()).containsAll(operationNames(graph));
    }

    private static double objective(SameDiff graph, Map<String, INDArray> values, INDArray upstream) {
        return graph.output(values, "result")
                .get("result")
                .mul(upstream)
                .sumNumber()
                .doubleValue();
    }

    private static Set<String> operationNames(SameDiff graph) {
        Set<String> names = new TreeSet<>();
        graph.getOps().values().forEach(op -> names.add(op.getOp().opName()));
        return names;
    }

    private static INDArray positive(long[] shape, RandomSource random) {
        int length = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        double[] values = new double[length];
        Arrays.setAll(values, i -> 0.5 + random.nextDouble());
        return Nd4j.createFromArray(values).reshape(shape);
    }

    private static Case of(
            Map<String, long[]> inputs, BiFunction<SameDiff, Map<String, SDVariable>, SDVariable> graph) {
        return new Case(new TreeMap<>(inputs), graph);
    }

    private static long[] shape(long... sizes) {
        return sizes;
    }
}
