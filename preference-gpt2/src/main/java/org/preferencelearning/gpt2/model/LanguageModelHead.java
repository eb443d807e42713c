package org.preferencelearning.gpt2.model;

import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.preferencelearning.core.model.Parameter;

/**
 * The output head, tied to the token embeddings: log-probabilities of given tokens at given positions, and their gradient.
 *
 * <p>Works on the scored positions only and a chunk of them at a time, so that no tensor of all positions times the
 * vocabulary exists. With logits {@code z = W h} and probabilities {@code p}, the log-probability of token t has the
 * gradient {@code e_t - p} by {@code z}. Probabilities are kept for the backward pass if one chunk holds them all, and
 * computed again otherwise.
 */
final class LanguageModelHead implements AutoCloseable {
    private static final long CHUNK_BYTES = 256L << 20;
    private static final int MAX_CHUNK_ROWS = 4096;
    /** Below this a probability nears the end of float's range; its logarithm is then taken through another token. */
    private static final double SMALL_PROBABILITY = 1e-30;

    private final Parameter embedding;
    private final DataType type;
    private final long width;
    private final long vocabulary;
    private final int chunkRows;
    private Buffers buffers;
    private List<Scored> kept;

    LanguageModelHead(Parameter embedding) {
        this(embedding, defaultChunkRows(embedding.value()));
    }

