package org.preferencelearning.gpt2.internal.torch;

import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Rows of tables on a device: what is looked up, what is read from them, and what gradients add to them. */
public final class TorchRows {
    private TorchRows() {}

    /** All values, row after row. */
    public static double[] values(TorchTensor tensor) {
        return tensor.device().values(tensor);
    }

    /** A new tensor of what is made for so many values. */
    public static TorchTensor floats(TorchDevice device, LongFunction<float[]> values, long... shape) {
        return device.floats(values.apply(LongStream.of(shape).reduce(1, Math::multiplyExact)), shape);
    }

    /** A new tensor of a mask for attention, {@code [rows, 1, queries, keys]}. */
    public static TorchTensor mask(TorchDevice device, float[][]... mask) {
        int queries = mask[0].length;
        int keys = mask[0][0].length;
        float[] flat = new float[mask.length * queries * keys];
        for (int row = 0; row < mask.length; row++) {
            for (int query = 0; query < queries; query++) {
                System.arraycopy(mask[row][query], 0, flat, (row * queries + query) * keys, keys);
            }
        }
        return device.floats(flat, mask.length, 1, queries, keys);
    }

    /** Rows of two tables, added: a new tensor of a row for each token. */
    public static TorchTensor embedded(
            TorchWeights weights, String tokens, int[] ids, String positions, int... places) {
        TorchTensor table = weights.get(tokens);
        TorchDevice device = table.device();
        try (TorchScope scope = new TorchScope(device)) {
            return scope.keep(scope.add(
                    scope.rows(table, scope.own(device.whole(ids, ids.length))),
                    scope.rows(weights.get(positions), scope.own(device.whole(places, places.length)))));
        }
    }

    /**
     * Adds to the gradient of a table.
     *
     * @param which rows of the updates are added
     * @param rows the row of the table for each of them
     */
    public static void add(TorchWeights weights, String table, int[] which, int[] rows, TorchTensor updates) {
        TorchDevice device = updates.device();
        try (TorchScope scope = new TorchScope(device)) {
            TorchTensor some = scope.rows(updates, scope.own(device.whole(which, which.length)));
            scope.addRows(weights.gradient(table), rows, some);
        }
    }

    /** Products of some rows of hidden states with a parameter, {@code [1, width]}. */
    public static double[] products(TorchTensor hidden, int[] positions, TorchWeights weights, String parameter) {
        TorchDevice device = hidden.device();
        try (TorchScope scope = new TorchScope(device)) {
            TorchTensor rows = scope.rows(hidden, scope.own(device.whole(positions, positions.length)));
            return device.values(scope.product(rows, scope.transposed(weights.get(parameter))));
        }
    }

    /**
     * Adds the gradient of {@link #products}.
     *
     * @param trained whether the parameter is
     * @param upstream derivative by each product
     * @param hiddenGradient to be added to, or null
     */
    public static void addGradientOfProducts(
            TorchTensor hidden,
            int[] positions,
            TorchWeights weights,
            String parameter,
            boolean trained,
            double[] upstream,
            @Nullable TorchTensor hiddenGradient) {
        TorchDevice device = hidden.device();
        try (TorchScope scope = new TorchScope(device)) {
            TorchTensor column = scope.own(device.reals(upstream, device.float32(), upstream.length, 1));
            if (trained) {
                TorchTensor rows = scope.rows(hidden, scope.own(device.whole(positions, positions.length)));
                scope.addProduct(weights.gradient(parameter), scope.transposed(column), rows);
            }
            if (hiddenGradient != null) {
                scope.addRows(hiddenGradient, positions, scope.product(column, weights.get(parameter)));
            }
        }
    }
}
