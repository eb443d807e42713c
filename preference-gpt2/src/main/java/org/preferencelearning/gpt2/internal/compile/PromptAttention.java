package org.preferencelearning.gpt2.internal.compile;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemm;

import java.nio.FloatBuffer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Causal attention of whole prompts, for want of oneDNN: for each row and head two products of OpenBLAS, which read queries,
 * keys and values where they lie, and a softmax between them. Forward only. Float32.
 */
final class PromptAttention {
    private final int rows;
    private final int length;
    private final int heads;
    private final float scale;
    private final long scratchStart;
    private final FloatBuffer scores;

    /**
     * @param scale of scores
     * @param scratch of {@link #scratchLength} values, the caller's
     */
    PromptAttention(TransformerShape shape, float scale, INDArray scratch) {
        this.rows = shape.rows();
        this.length = shape.length();
        this.heads = shape.heads();
        this.scale = scale;
        this.scratchStart = Floats.address(scratch);
        this.scores = Floats.buffer(scratch);
    }

    /** Scores of one row and head. */
    static long scratchLength(TransformerShape shape) {
        return (long) shape.length() * shape.length();
    }

    /**
     * @param packed {@code [rows * length, 3 width]}: query, key and value
     * @param output {@code [rows * length, width]}
     */
    void run(INDArray packed, INDArray output) {
        int width = (int) output.size(1);
        int perHead = width / heads;
        Floats square = new Floats(scratchStart);
        for (int row = 0; row < rows; row++) {
            for (int head = 0; head < heads; head++) {
                long first = (long) row * length;
                long query = Floats.address(packed) + (first * 3 * width + (long) head * perHead) * Float.BYTES;
                Floats key = new Floats(query + (long) width * Float.BYTES);
                Floats value = new Floats(query + 2L * width * Float.BYTES);
                Floats to = new Floats(Floats.address(output) + (first * width + (long) head * perHead) * Float.BYTES);
                cblas_sgemm(
                        CblasRowMajor,
                        CblasNoTrans,
                        CblasTrans,
                        length,
                        length,
                        perHead,
                        scale,
                        new Floats(query),
                        3 * width,
                        key,
                        3 * width,
                        0,
                        square,
                        length);
                for (int token = 0; token < length; token++) {
                    softmax(token);
                }
                cblas_sgemm(
                        CblasRowMajor,
                        CblasNoTrans,
                        CblasNoTrans,
                        length,
                        perHead,
                        length,
                        1,
                        square,
                        length,
                        value,
                        3 * width,
                        0,
                        to,
                        width);
            }
        }
    }

    /**
     * Copies what later tokens need.
     *
     * @param keys {@code [rows, heads, capacity, width / heads]}
     * @param values likewise
     */
    void store(INDArray packed, INDArray keys, INDArray values) {
        long vector = keys.size(3) * Float.BYTES;
        long part = heads * vector;
        for (int row = 0; row < rows; row++) {
            for (int head = 0; head < heads; head++) {
                long to = ((long) row * heads + head) * keys.size(2) * vector;
                for (int token = 0; token < length; token++) {
                    long key = Floats.address(packed) + ((long) row * length + token) * 3 * part + part + head * vector;
                    copy(key, Floats.address(keys) + to + token * vector, vector);
                    copy(key + part, Floats.address(values) + to + token * vector, vector);
                }
            }
        }
    }

    private static void copy(long from, long to, long bytes) {
        Pointer.memcpy(new Floats(to), new Floats(from), bytes);
    }

    /** Turns a token's scores of itself and those before it into probabilities, and those of later ones into 0. */
    private void softmax(int token) {
        int start = token * length;
        float largest = Float.NEGATIVE_INFINITY;
        for (int i = 0; i <= token; i++) {
            largest = Math.max(largest, scores.get(start + i));
        }
        double sum = 0;
        for (int i = 0; i <= token; i++) {
            double value = Math.exp(scores.get(start + i) - largest);
            scores.put(start + i, (float) value);
            sum += value;
        }
        float share = (float) (1 / sum);
        for (int i = 0; i < length; i++) {
            scores.put(start + i, i <= token ? scores.get(start + i) * share : 0);
        }
    }
}
