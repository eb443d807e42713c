package org.preferencelearning.gpt2.internal.torch;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.model.TokenDistributions;
import org.preferencelearning.gpt2.KernelClock;

/**
 * The output head on a device: log-probabilities of given tokens at given positions, and their gradient. Works on the scored
 * positions only and a chunk of them at a time; of a chunk only the log-probabilities asked for leave the device. They are
 * kept for the backward pass if one chunk holds them all, and computed again otherwise. Logits are in float32, of rounded
 * factors with bfloat16.
 */
public final class TorchHead implements AutoCloseable {
    private final TorchDevice device;
    private final TorchWeights weights;
    private final String name;
    private final boolean trained;
    private final KernelClock clock;
    private final int chunkRows;
    private boolean bfloat16;
    private @Nullable Chunk kept;
    private int @Nullable [] keptTokens;

    /**
     * @param name of the parameter, {@code [vocabulary, width]}
     * @param trained whether it is
     * @param clock counts the time of products and of softmax
     * @param chunkRows most positions that are worked on at once
     */
    public TorchHead(
            TorchDevice device, TorchWeights weights, String name, boolean trained, KernelClock clock, int chunkRows) {
        this.device = device;
        this.weights = weights;
        this.name = name;
        this.trained = trained;
        this.clock = clock;
        this.chunkRows = chunkRows;
    }

    /** Chooses whether factors of products are rounded. */
    public void rounding(boolean toBfloat16) {
        close();
        bfloat16 = toBfloat16;
    }

    /** Distinct positions, their hidden states and the logarithms of their probabilities. */
    private record Chunk(int[] positions, TorchTensor rows, TorchTensor logProbabilities) implements AutoCloseable {
        int row(int position) {
            return Arrays.binarySearch(positions, position);
        }

        @Override
        public void close() {
            rows.close();
            logProbabilities.close();
        }
    }

    /**
     * Log-probability of each of some tokens.
     *
     * @param hidden {@code [positions, width]}
     * @param positions where each token is predicted
     * @param distributions set to what the distributions say, an entry a token
     */
    public double[] forward(
            TorchTensor hidden, int[] positions, Optional<TokenDistributions> distributions, int... tokens) {
        close();
        double[] result = new double[tokens.length];
        for (int start = 0; start < tokens.length; start += chunkRows) {
            int end = Math.min(tokens.length, start + chunkRows);
            int[] some = Arrays.copyOfRange(positions, start, end);
            Chunk chunk = chunk(hidden, some);
            try (TorchScope scope = new TorchScope(device)) {
                int[] places = places(chunk, some, Arrays.copyOfRange(tokens, start, end));
                double[] values = device.values(
                        scope.take(chunk.logProbabilities, scope.own(device.whole(places, places.length))));
                System.arraycopy(values, 0, result, start, values.length);
                int first = start;
                distributions.ifPresent(all -> distributions(scope, chunk, some, values, all, first));
            }
            if (end - start == tokens.length) {
                kept = chunk;
                keptTokens = tokens;
            } else {
                chunk.close();
            }
        }
        return result;
    }

    /** Sets what the distributions of some tokens say. */
    private void distributions(
            TorchScope scope,
            Chunk chunk,
            int[] positions,
            double[] logProbabilities,
            TokenDistributions all,
            int start) {
        TorchTensor probabilities = scope.exp(chunk.logProbabilities);
        double[] negativeEntropies =
                device.values(scope.rowSums(scope.multiply(probabilities, chunk.logProbabilities)));
        double[] squares = device.values(scope.rowSums(scope.multiply(probabilities, probabilities)));
        double[] largest = device.values(scope.rowMaxima(chunk.logProbabilities));
        // the mean of the logits is the product with the mean of the head's rows
        TorchTensor table = weights.get(name);
        double[] sums = device.values(scope.rowSums(scope.multiply(chunk.rows, scope.columnSums(table))));
        for (int i = 0; i < positions.length; i++) {
            int row = chunk.row(positions[i]);
            all.entropies()[start + i] = -negativeEntropies[row];
            all.collisions()[start + i] = Math.log(squares[row]);
            all.meanLogits()[start + i] = sums[row] / table.size(0);
            all.likeliest()[start + i] = logProbabilities[i] >= largest[row];
        }
    }

    private static int[] places(Chunk chunk, int[] positions, int... tokens) {
        int vocabulary = (int) chunk.logProbabilities.size(1);
        return IntStream.range(0, tokens.length)
                .map(i -> Math.addExact(Math.multiplyExact(chunk.row(positions[i]), vocabulary), tokens[i]))
                .toArray();
    }

    private Chunk chunk(TorchTensor hidden, int... positions) {
        int[] distinct = Arrays.stream(positions).sorted().distinct().toArray();
        try (TorchScope scope = new TorchScope(device)) {
            TorchTensor rows = scope.rows(hidden, scope.own(device.whole(distinct, distinct.length)));
            TorchTensor logits = logits(scope, rows);
            TorchTensor[] logarithms = new TorchTensor[1];
            clock.time("softmax", () -> logarithms[0] = scope.logSoftmax(logits));
            return new Chunk(distinct, scope.keep(rows), scope.keep(logarithms[0]));
        }
    }

