package org.preferencelearning.gpt2.compile;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemv;

import java.util.stream.IntStream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The two products of attention with a cache, for one new token of every row: a matrix by a vector for each row and head,
 * over exactly the tokens that the row has. So small a product is bound by reading the cache, and a general matrix product,
 * which copies it first, takes five to ten times as long. Float32.
 */
final class CachedScores {
    /** OpenBLAS wakes its own threads for products of this many numbers, which costs more than they save here. */
    private static final int THREADED_PRODUCT = 2304 * 4;

    private final KeyValueCache cache;
    private final int heads;
    private final int width;
    private final int perHead;
    private final int keysAtOnce;

    CachedScores(KeyValueCache cache, int heads, int width) {
        this.cache = cache;
        this.heads = heads;
        this.width = width;
        this.perHead = width / heads;
        this.keysAtOnce = Math.max(1, (THREADED_PRODUCT - 1) / perHead);
    }

    /**
     * Scaled products of queries and keys; places that a row has not reached get {@link CausalMask#HIDDEN}.
     *
     * @param packed {@code [rows, 3 width]}, the queries first
     * @param scores {@code [rows * heads, span]}
     */
    void multiplyKeys(INDArray packed, INDArray keys, INDArray scores, int span) {
        long from = address(packed);
        long by = address(keys);
        long to = address(scores);
        float scale = (float) (1 / Math.sqrt(perHead));
        eachRowAndHead((row, head) -> {
            int length = length(row);
            long result = to + ((long) row * heads + head) * span * Float.BYTES;
            FloatPointer query = new Floats(from + ((long) row * 3 * width + head * perHead) * Float.BYTES);
            for (int start = 0; start < length; start += keysAtOnce) {
                cblas_sgemv(
                        CblasRowMajor,
                        CblasNoTrans,
                        Math.min(keysAtOnce, length - start),
                        perHead,
                        scale,
                        new Floats(by + place(row, start, head)),
                        width,
                        query,
                        1,
                        0,
                        new Floats(result + (long) start * Float.BYTES),
                        1);
            }
            FloatPointer all = new Floats(result);
            for (int place = length; place < span; place++) {
                all.put(place, CausalMask.HIDDEN);
            }
        });
    }

    /**
     * Values weighted by probabilities.
     *
     * @param probabilities {@code [rows * heads, span]}
     * @param output {@code [rows, width]}
     */
    void multiplyValues(INDArray probabilities, INDArray values, INDArray output, int span) {
        long from = address(probabilities);
        long by = address(values);
        long to = address(output);
        eachRowAndHead((row, head) -> {
            int length = length(row);
            FloatPointer result = new Floats(to + ((long) row * width + head * perHead) * Float.BYTES);
            long weights = from + ((long) row * heads + head) * span * Float.BYTES;
            for (int start = 0; start < length; start += keysAtOnce) {
                cblas_sgemv(
                        CblasRowMajor,
                        CblasTrans,
                        Math.min(keysAtOnce, length - start),
                        perHead,
                        1,
                        new Floats(by + place(row, start, head)),
                        width,
                        new Floats(weights + (long) start * Float.BYTES),
                        1,
                        start == 0 ? 0 : 1,
                        result,
                        1);
            }
        });
    }

    /** Tokens that a row looks at; while graphs are planned the cache is still empty. */
    private int length(int row) {
        return Math.max(1, cache.length(row));
    }

    private long place(int row, int token, int head) {
        return (((long) row * cache.capacity() + token) * width + (long) head * perHead) * Float.BYTES;
    }

    private interface RowAndHead {
        void accept(int row, int head);
    }

    /** Rows are independent of each other, so their order and their threads change nothing. */
    private void eachRowAndHead(RowAndHead work) {
        IntStream.range(0, cache.rows()).parallel().forEach(row -> {
            for (int head = 0; head < heads; head++) {
                work.accept(row, head);
            }
        });
    }

    private static long address(INDArray array) {
        return array.data().pointer().address() + array.offset() * Float.BYTES;
    }

    /** A bare address, not owned. */
    private static final class Floats extends FloatPointer {
        Floats(long address) {
            super((Pointer) null);
            this.address = address;
        }
    }
}
