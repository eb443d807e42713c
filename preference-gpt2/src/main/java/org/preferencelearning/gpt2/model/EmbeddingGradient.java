package org.preferencelearning.gpt2.model;

import com.google.common.primitives.Ints;
import java.util.Arrays;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.model.DeferredGradient;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.gpt2.KernelClock;
import org.preferencelearning.gpt2.internal.compile.FactoredGradient;

/**
 * The gradient of the token embeddings in parts: a product, where an output head is tied to them, and what is added to a few
 * rows, those of the tokens that occur.
 */
final class EmbeddingGradient implements DeferredGradient {
    private final int width;
    private final Optional<Product> product;
    private final NavigableMap<Integer, double[]> added = new TreeMap<>();

    private EmbeddingGradient(int width, Optional<Product> product) {
        this.width = width;
        this.product = product;
    }

    /** The product {@code left' right}; both matrices must stay as they are. */
    static EmbeddingGradient ofProduct(INDArray left, INDArray right, KernelClock clock) {
        return new EmbeddingGradient((int) right.size(1), Optional.of(new Product(left, right, clock)));
    }

    private static EmbeddingGradient zero(Parameter table) {
        return new EmbeddingGradient((int) table.value().size(1), Optional.empty());
    }

    /**
     * Adds to the gradient of a table of embeddings, as {@link RowGradient#add} does.
     *
     * @param deferring whether it may be left to be computed later
     */
    static void add(Parameter table, boolean deferring, int[] which, int[] indices, double[] updates) {
        Optional<DeferredGradient> before = table.deferred();
        if (before.isPresent() && before.get() instanceof EmbeddingGradient gradient) {
            gradient.add(which, indices, updates);
        } else if (deferring && before.isEmpty() && !table.hasGradientArray()) {
            EmbeddingGradient gradient = zero(table);
            gradient.add(which, indices, updates);
            table.defer(gradient);
        } else {
            RowGradient.add(which, indices, updates, table.gradient());
        }
    }

    void add(int[] which, int[] indices, double[] updates) {
        RowGradient.addTo(added, which, indices, updates, width);
    }

    @Override
    public void rows(long first, INDArray into) {
        if (product.isPresent()) {
            product.get().whole().rows(first, into);
        } else {
            into.assign(0);
        }
        added.subMap((int) first, (int) (first + into.size(0)))
                .forEach((row, update) -> HostValues.addToRow(into, (int) (row - first), update));
    }

    @Override
    public double squares() {
        if (product.isEmpty() || added.isEmpty()) {
            return product.map(of -> of.whole().squares()).orElse(0.0)
                    + added.values().stream()
                            .mapToDouble(EmbeddingGradient::squares)
                            .sum();
        }
        // the product's, with those of the rows that something is added to replaced
        double squares = product.get().whole().squares();
        double[] rows = product.get().rows(Ints.toArray(added.keySet()));
        int start = 0;
        for (double[] update : added.values()) {
            double[] row = Arrays.copyOfRange(rows, start, start + width);
            squares -= squares(row);
            Arrays.setAll(row, i -> row[i] + update[i]);
            squares += squares(row);
            start += width;
        }
        // what nothing is left of but rounding may be below 0
        return Math.max(0, squares);
    }

    private static double squares(double[] values) {
        return Arrays.stream(values).map(value -> value * value).sum();
    }

    /** {@code left' right}. */
    private record Product(INDArray left, INDArray right, KernelClock clock) {
        FactoredGradient whole() {
            return new FactoredGradient(left, right, clock);
        }

        /** Some rows, one after the other. */
        double[] rows(int... indices) {
            float[] some = HostValues.columns(left, indices);
            try (INDArray columns = Nd4j.createFromArray(some).reshape(left.size(0), indices.length);
                    INDArray result = Nd4j.createUninitialized(DataType.FLOAT, indices.length, right.size(1))) {
                new FactoredGradient(columns, right, clock).rows(0, result);
                return HostValues.of(result);
            }
        }
    }
}
