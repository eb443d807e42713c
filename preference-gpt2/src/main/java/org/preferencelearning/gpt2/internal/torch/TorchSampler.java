package org.preferencelearning.gpt2.internal.torch;

import java.util.List;
import java.util.stream.DoubleStream;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.gpt2.internal.torch.Torch.Maybe;
import org.preferencelearning.gpt2.internal.torch.Torch.Operator;

/**
 * Draws one token a row from logits, on the device: one number in [0, 1) goes to it for each row, and the tokens with their
 * log-probabilities come back in one copy. What is cut and which token a number stands for is as on the host.
 */
public final class TorchSampler {
    private static final Operator DIVIDE = Operator.of("div.Tensor");
    private static final Operator ARGMAX = Operator.of("argmax");
    private static final Operator GATHER = Operator.of("gather");
    private static final Operator LARGEST = Operator.of("topk");
    private static final Operator AT_LEAST = Operator.of("ge.Tensor");
    private static final Operator ABOVE = Operator.of("gt.Tensor");
    private static final Operator SORT = Operator.of("sort.stable");
    private static final Operator SCATTER = Operator.of("scatter.src");
    private static final Operator RUNNING_SUMS = Operator.of("cumsum");
    private static final Operator SEARCH = Operator.of("searchsorted.Tensor");
    private static final Operator LESSER = Operator.of("minimum");

    /** Below 1 even times a sum, so that the likeliest token is never cut. */
    private static final double MOST_CUT = 1 - 0x1p-50;

    private final TorchDevice device;
    private final SamplingSettings settings;

    /** Draws as the settings say. */
    public TorchSampler(TorchDevice device, SamplingSettings settings) {
        this.device = device;
        this.settings = settings;
    }

    /** Whether the likeliest tokens are taken, for which no number is needed. */
    public boolean isGreedy() {
        return settings.isGreedy();
    }

    /**
     * A token for each row.
     *
     * @param logits {@code [rows, vocabulary]} in float32
     * @param uniform one number in [0, 1) a row; not used where the likeliest token is taken
     * @return the tokens, and then their log-probabilities under the logits themselves, not finite where these, or what they were divided
     *     into, are not
     */
    public double[][] draw(TorchTensor logits, double... uniform) {
        try (TorchScope scope = new TorchScope(device)) {
            Drawn drawn = settings.isGreedy() ? likeliest(scope, logits) : drawn(scope, logits, uniform);
            TorchTensor logarithms = scope.call(GATHER, scope.logSoftmax(logits), 1L, drawn.tokens, false);
            double[] columns = device.values(scope.concat(
                    1,
                    List.of(
                            scope.to(drawn.tokens, device.float64()),
                            scope.to(logarithms, device.float64()),
                            scope.to(drawn.totals, device.float64()))));
            double[][] result = new double[2][uniform.length];
            for (int row = 0; row < uniform.length; row++) {
                result[0][row] = columns[3 * row];
                // a total that is not a number is above nothing
                result[1][row] = columns[3 * row + 2] > 0 ? columns[3 * row + 1] : Double.NaN;
            }
            return result;
        }
    }

    /**
     * What was drawn.
     *
     * @param totals sum of what each token was drawn from
     */
    private record Drawn(TorchTensor tokens, TorchTensor totals) {}

    private Drawn likeliest(TorchScope scope, TorchTensor logits) {
        double[] ones = DoubleStream.generate(() -> 1).limit(logits.size(0)).toArray();
        return new Drawn(
                scope.call(ARGMAX, logits, new Maybe(-1L), true),
                scope.own(device.reals(ones, device.float64(), ones.length, 1)));
    }

    private Drawn drawn(TorchScope scope, TorchTensor logits, double... uniform) {
        TorchTensor scaled = settings.temperature() == 1
                ? logits
                : scope.call(DIVIDE, logits, scope.own(device.floats(new float[] {(float) settings.temperature()})));
        TorchTensor probabilities = scope.softmax(scaled);
        long vocabulary = logits.size(1);
        if (settings.topK() > 0 && settings.topK() < vocabulary) {
            TorchTensor[] largest = scope.run(LARGEST, 2, probabilities, (long) settings.topK(), -1L, true, true);
            TorchTensor kept = scope.call(AT_LEAST, probabilities, lastColumn(scope, largest[0]));
            probabilities = scope.multiply(probabilities, kept);
        }
        if (settings.topP() < 1) {
            probabilities = withoutTail(scope, probabilities);
        }
        TorchTensor sums = runningSums(scope, probabilities);
        TorchTensor share = scope.own(device.reals(uniform, device.float64(), uniform.length, 1));
        TorchTensor totals = lastColumn(scope, sums);
        TorchTensor found =
                scope.call(SEARCH, sums, scope.multiply(totals, share), false, true, Maybe.NONE, Maybe.NONE);
        // where sums are not numbers nothing is found
        TorchTensor last = scope.own(device.whole(new int[] {(int) vocabulary - 1}));
        return new Drawn(scope.call(LESSER, found, last), totals);
    }

    /** Without the least likely tokens whose joint probability is at most {@code 1 - topP}. */
    private TorchTensor withoutTail(TorchScope scope, TorchTensor probabilities) {
        TorchTensor[] ascending = scope.run(SORT, 2, probabilities, new Maybe(true), -1L, false);
        TorchTensor sums = runningSums(scope, ascending[0]);
        double share = Math.min(1 - settings.topP(), MOST_CUT);
        TorchTensor allowed = scope.multiply(
                lastColumn(scope, sums), scope.own(device.reals(new double[] {share}, device.float64())));
        TorchTensor kept = scope.call(ABOVE, sums, allowed);
        return scope.call(SCATTER, probabilities, 1L, ascending[1], scope.multiply(ascending[0], kept));
    }

    private TorchTensor runningSums(TorchScope scope, TorchTensor x) {
        return scope.call(RUNNING_SUMS, x, 1L, new Maybe(device.type(device.float64())));
    }

    private static TorchTensor lastColumn(TorchScope scope, TorchTensor matrix) {
        long[] strides = matrix.strides();
        return scope.view(matrix, new long[] {matrix.size(0), 1}, strides, (matrix.size(1) - 1) * strides[1]);
    }
}
