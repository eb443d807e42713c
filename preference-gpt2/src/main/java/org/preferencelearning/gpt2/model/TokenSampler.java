package org.preferencelearning.gpt2.model;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.PriorityQueue;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.core.random.RandomSource;

/** Draws one token a row from logits. */
final class TokenSampler {
    private final SamplingSettings settings;

    TokenSampler(SamplingSettings settings) {
        this.settings = settings;
    }

    /**
     * A drawn token.
     *
     * @param logProbability under the logits themselves, in nats
     */
    record Draw(int token, double logProbability) {}

    /**
     * Draws a token for each row that has a generator.
     *
     * @param logits {@code [rows, vocabulary]}; overwritten
     * @param random one generator a row, or null for a row that needs no token
     */
    Draw[] draw(INDArray logits, RandomSource[] random) {
        boolean scaled = !settings.isGreedy() && settings.temperature() != 1;
        try (INDArray probabilities = logits.dup('c')) {
            if (scaled) {
                probabilities.divi(settings.temperature());
            }
            LanguageModelHead.softmax(probabilities);
            int rows = random.length;
            int[] tokens = new int[rows];
            int[] likeliest = new int[rows];
            float[] values = new float[(int) logits.size(1)];
            for (int row = 0; row < rows; row++) {
                if (random[row] != null) {
                    copyRow(logits, row, values);
                    likeliest[row] = argMax(values);
                    tokens[row] = likeliest[row];
                    if (!settings.isGreedy()) {
                        copyRow(probabilities, row, values);
                        tokens[row] = draw(values, random[row]);
                    }
                }
            }
            double[] above = new double[rows];
            for (int row = 0; row < rows; row++) {
                above[row] = logits.getDouble(row, tokens[row]) - logits.getDouble(row, likeliest[row]);
            }
            if (scaled) {
                LanguageModelHead.softmax(logits);
            }
            INDArray own = scaled ? logits : probabilities;
            Draw[] draws = new Draw[rows];
            for (int row = 0; row < rows; row++) {
                draws[row] = random[row] == null
                        ? null
                        : new Draw(tokens[row], above[row] + Math.log(own.getDouble(row, likeliest[row])));
            }
            return draws;
        }
    }

    private static void copyRow(INDArray matrix, int row, float[] into) {
        if (matrix.dataType() == DataType.FLOAT) {
            FloatBuffer values = matrix.data().asNioFloat();
            values.position((int) (matrix.offset() + (long) row * into.length));
            values.get(into);
        } else {
            System.arraycopy(matrix.getRow(row).toFloatVector(), 0, into, 0, into.length);
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

    /** Draws from probabilities, cut as the settings say; changes them. */
    private int draw(float[] probabilities, RandomSource random) {
        if (settings.topK() > 0 && settings.topK() < probabilities.length) {
            cutBelow(probabilities, largest(probabilities, settings.topK()));
        }
        if (settings.topP() < 1) {
            cutTail(probabilities, settings.topP());
        }
        double left = random.nextDouble() * sum(probabilities);
        int last = 0;
        for (int i = 0; i < probabilities.length; i++) {
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
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum;
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
        for (float value : values) {
            if (best.size() < k) {
                best.add(value);
            } else if (value > best.peek()) {
                best.poll();
                best.add(value);
            }
        }
        return best.peek();
    }

    /** Cuts the least likely tokens whose joint probability is at most {@code 1 - topP}, and never the likeliest. */
    private static void cutTail(float[] values, double topP) {
        double allowed = (1 - topP) * sum(values);
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
