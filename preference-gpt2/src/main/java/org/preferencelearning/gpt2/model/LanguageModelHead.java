package org.preferencelearning.gpt2.model;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.preferencelearning.core.internal.memory.AvailableMemory;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.TokenDistributions;
import org.preferencelearning.gpt2.KernelClock;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.preferencelearning.gpt2.internal.compile.FactoredGradient;
import org.preferencelearning.gpt2.internal.compile.MatrixProduct;
import org.preferencelearning.gpt2.internal.compile.MatrixProduct.Factor;
import org.preferencelearning.gpt2.internal.compile.RowSoftmax;

/**
 * The output head: log-probabilities of given tokens at given positions, and their gradient. Its matrix, here the embedding,
 * is that of the token embeddings where the head is tied to them, and otherwise one of its own.
 *
 * <p>Works on the scored positions only and a chunk of them at a time, so that no tensor of all positions times the
 * vocabulary exists. With logits {@code z = W h} and probabilities {@code p}, the log-probability of token t has the
 * gradient {@code e_t - p} by {@code z}. The share of the scored tokens is worked out by itself, exactly where p is near 1;
 * that of all others is a product with p, whose rows are scaled where they are short: before the product by the embedding,
 * after that by the hidden states. Probabilities are kept for the backward pass if one chunk holds them all, and computed
 * again otherwise.
 */
final class LanguageModelHead implements AutoCloseable {
    private static final long CHUNK_BYTES = 256L << 20;
    private static final int MAX_CHUNK_ROWS = 4096;
    /** Below this a probability nears the end of float's range; its logarithm is then taken through another token. */
    private static final double SMALL_PROBABILITY = 1e-30;

    private final Parameter embedding;
    private final KernelClock clock;
    private final DataType type;
    private final long width;
    private final long vocabulary;
    private final int chunkRows;
    private MatrixPrecision precision = MatrixPrecision.FLOAT32;
    private @Nullable ScoredRows arrays;
    private @Nullable Buffers buffers;
    private @Nullable List<Scored> kept;

    /** @param clock counts the time of products and of softmax */
    LanguageModelHead(Parameter embedding, KernelClock clock) {
        this(embedding, clock, defaultChunkRows(embedding.value()));
    }

    /** @param chunkRows most positions that are worked on at once */
    LanguageModelHead(Parameter embedding, KernelClock clock, int chunkRows) {
        this.embedding = embedding;
        this.clock = clock;
        this.type = embedding.value().dataType();
        this.vocabulary = embedding.value().size(0);
        this.width = embedding.value().size(1);
        this.chunkRows = chunkRows;
    }

    private static int defaultChunkRows(INDArray embedding) {
        return chunkRows(embedding.size(0), embedding.dataType().width());
    }

    /** Most positions that are worked on at once for a vocabulary. */
    static int chunkRows(long vocabulary, int elementBytes) {
        return (int) Math.max(8, Math.min(MAX_CHUNK_ROWS, CHUNK_BYTES / (vocabulary * elementBytes)));
    }

    /**
     * Log-probability of each scored token.
     *
     * @param hidden {@code [positions, width]}
     * @param distributions set to what the distributions say, an entry a scored token
     */
    double[] forward(INDArray hidden, List<Scored> scored, Optional<TokenDistributions> distributions) {
        double[] result = new double[scored.size()];
        for (int start = 0; start < result.length; start += chunkRows) {
            List<Scored> chunk = scored.subList(start, Math.min(result.length, start + chunkRows));
            int[] positions = positions(chunk);
            Buffers b = gatheredLogits(hidden, positions);
            if (distributions.isPresent()) {
                int first = start;
                clock.time("token statistics", () -> RowStatistics.ofSoftmax(
                                b.arrays.probabilities(), b.arrays.rows(), embedding.value())
                        .set(chunk, one -> row(positions, one), distributions.get(), first));
            } else {
                clock.time("softmax", b.softmax::run);
            }
            for (int i = 0; i < chunk.size(); i++) {
                Scored one = chunk.get(i);
                result[start + i] = logProbability(b, row(positions, one), one.token());
            }
        }
        kept = scored.size() <= chunkRows ? scored : null;
        return result;
    }

    /** Probability of every token after one position. */
    double[] distribution(INDArray hidden, int position, double temperature) {
        Buffers b = gatheredLogits(hidden, position);
        kept = null;
        b.arrays.probabilities().divi(temperature);
        clock.time("softmax", b.softmax::run);
        return b.arrays.probabilities().toDoubleVector();
    }

    /**
     * Logits of every token after each of some positions, one row a position.
     *
     * @return one of the head's buffers, which may be written into; valid until the next call
     */
    INDArray logits(INDArray hidden, int... positions) {
        kept = null;
        return gatheredLogits(hidden, positions).arrays.probabilities();
    }