    /** @param chunkRows most positions that are worked on at once */
    LanguageModelHead(Parameter embedding, int chunkRows) {
        this.embedding = embedding;
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
     */
    double[] forward(INDArray hidden, List<Scored> scored) {
        double[] result = new double[scored.size()];
        for (int start = 0; start < result.length; start += chunkRows) {
            List<Scored> chunk = scored.subList(start, Math.min(result.length, start + chunkRows));
            Buffers b = probabilities(hidden, chunk);
            for (int i = 0; i < chunk.size(); i++) {
                result[start + i] = logProbability(b, i, chunk.get(i).token());
            }
        }
        kept = scored.size() <= chunkRows ? scored : null;
        return result;
    }

    /** Probability of every token after one position. */
    double[] distribution(INDArray hidden, int position, double temperature) {
        Buffers b = logits(hidden, List.of(new Scored(position, 0)));
        kept = null;
        b.probabilities.divi(temperature);
        softmax(b.probabilities);
        return b.probabilities.toDoubleVector();
    }

    /**
     * Logits of every token after each of some positions, one row a position.
     *
     * @return one of the head's buffers, which may be written into; valid until the next call
     */
    INDArray logits(INDArray hidden, int... positions) {
        kept = null;
        List<Scored> wanted = Arrays.stream(positions)
                .mapToObj(position -> new Scored(position, 0))
                .toList();
        return logits(hidden, wanted).probabilities;
    }

    /**
     * Adds {@code sum_i upstream[i] * d logp_i} to the gradient by the embedding, where it is trained, and to that by the
     * hidden states.
     *
     * @param scored those of the last {@link #forward}
     * @param hiddenGradient {@code [positions, width]}
     */
    void backward(INDArray hidden, List<Scored> scored, double[] upstream, INDArray hiddenGradient) {
        for (int start = 0; start < upstream.length; start += chunkRows) {
            List<Scored> chunk = scored.subList(start, Math.min(upstream.length, start + chunkRows));
            Buffers b = scored == kept ? buffers : probabilities(hidden, chunk);
            double[] negative = new double[chunk.size()];
            for (int i = 0; i < negative.length; i++) {
                negative[i] = -upstream[start + i];
            }
            logitGradients(b, chunk, negative);
            multiply(b.probabilities, false, embedding.value(), false, b.rowGradients, 0);
            Nd4j.exec(DynamicCustomOp.builder("scatter_add")
                    .addInputs(hiddenGradient, b.positions, b.rowGradients)
                    .addOutputs(hiddenGradient)
                    .build());
            if (embedding.trained()) {
                multiply(b.probabilities, true, b.rows, false, embedding.gradient(), 1);
            }
        }
        kept = null;
    }

    /** Turns probabilities {@code p} into {@code u (e_t - p)}, in place. */
    private void logitGradients(Buffers b, List<Scored> chunk, double[] negativeUpstream) {
        try (INDArray doubles = Nd4j.createFromArray(negativeUpstream);
                INDArray factors = doubles.castTo(type)) {
            INDArray column = factors.reshape(negativeUpstream.length, 1);
            Nd4j.exec(DynamicCustomOp.builder("multiply")
                    .addInputs(b.probabilities, column)
                    .addOutputs(b.probabilities)
                    .build());
        }
        for (int i = 0; i < negativeUpstream.length; i++) {
            int token = chunk.get(i).token();
            b.probabilities.putScalar(i, token, b.probabilities.getDouble(i, token) - negativeUpstream[i]);
        }
    }

    private double logProbability(Buffers b, int row, int token) {
        double probability = b.probabilities.getDouble(row, token);
        if (probability > SMALL_PROBABILITY) {
            return Math.log(probability);
        }
        int likeliest = b.probabilities.getRow(row).argMax().getInt(0);
        return logit(b, row, token) - logit(b, row, likeliest) + Math.log(b.probabilities.getDouble(row, likeliest));
    }

    private double logit(Buffers b, int row, int token) {
        return Nd4j.getBlasWrapper().dot(b.rows.getRow(row), embedding.value().getRow(token));
    }

    private Buffers probabilities(INDArray hidden, List<Scored> chunk) {
        Buffers b = logits(hidden, chunk);
        softmax(b.probabilities);
        return b;
    }

    private Buffers logits(INDArray hidden, List<Scored> chunk) {
        Buffers b = buffers(chunk.size());
        try (INDArray fresh =
                Nd4j.createFromArray(chunk.stream().mapToInt(Scored::position).toArray())) {
            b.positions.assign(fresh);
        }
        Nd4j.exec(DynamicCustomOp.builder("gather")
                .addInputs(hidden, b.positions)
                .addOutputs(b.rows)
                .addIntegerArguments(0)
                .build());
        multiply(b.rows, false, embedding.value(), true, b.probabilities, 0);
        return b;
    }

    /** Softmax of each row, in place. */
    static void softmax(INDArray rows) {
        Nd4j.exec(DynamicCustomOp.builder("softmax")
                .addInputs(rows)
                .addOutputs(rows)
                .addIntegerArguments(1)
                .build());
    }

    /** {@code out = op(a) op(b) + beta out}. */
    private static void multiply(
            INDArray a, boolean transposeA, INDArray b, boolean transposeB, INDArray out, double beta) {
        Nd4j.exec(DynamicCustomOp.builder("matmul")
                .addInputs(a, b)
                .addOutputs(out)
                .addIntegerArguments(transposeA ? 1 : 0, transposeB ? 1 : 0, 0)
                .addFloatingPointArguments(1.0, beta)
                .build());
    }

    /** Buffers for exactly {@code rows} rows, views of the largest made so far. */
    private Buffers buffers(int rows) {
        if (buffers == null || buffers.capacity() < rows) {
            close();
            buffers = new Buffers(
                    Nd4j.create(type, rows, vocabulary),
                    Nd4j.create(type, rows, width),
                    Nd4j.create(type, rows, width),
                    Nd4j.create(DataType.INT32, rows),
                    null);
        }
        if (buffers.size() != rows) {
            buffers = buffers.first(rows);
        }
        return buffers;
    }

    @Override
    public void close() {
        kept = null;
        if (buffers != null) {
            buffers.close();
            buffers = null;
        }
    }

    /** A token to score and the position whose hidden state predicts it. */
    record Scored(int position, int token) {}

    /**
     * Buffers of one row per scored position.
     *
     * @param whole what this is a view of, or null
     */
    private record Buffers(
            INDArray probabilities, INDArray rows, INDArray rowGradients, INDArray positions, Buffers whole)
            implements AutoCloseable {
        long size() {
            return rows.size(0);
        }

        long capacity() {
            return whole == null ? size() : whole.size();
        }

        Buffers first(long count) {
            Buffers from = whole == null ? this : whole;
            if (count == from.size()) {
                return from;
            }
            return new Buffers(
                    head(from.probabilities, count),
                    head(from.rows, count),
                    head(from.rowGradients, count),
                    from.positions.get(NDArrayIndex.interval(0, count)),
                    from);
        }

        private static INDArray head(INDArray matrix, long count) {
            return matrix.get(NDArrayIndex.interval(0, count), NDArrayIndex.all());
        }

        @Override
        public void close() {
            Buffers owner = whole == null ? this : whole;
            owner.probabilities.close();
            owner.rows.close();
            owner.rowGradients.close();
            owner.positions.close();
        }
    }
}