    private TorchTensor logits(TorchScope scope, TorchTensor rows) {
        return timed(() -> scope.productInFloat32(factor(scope, rows), scope.transposed(table())));
    }

    private interface Product {
        TorchTensor compute();
    }

    private TorchTensor timed(Product product) {
        TorchTensor[] result = new TorchTensor[1];
        clock.time(KernelClock.PRODUCTS, () -> result[0] = product.compute());
        return result[0];
    }

    private int type() {
        return bfloat16 ? device.bfloat16() : device.float32();
    }

    private TorchTensor table() {
        return weights.get(name, type());
    }

    private TorchTensor factor(TorchScope scope, TorchTensor x) {
        return scope.to(x, type());
    }

    /** Logits of every token after each of some positions, {@code [positions, vocabulary]}; the caller's. */
    public TorchTensor logits(TorchTensor hidden, int... positions) {
        close();
        try (TorchScope scope = new TorchScope(device)) {
            TorchTensor rows = scope.rows(hidden, scope.own(device.whole(positions, positions.length)));
            return scope.keep(logits(scope, rows));
        }
    }

    /**
     * Adds {@code sum_i upstream[i] * d logp_i} to the gradient by the head's matrix, where it is trained, and to that by the
     * hidden states.
     *
     * @param positions those of the last {@link #forward}, as {@code tokens}
     * @param hiddenGradient {@code [positions, width]}, or null where nothing below the head is trained
     */
    public void backward(
            TorchTensor hidden,
            int[] positions,
            int[] tokens,
            double[] upstream,
            @Nullable TorchTensor hiddenGradient) {
        for (int start = 0; start < tokens.length; start += chunkRows) {
            int end = Math.min(tokens.length, start + chunkRows);
            int[] some = Arrays.copyOfRange(positions, start, end);
            Chunk chunk = kept != null && keptTokens == tokens ? kept : chunk(hidden, some);
            backward(
                    chunk,
                    some,
                    Arrays.copyOfRange(tokens, start, end),
                    Arrays.copyOfRange(upstream, start, end),
                    hiddenGradient);
            if (chunk != kept) {
                chunk.close();
            }
        }
        close();
    }

    /** With logits z and probabilities p, the log-probability of token t has the gradient {@code e_t - p} by z. */
    private void backward(
            Chunk chunk, int[] positions, int[] tokens, double[] upstream, @Nullable TorchTensor hiddenGradient) {
        double[] ofRow = new double[chunk.positions.length];
        for (int i = 0; i < upstream.length; i++) {
            ofRow[chunk.row(positions[i])] -= upstream[i];
        }
        try (TorchScope scope = new TorchScope(device)) {
            TorchTensor gradient = scope.multiply(
                    scope.exp(chunk.logProbabilities),
                    scope.own(device.reals(ofRow, device.float32(), ofRow.length, 1)));
            addToTokens(scope, gradient, places(chunk, positions, tokens), upstream);
            backward(scope, gradient, chunk.positions, chunk.rows, hiddenGradient);
        }
    }

    /** Adds to single values; what belongs to one is added up first. */
    private void addToTokens(TorchScope scope, TorchTensor gradient, int[] places, double... upstream) {
        Map<Integer, Double> sums = new LinkedHashMap<>();
        for (int i = 0; i < places.length; i++) {
            sums.merge(places[i], upstream[i], Double::sum);
        }
        int[] which = sums.keySet().stream().mapToInt(Integer::intValue).toArray();
        double[] values =
                sums.values().stream().mapToDouble(Double::doubleValue).toArray();
        TorchTensor flat = scope.view(gradient, new long[] {gradient.size(0) * gradient.size(1)}, new long[] {1}, 0);
        scope.put(
                flat,
                scope.own(device.whole(which, which.length)),
                scope.own(device.reals(values, device.float32(), values.length)));
    }

    private void backward(
            TorchScope scope,
            TorchTensor gradient,
            int[] positions,
            TorchTensor rows,
            @Nullable TorchTensor hiddenGradient) {
        TorchTensor byLogits = factor(scope, gradient);
        if (hiddenGradient != null) {
            scope.addRows(hiddenGradient, positions, timed(() -> scope.productInFloat32(byLogits, table())));
        }
        if (trained) {
            clock.time(
                    KernelClock.PRODUCTS,
                    () -> scope.addProduct(weights.gradient(name), scope.transposed(byLogits), factor(scope, rows)));
        }
    }

    /**
     * Adds what follows from a gradient by logits.
     *
     * @param positions of the logits, each once
     * @param gradient one position after the other
     * @param hiddenGradient as in {@link #backward}
     */
    public void backwardOfLogits(
            TorchTensor hidden, int[] positions, double[] gradient, @Nullable TorchTensor hiddenGradient) {
        try (TorchScope scope = new TorchScope(device)) {
            TorchTensor byLogits = scope.own(
                    device.reals(gradient, device.float32(), positions.length, gradient.length / positions.length));
            TorchTensor rows = scope.rows(hidden, scope.own(device.whole(positions, positions.length)));
            backward(scope, byLogits, positions, rows, hiddenGradient);
        }
    }

    /** Frees what is kept for a backward pass. */
    @Override
    public void close() {
        if (kept != null) {
            kept.close();
            kept = null;
            keptTokens = null;
        }
    }
}
