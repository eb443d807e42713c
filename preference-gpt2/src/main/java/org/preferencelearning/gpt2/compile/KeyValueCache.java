package org.preferencelearning.gpt2.compile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Keys and values of the tokens that a batch of sequences has so far, for every layer, so that one more token costs one
 * token's work. A token's place is its position in its own sequence, whatever the other rows hold; the places that
 * a row has not reached are hidden from it.
 *
 * <p>Prompts are computed once and stored for each of their {@code copies}: row {@code p * copies + c} is copy c of prompt
 * p. Owned by whoever made it; graphs that use it must be closed first.
 */
public final class KeyValueCache implements AutoCloseable {
    private final int prompts;
    private final int copies;
    private final int capacity;
    private final int width;
    private final List<INDArray> keys = new ArrayList<>();
    private final List<INDArray> values = new ArrayList<>();
    private final int[] lengths;

    /**
     * An empty cache.
     *
     * @param layers blocks of the model
     * @param prompts prompts in a batch
     * @param copies rows that continue each prompt
     * @param capacity most tokens of a row
     * @param width length of a key of all heads
     */
    public KeyValueCache(int layers, int prompts, int copies, int capacity, int width, DataType type) {
        this.prompts = prompts;
        this.copies = copies;
        this.capacity = capacity;
        this.width = width;
        for (int layer = 0; layer < layers; layer++) {
            keys.add(Nd4j.create(type, rows(), capacity, width));
            values.add(Nd4j.create(type, rows(), capacity, width));
        }
        lengths = new int[rows()];
    }

    /** Rows: prompts times copies. */
    public int rows() {
        return prompts * copies;
    }

    /** Copies of each prompt. */
    public int copies() {
        return copies;
    }

    /** Most tokens of a row. */
    public int capacity() {
        return capacity;
    }

    /** Tokens that a row holds. */
    public int length(int row) {
        return lengths[row];
    }

    /** Begins new sequences: row r holds {@code lengths[r]} tokens, which a run of a prompt graph then stores. */
    public void begin(int[] lengths) {
        System.arraycopy(lengths, 0, this.lengths, 0, lengths.length);
    }

    /** Makes room for one more token in every row, which a run of a step graph then stores. */
    public void advance() {
        for (int row = 0; row < lengths.length; row++) {
            if (lengths[row] == capacity) {
                throw new IllegalStateException("row " + row + " of the cache is full: " + capacity + " tokens");
            }
            lengths[row]++;
        }
    }

    /** Tokens of the longest row. */
    int longest() {
        return Arrays.stream(lengths).max().orElse(0);
    }

    INDArray keys(int layer) {
        return keys.get(layer);
    }

    INDArray values(int layer) {
        return values.get(layer);
    }

    /** 0 where a row has a token, a large negative number where it has none, {@code [rows][capacity]}. */
    float[][] mask() {
        float[][] mask = new float[rows()][capacity];
        for (int row = 0; row < mask.length; row++) {
            Arrays.fill(mask[row], lengths[row], capacity, CausalMask.HIDDEN);
        }
        return mask;
    }

    /** Stores the keys and values of prompts, {@code packed [prompts * length, 3 width]}, for each copy. */
    void storePrompts(int layer, INDArray packed) {
        long length = packed.size(0) / prompts;
        INDArray all = packed.reshape('c', prompts, length, packed.size(1));
        for (int copy = 0; copy < copies; copy++) {
            store(keys.get(layer), copy, length, part(all, 1));
            store(values.get(layer), copy, length, part(all, 2));
        }
    }

    /** Stores the keys and values of the newest token of every row, {@code packed [rows, 3 width]}. */
    void storeStep(int layer, INDArray packed) {
        for (int row = 0; row < lengths.length; row++) {
            int place = Math.max(0, lengths[row] - 1);
            for (int part = 1; part <= 2; part++) {
                INDArray target = part == 1 ? keys.get(layer) : values.get(layer);
                target.get(NDArrayIndex.point(row), NDArrayIndex.point(place), NDArrayIndex.all())
                        .assign(packed.get(
                                NDArrayIndex.point(row),
                                NDArrayIndex.interval((long) part * width, (part + 1L) * width)));
            }
        }
    }

    private void store(INDArray target, int copy, long length, INDArray part) {
        target.reshape('c', prompts, copies, capacity, width)
                .get(NDArrayIndex.all(), NDArrayIndex.point(copy), NDArrayIndex.interval(0, length), NDArrayIndex.all())
                .assign(part);
    }

    private INDArray part(INDArray packed, int index) {
        INDArrayIndex columns = NDArrayIndex.interval((long) index * width, (long) (index + 1) * width);
        return packed.get(NDArrayIndex.all(), NDArrayIndex.all(), columns);
    }

    @Override
    public void close() {
        keys.forEach(INDArray::close);
        values.forEach(INDArray::close);
    }
}
