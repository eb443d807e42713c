package org.preferencelearning.gpt2.internal.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.internal.graph.TransformerGraph.Dialect;

/** Where dropout stands: a mask of zeros has the effect of weights that are zero, which a graph without dropout can show. */
class DropoutGraphTest {
    private static final Gpt2Config CONFIG = new Gpt2Config(10, 8, 8, 2, 2, 1e-5, 0);
    private static final int ROWS = 2;
    private static final int LENGTH = 5;

    @Test
    void masksOfOnesChangeNothing() {
        same(mask -> false, parameter -> false);
    }

    @Test
    void theEmbeddingsMaskIsOnWhatEntersTheFirstBlock() {
        same(mask -> mask.equals("drop"), parameter -> parameter.equals(TransformerGraph.EMBEDDED));
    }

    @Test
    void theResidualMasksAreBehindTheProjectionsAndTheirBiases() {
        same(mask -> mask.equals("h.1.attn.resid_dropout"), parameter -> parameter.startsWith("h.1.attn.c_proj"));
        same(mask -> mask.equals("h.0.mlp.dropout"), parameter -> parameter.startsWith("h.0.mlp.c_proj"));
    }

    @Test
    void theAttentionMaskIsOnTheProbabilitiesInFrontOfTheProjection() {
        same(mask -> mask.equals("h.0.attn.attn_dropout"), parameter -> parameter.equals("h.0.attn.c_proj.weight"));
    }

    private static void same(Predicate<String> zeroMask, Predicate<String> zeroParameter) {
        double[] dropped = hidden(true, zeroMask, parameter -> false);
        double[] expected = hidden(false, mask -> false, zeroParameter);
        assertThat(dropped).containsExactly(expected, within(1e-12));
        assertThat(Arrays.stream(dropped).map(Math::abs).sum()).isPositive();
    }

    private static double[] hidden(boolean dropout, Predicate<String> zeroMask, Predicate<String> zeroParameter) {
        SameDiff graph = TransformerGraph.forward(new GraphForm(
                CONFIG, ROWS, LENGTH, DataType.DOUBLE, Dialect.COMPOSED, Optional.empty(), dropout, false));
        Map<String, INDArray> values = new LinkedHashMap<>();
        for (SDVariable placeholder : graph.variables()) {
            if (placeholder.isPlaceHolder()) {
                values.put(
                        placeholder.name(),
                        value(placeholder.name(), placeholder.placeholderShape(), zeroMask, zeroParameter));
            }
        }
        return graph.output(values, TransformerGraph.HIDDEN)
                .get(TransformerGraph.HIDDEN)
                .reshape((long) ROWS * LENGTH * CONFIG.width())
                .toDoubleVector();
    }

    private static INDArray value(
            String name, long[] shape, Predicate<String> zeroMask, Predicate<String> zeroParameter) {
        if (TransformerGraph.dropoutMasks(CONFIG, ROWS, LENGTH).containsKey(name)) {
            return Nd4j.valueArrayOf(shape, zeroMask.test(name) ? 0.0 : 1.0, DataType.DOUBLE);
        }
        // a value depends on its name alone, so that two graphs have the same
        RandomSource random = RandomSource.of(5).stream(name);
        double[] drawn = new double[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        Arrays.setAll(drawn, i -> zeroParameter.test(name) ? 0 : 0.5 * random.nextGaussian());
        return Nd4j.createFromArray(drawn).reshape(shape);
    }
}