    /**
     * Adds {@code sum_i upstream[i] * d logp_i} to the gradient by the embedding, where it is trained, and to that by the
     * hidden states.
     *
     * @param scored those of the last {@link #forward}
     * @param hiddenGradient {@code [positions, width]}, or empty where nothing below the head is trained
     * @param deferring whether the gradient by the embedding may be left to be computed later, before the next use of the head
     */
    void backward(
            INDArray hidden,
            List<Scored> scored,
            double[] upstream,
            Optional<INDArray> hiddenGradient,
            boolean deferring) {
        for (int start = 0; start < upstream.length; start += chunkRows) {
            List<Scored> chunk = scored.subList(start, Math.min(upstream.length, start + chunkRows));
            int[] positions = positions(chunk);
            Buffers b = scored == kept ? requireNonNull(buffers, "buffers") : probabilities(hidden, positions);
            boolean deferred = deferring
                    && !embedding.hasGradientArray()
                    && scored == kept
                    && FactoredGradient.pays(type, positions.length, vocabulary, width);
            double[] ofChunk = Arrays.copyOfRange(upstream, start, start + chunk.size());
            backward(b, chunk, positions, ofChunk, hiddenGradient.isPresent(), deferred);
            hiddenGradient.ifPresent(gradient -> scatter(b, gradient));
        }
        kept = null;
    }

    /**
     * Adds what follows from a gradient by the logits of the last {@link #logits} to the gradient by the embedding, where it
     * is trained, and to that by the hidden states.
     *
     * @param gradient one row a position, row after row
     * @param positions those of the last {@link #logits}, each once
     * @param hiddenGradient {@code [positions, width]}, or empty where nothing below the head is trained
     */
    void backwardOfLogits(double[] gradient, int[] positions, Optional<INDArray> hiddenGradient) {
        Buffers b = buffers(positions.length);
        try (INDArray values = Nd4j.createFromArray(gradient)) {
            b.arrays.probabilities().assign(values.reshape(positions.length, vocabulary));
        }
        if (embedding.trained()) {
            clock.time(KernelClock.PRODUCTS, b.byEmbedding()::run);
        }
        hiddenGradient.ifPresent(sum -> {
            clock.time(KernelClock.PRODUCTS, b.byHidden::run);
            scatter(b, sum);
        });
    }

    /** Adds the gradients of rows to those of their positions. */
    private static void scatter(Buffers b, INDArray hiddenGradient) {
        Nd4j.exec(DynamicCustomOp.builder("scatter_add")
                .addInputs(hiddenGradient, b.arrays.positions(), b.arrays.rowGradients())
                .addOutputs(hiddenGradient)
                .build());
    }

    /** Positions of scored tokens, each once and in order: responses to one prompt may begin at the same one. */
    private static int[] positions(List<Scored> scored) {
        return scored.stream().mapToInt(Scored::position).sorted().distinct().toArray();
    }

    private static int row(int[] positions, Scored scored) {
        return Arrays.binarySearch(positions, scored.position());
    }

    /** Sets the row gradients, where they are wanted, and adds to the gradient by the embedding. */
    private void backward(
            Buffers b, List<Scored> chunk, int[] positions, double[] upstream, boolean ofRows, boolean deferred) {
        int[] rows = chunk.stream().mapToInt(one -> row(positions, one)).toArray();
        int[] tokens = chunk.stream().mapToInt(Scored::token).toArray();
        double[] ofRow = new double[positions.length];
        for (int i = 0; i < upstream.length; i++) {
            ofRow[rows[i]] += upstream[i];
        }
        double[] ofToken = upstream.clone();
        for (int i = 0; i < upstream.length; i++) {
            // a token that is scored twice in a row has its probability taken out once
            ofToken[i] -= ofRow[rows[i]] * b.arrays.probabilities().getDouble(rows[i], tokens[i]);
            b.arrays.probabilities().putScalar(rows[i], tokens[i], 0);
        }
        int[] all = IntStream.range(0, upstream.length).toArray();
        if (ofRows) {
            clock.time(KernelClock.PRODUCTS, b.byHidden::run);
            scale(b.arrays.rowGradients(), ofRow);
            RowGradient.add(all, rows, scaledRows(embedding.value(), tokens, ofToken), b.arrays.rowGradients());
        }
        if (embedding.trained()) {
            double[] ofTokens = scaledRows(b.arrays.rows(), rows, ofToken);
            scale(b.arrays.rows(), ofRow);
            if (deferred) {
                EmbeddingGradient gradient =
                        EmbeddingGradient.ofProduct(b.arrays.probabilities(), b.arrays.rows(), clock);
                gradient.add(all, tokens, ofTokens);
                embedding.defer(gradient);
            } else {
                RowGradient.add(all, tokens, ofTokens, embedding.gradient());
                clock.time(KernelClock.PRODUCTS, b.byEmbedding()::run);
            }
        }
    }

    /** Multiplies each row by the negative of its factor. */
    private void scale(INDArray matrix, double... factors) {
        try (INDArray doubles = Nd4j.createFromArray(factors);
                INDArray column = doubles.neg().castTo(type)) {
            Nd4j.exec(DynamicCustomOp.builder("multiply")
                    .addInputs(matrix, column.reshape(factors.length, 1))
                    .addOutputs(matrix)
                    .build());
        }
    }

