package org.preferencelearning.gpt2.internal.compile;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemv;

import java.nio.FloatBuffer;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Attention of the newest token of every row over the row's tokens in a cache: two products of a matrix by a vector for each
 * row and head, over exactly the tokens that the row has. So small a product is bound by reading the cache, and a general
 * matrix product, which copies it first, takes five to ten times as long. The rows of a prompt follow each other, so that
 * its tokens are read from memory once. Float32.
 */
final class CachedAttention {
    /** OpenBLAS wakes its own threads for products of this many numbers, which costs more than they save here. */
    private static final int THREADED_PRODUCT = 2304 * 4;

    private final KeyValueCache cache;
    private final int heads;
    private final int perHead;
    private final float scale;
    private final int tokensAtOnce;
    private final long scratchStart;
    private final FloatBuffer scratchValues;

    /**
     * @param scale of scores
     * @param scratch of {@link #scratchLength} values, the caller's
     */
    CachedAttention(KeyValueCache cache, int heads, int width, float scale, INDArray scratch) {
        this.cache = cache;
        this.heads = heads;
        this.perHead = width / heads;
        this.scale = scale;
        this.tokensAtOnce = Math.max(1, (THREADED_PRODUCT - 1) / perHead);
        this.scratchStart = Floats.address(scratch);
        this.scratchValues = Floats.buffer(scratch);
    }

    /** Scores of one row and head for each prompt. */
    static long scratchLength(KeyValueCache cache) {
        return (long) cache.size().prompts() * cache.span();
    }

    /**
     * Stores the newest token of every row and computes what attention makes of it.
     *
     * @param packed {@code [rows, 3 width]}: query, key and value
     * @param output {@code [rows, width]}
     */
    void run(INDArray packed, int layer, INDArray output) {
        Layer arrays = new Layer(
                Floats.address(packed),
                Floats.address(cache.promptKeys(layer)),
                Floats.address(cache.promptValues(layer)),
                Floats.address(cache.rowKeys(layer)),
                Floats.address(cache.rowValues(layer)),
                Floats.address(output));
        int copies = cache.size().copies();
        // prompts are independent of each other, so their order and their threads change nothing
        IntStream.range(0, cache.size().prompts()).parallel().forEach(prompt -> {
            for (int head = 0; head < heads; head++) {
                for (int row = prompt * copies; row < (prompt + 1) * copies; row++) {
                    attend(arrays, prompt, row, head);
                }
            }
        });
    }

    /** Where things of a layer are. */
    private record Layer(long packed, long promptKeys, long promptValues, long rowKeys, long rowValues, long output) {}

    private void attend(Layer layer, int prompt, int row, int head) {
        long vector = (long) perHead * Float.BYTES;
        long query = layer.packed + ((long) row * 3 * heads + head) * vector;
        long part = heads * vector;
        long ofPrompt = ((long) prompt * heads + head) * cache.size().promptCapacity() * vector;
        long ofRow = ((long) row * heads + head) * cache.size().capacity() * vector;
        copy(query + part, layer.rowKeys + ofRow + cache.place() * vector);
        copy(query + 2 * part, layer.rowValues + ofRow + cache.place() * vector);

        int prompted = cache.promptLength(prompt);
        // while graphs are planned there is none yet
        int followed = Math.max(1, cache.steps());
        int start = prompt * cache.span();
        long scores = scratchStart + (long) start * Float.BYTES;
        long ofFollowing = scores + (long) prompted * Float.BYTES;
        FloatPointer by = new Floats(query);
        score(layer.promptKeys + ofPrompt, prompted, by, scores);
        score(layer.rowKeys + ofRow, followed, by, ofFollowing);
        float share = (float) (1 / exponentials(start, start + prompted + followed));
        FloatPointer to = new Floats(layer.output + ((long) row * heads + head) * vector);
        mix(layer.rowValues + ofRow, followed, share, ofFollowing, to, false);
        mix(layer.promptValues + ofPrompt, prompted, share, scores, to, true);
    }

    private void copy(long from, long to) {
        Pointer.memcpy(new Floats(to), new Floats(from), (long) perHead * Float.BYTES);
    }

    /** Scaled products of the query with keys. */
    private void score(long keys, int tokens, FloatPointer query, long scores) {
        for (int start = 0; start < tokens; start += tokensAtOnce) {
            cblas_sgemv(
                    CblasRowMajor,
                    CblasNoTrans,
                    Math.min(tokensAtOnce, tokens - start),
                    perHead,
                    scale,
                    new Floats(keys + (long) start * perHead * Float.BYTES),
                    perHead,
                    query,
                    1,
                    0,
                    new Floats(scores + (long) start * Float.BYTES),
                    1);
        }
    }

    /** Turns scores into their exponentials, the largest into 1, and returns their sum. */
    private double exponentials(int from, int to) {
        float largest = Float.NEGATIVE_INFINITY;
        for (int i = from; i < to; i++) {
            largest = Math.max(largest, scratchValues.get(i));
        }
        double sum = 0;
        for (int i = from; i < to; i++) {
            double value = Math.exp(scratchValues.get(i) - largest);
            scratchValues.put(i, (float) value);
            sum += value;
        }
        return sum;
    }

    /** Values weighted by {@code share} times {@code weights}. */
    private void mix(long values, int tokens, float share, long weights, FloatPointer result, boolean added) {
        for (int start = 0; start < tokens; start += tokensAtOnce) {
            cblas_sgemv(
                    CblasRowMajor,
                    CblasTrans,
                    Math.min(tokensAtOnce, tokens - start),
                    perHead,
                    share,
                    new Floats(values + (long) start * perHead * Float.BYTES),
                    perHead,
                    new Floats(weights + (long) start * Float.BYTES),
                    1,
                    added || start > 0 ? 1 : 0,
                    result,
                    1);
        }
    }
}
