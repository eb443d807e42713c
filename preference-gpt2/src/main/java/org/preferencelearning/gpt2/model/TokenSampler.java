package org.preferencelearning.gpt2.model;

import java.util.Arrays;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.gpt2.internal.compile.RowSoftmax;

/** Draws one token a row from logits. Owns a buffer of their size where the temperature is not 1. */
final class TokenSampler implements AutoCloseable {
    /** Below this a probability nears the end of float's range. */
    private static final double SMALL_PROBABILITY = 1e-30;
    /** Probabilities that are added up together before one is looked for among them. */
    private static final int BLOCK = 128;
    /** Stands for a token where probabilities are not finite. */
    private static final int NONE = -1;

    private final SamplingSettings settings;
    private @Nullable Buffers buffers;

    TokenSampler(SamplingSettings settings) {
        this.settings = settings;
    }

    /**
     * A drawn token.
     *
     * @param logProbability under the logits themselves, in nats; not finite where the probabilities are not
     */
    record Draw(int token, double logProbability) {}

    /**
     * Draws a token for each row that has a generator.
     *
     * @param logits {@code [rows, vocabulary]}; overwritten
     * @param random one generator a row, or null for a row that needs no token
     */
    Draw[] draw(INDArray logits, RandomSource[] random) {
        Buffers b = buffers(logits);
        int[] likeliest = settings.isGreedy() ? likeliest(logits, random, b.row) : new int[0];
        b.softmax.run();
        if (isScaled()) {
            logits.divi(settings.temperature());
            b.tempered.run();
        }
        Draw[] draws = new Draw[random.length];
        for (int row = 0; row < draws.length; row++) {
            if (random[row] != null) {
                int token = settings.isGreedy() ? likeliest[row] : draw(logits, row, b.row, random[row]);
                draws[row] =
                        new Draw(token, token == NONE ? Double.NaN : logProbability(b.own(logits), logits, row, token));
            }
        }
        return draws;
    }

    /** The likeliest token of each row that has a generator. */
    private static int[] likeliest(INDArray logits, RandomSource[] random, float[] values) {
        int[] tokens = new int[random.length];
        for (int row = 0; row < tokens.length; row++) {
            if (random[row] != null) {
                HostValues.copyRow(logits, row, values);
                tokens[row] = argMax(values);
            }
        }
        return tokens;
    }

    /** Whether tokens are drawn from other probabilities than their own. */
    private boolean isScaled() {
        return !settings.isGreedy() && settings.temperature() != 1;
    }

    /** A high temperature draws tokens that are too unlikely for float's range; its own probabilities are not. */
    private double logProbability(INDArray own, INDArray tempered, int row, int token) {
        double probability = own.getDouble(row, token);
        if (probability > SMALL_PROBABILITY || settings.temperature() <= 1) {
            return Math.log(probability);
        }
        int likeliest = tempered.getRow(row).argMax().getInt(0);
        double ratio = tempered.getDouble(row, token) / tempered.getDouble(row, likeliest);
        return settings.temperature() * Math.log(ratio) + Math.log(own.getDouble(row, likeliest));
    }

    private Buffers buffers(INDArray logits) {
        if (buffers == null || !buffers.serve(logits)) {
            close();
            Optional<INDArray> own =
                    isScaled() ? Optional.of(Nd4j.create(logits.dataType(), logits.shape())) : Optional.empty();
            buffers = new Buffers(
                    Buffers.addressOf(logits),
                    logits.size(0),
                    own,
                    new RowSoftmax(logits, own.orElse(logits)),
                    new RowSoftmax(logits, logits),
                    new float[(int) logits.size(1)]);
        }
        return buffers;
    }

    @Override
    public void close() {
        if (buffers != null) {
            buffers.close();
            buffers = null;
        }
    }

    /**
     * What is prepared for one array of logits.
     *
     * @param address where the logits are
     * @param rows how many
     * @param own probabilities at temperature 1, where others take the logits' place
     * @param softmax computes these
     * @param tempered turns the logits into probabilities
     * @param row what a token is drawn from
     */
    private record Buffers(
            long address, long rows, Optional<INDArray> own, RowSoftmax softmax, RowSoftmax tempered, float[] row)
            implements AutoCloseable {
        boolean serve(INDArray logits) {
            return address == addressOf(logits) && rows == logits.size(0) && row.length == logits.size(1);
        }

        /** Probabilities at temperature 1. */
        INDArray own(INDArray logits) {
            return own.orElse(logits);
        }

        static long addressOf(INDArray array) {
            return array.data().pointer().address()
                    + array.offset() * array.dataType().width();
        }

        @Override
        public void close() {
            softmax.close();
            tempered.close();
            own.ifPresent(INDArray::close);
        }
    }