    /** Some rows of a matrix times factors, row after row. */
    private static double[] scaledRows(INDArray matrix, int[] rows, double... factors) {
        double[] result;
        try (INDArray indices = Nd4j.createFromArray(rows);
                INDArray gathered = Nd4j.create(matrix.dataType(), rows.length, matrix.size(1))) {
            EmbeddingLookup.gather(matrix, indices, gathered);
            result = HostValues.of(gathered);
        }
        int width = (int) matrix.size(1);
        for (int i = 0; i < result.length; i++) {
            result[i] *= factors[i / width];
        }
        return result;
    }

    private double logProbability(Buffers b, int row, int token) {
        double probability = b.arrays.probabilities().getDouble(row, token);
        if (probability > SMALL_PROBABILITY) {
            return Math.log(probability);
        }
        int likeliest = b.arrays.probabilities().getRow(row).argMax().getInt(0);
        return logit(b, row, token)
                - logit(b, row, likeliest)
                + Math.log(b.arrays.probabilities().getDouble(row, likeliest));
    }

    private double logit(Buffers b, int row, int token) {
        return Nd4j.getBlasWrapper()
                .dot(b.arrays.rows().getRow(row), embedding.value().getRow(token));
    }

    private Buffers probabilities(INDArray hidden, int... positions) {
        Buffers b = gatheredLogits(hidden, positions);
        clock.time("softmax", b.softmax::run);
        return b;
    }

    private Buffers gatheredLogits(INDArray hidden, int... positions) {
        Buffers b = buffers(positions.length);
        try (INDArray fresh = Nd4j.createFromArray(positions)) {
            b.arrays.positions().assign(fresh);
        }
        EmbeddingLookup.gather(hidden, b.arrays.positions(), b.arrays.rows());
        clock.time(KernelClock.PRODUCTS, b.logits::run);
        return b;
    }

    /** Of products with the embedding. */
    void precision(MatrixPrecision precision) {
        close();
        this.precision = precision;
    }

    /** Buffers for exactly {@code rows} rows, views of the largest made so far. */
    private Buffers buffers(int rows) {
        if (arrays == null || arrays.size() < rows) {
            close();
            AvailableMemory.require(
                    "the probabilities of " + rows + " tokens", rows * (vocabulary + 2 * width) * type.width());
            arrays = new ScoredRows(
                    Nd4j.create(type, rows, vocabulary),
                    Nd4j.create(type, rows, width),
                    Nd4j.create(type, rows, width),
                    Nd4j.create(DataType.INT32, rows));
        }
        if (buffers == null || buffers.arrays.size() != rows) {
            if (buffers != null) {
                buffers.close();
            }
            buffers = new Buffers(arrays.first(rows));
        }
        return buffers;
    }

    @Override
    public void close() {
        kept = null;
        if (arrays != null) {
            if (buffers != null) {
                buffers.close();
                buffers = null;
            }
            arrays.close();
            arrays = null;
        }
    }

    /** A token to score and the position whose hidden state predicts it. */
    record Scored(int position, int token) {}

    /** Arrays of one row per scored position; {@code probabilities} are logits first. */
    private record ScoredRows(INDArray probabilities, INDArray rows, INDArray rowGradients, INDArray positions)
            implements AutoCloseable {
        long size() {
            return rows.size(0);
        }

        /** Views of the first rows. */
        ScoredRows first(long count) {
            return new ScoredRows(
                    head(probabilities, count),
                    head(rows, count),
                    head(rowGradients, count),
                    positions.get(NDArrayIndex.interval(0, count)));
        }

        private static INDArray head(INDArray matrix, long count) {
            return matrix.get(NDArrayIndex.interval(0, count), NDArrayIndex.all());
        }

        @Override
        public void close() {
            probabilities.close();
            rows.close();
            rowGradients.close();
            positions.close();
        }
    }

    /** What is computed on these arrays, prepared. */
    private final class Buffers implements AutoCloseable {
        final ScoredRows arrays;
        final MatrixProduct logits;
        final RowSoftmax softmax;
        final MatrixProduct byHidden;
        private @Nullable MatrixProduct byEmbedding;

        Buffers(ScoredRows arrays) {
            this.arrays = arrays;
            INDArray probabilities = arrays.probabilities();
            INDArray table = embedding.value();
            logits = new MatrixProduct(
                    Factor.of(arrays.rows()), Factor.transposed(table), probabilities, false, precision);
            softmax = new RowSoftmax(probabilities, probabilities);
            byHidden = new MatrixProduct(
                    Factor.of(probabilities), Factor.of(table), arrays.rowGradients(), false, precision);
        }

        /** Adds to the gradient, which takes memory only where this is used. */
        MatrixProduct byEmbedding() {
            if (byEmbedding == null) {
                byEmbedding = new MatrixProduct(
                        Factor.transposed(arrays.probabilities()),
                        Factor.of(arrays.rows()),
                        embedding.gradient(),
                        true,
                        precision);
            }
            return byEmbedding;
        }

        @Override
        public void close() {
            logits.close();
            softmax.close();
            byHidden.close();
            if (byEmbedding != null) {
                byEmbedding.close();
            }
        }
    }
}