    private static int argMax(float[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            if (values[i] > values[best]) {
                best = i;
            }
        }
        return best;
    }

    /**
     * Draws from a row of probabilities, cut as the settings say.
     *
     * @param probabilities where the row is copied to
     */
    private int draw(INDArray all, int row, float[] probabilities, RandomSource random) {
        HostValues.copyRow(all, row, probabilities);
        if (settings.topK() > 0 && settings.topK() < probabilities.length) {
            cutBelow(probabilities, largest(probabilities, settings.topK()));
        }
        if (settings.topP() < 1) {
            cutTail(probabilities, settings.topP());
        }
        return find(probabilities, random.nextDouble());
    }

    /** The token at a share of the whole sum, or none where that is not finite; blocks are passed over as one. */
    private static int find(float[] probabilities, double share) {
        double[] blocks = new double[(probabilities.length + BLOCK - 1) / BLOCK];
        double total = 0;
        for (int block = 0; block < blocks.length; block++) {
            blocks[block] = sum(probabilities, block * BLOCK, Math.min(probabilities.length, (block + 1) * BLOCK));
            total += blocks[block];
        }
        if (!(total > 0)) {
            return NONE;
        }
        double left = share * total;
        int chosen = 0;
        for (int block = 0; block < blocks.length; block++) {
            if (blocks[block] > 0) {
                chosen = block;
                if (left < blocks[block]) {
                    break;
                }
                left -= blocks[block];
            }
        }
        int last = 0;
        for (int i = chosen * BLOCK; i < Math.min(probabilities.length, (chosen + 1) * BLOCK); i++) {
            if (probabilities[i] > 0) {
                last = i;
                left -= probabilities[i];
                if (left < 0) {
                    return i;
                }
            }
        }
        return last;
    }

    private static double sum(float[] values) {
        return sum(values, 0, values.length);
    }

    /** In four sums, which need not wait for each other. */
    private static double sum(float[] values, int from, int to) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = from;
        for (; i + 4 <= to; i += 4) {
            a += values[i];
            b += values[i + 1];
            c += values[i + 2];
            d += values[i + 3];
        }
        for (; i < to; i++) {
            a += values[i];
        }
        return a + b + (c + d);
    }

    private static void cutBelow(float[] values, float least) {
        for (int i = 0; i < values.length; i++) {
            if (values[i] < least) {
                values[i] = 0;
            }
        }
    }

    /** The k-th largest value. */
    private static float largest(float[] values, int k) {
        PriorityQueue<Float> best = new PriorityQueue<>(k);
        float least = Float.NEGATIVE_INFINITY;
        for (float value : values) {
            if (value > least || best.size() < k) {
                if (best.size() == k) {
                    best.poll();
                }
                best.add(value);
                if (best.size() == k) {
                    least = best.peek();
                }
            }
        }
        return best.peek();
    }

    /** Cuts the least likely tokens whose joint probability is at most {@code 1 - topP}, and never the likeliest. */
    private static void cutTail(float[] values, double topP) {
        double total = sum(values);
        if (!(total > 0)) {
            return;
        }
        double allowed = (1 - topP) * total;
        // All tokens up to this one are cut even together, so only the others need to be put in order.
        double negligible = allowed / values.length;
        double cut = 0;
        for (int i = 0; i < values.length; i++) {
            if (values[i] <= negligible) {
                cut += values[i];
                values[i] = 0;
            }
        }
        int[] ascending = IntStream.range(0, values.length)
                .filter(i -> values[i] > 0)
                .boxed()
                .sorted((a, b) -> Float.compare(values[a], values[b]))
                .mapToInt(Integer::intValue)
                .toArray();
        for (int token : Arrays.copyOf(ascending, ascending.length - 1)) {
            cut += values[token];
            if (cut > allowed) {
                return;
            }
            values[token] = 0;
        }
    }
}
