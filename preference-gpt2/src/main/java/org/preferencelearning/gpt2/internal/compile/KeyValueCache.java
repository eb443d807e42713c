package org.preferencelearning.gpt2.internal.compile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Keys and values of the tokens that a batch of sequences has so far, for every layer, so that one more token costs one
 * token's work. Prompts are computed and kept once for all their {@code copies}; row {@code p * copies + c} is copy c of
 * prompt p, and holds what followed the prompt. The tokens of a head lie together, one after the other.
 *
 * <p>Owned by whoever made it; graphs that use it must be closed first.
 */
public final class KeyValueCache implements AutoCloseable {
    private final Size size;
    private final List<INDArray> promptKeys = new ArrayList<>();
    private final List<INDArray> promptValues = new ArrayList<>();
    private final List<INDArray> rowKeys = new ArrayList<>();
    private final List<INDArray> rowValues = new ArrayList<>();
    private final int[] promptLengths;
    private int steps;

    /**
     * How much a cache holds.
     *
     * @param prompts prompts in a batch
     * @param copies rows that continue each prompt
     * @param promptCapacity most tokens of a prompt
     * @param capacity most tokens of a row after its prompt
     */
    public record Size(int prompts, int copies, int promptCapacity, int capacity) {
        /** Rows: prompts times copies. */
        public int rows() {
            return prompts * copies;
        }
    }

    /**
     * An empty cache.
     *
     * @param layers blocks of the model
     * @param heads attention heads
     * @param width length of a key of all heads
     */
    public KeyValueCache(Size size, int layers, int heads, int width, DataType type) {
        this.size = size;
        long[] ofPrompts = {size.prompts, heads, size.promptCapacity, width / heads};
        long[] ofRows = {size.rows(), heads, size.capacity, width / heads};
        for (int layer = 0; layer < layers; layer++) {
            promptKeys.add(Nd4j.create(type, ofPrompts));
            promptValues.add(Nd4j.create(type, ofPrompts));
            rowKeys.add(Nd4j.create(type, ofRows));
            rowValues.add(Nd4j.create(type, ofRows));
        }
        promptLengths = new int[size.prompts];
    }

    /** How much it holds at most. */
    public Size size() {
        return size;
    }

    /** Tokens that a row holds, its prompt's included. */
    public int length(int row) {
        return promptLength(row / size.copies) + steps;
    }

    /** Tokens of a prompt. */
    int promptLength(int prompt) {
        return promptLengths[prompt];
    }

    /** Tokens of every row after its prompt. */
    public int steps() {
        return steps;
    }

    /** Begins new sequences: prompt p has {@code lengths[p]} tokens, which a run of a prompt graph then stores. */
    public void begin(int[] lengths) {
        System.arraycopy(lengths, 0, promptLengths, 0, promptLengths.length);
        steps = 0;
    }

    /** Makes room for one more token in every row, which a run of a step graph then stores. */
    public void advance() {
        if (steps == size.capacity) {
            throw new IllegalStateException("the rows of the cache are full: " + size.capacity + " tokens each");
        }
        steps++;
    }

    /** Most tokens of a row, its prompt's included. */
    int span() {
        return size.promptCapacity + size.capacity;
    }

    /** {@code [prompts, heads, promptCapacity, width / heads]}. */
    INDArray promptKeys(int layer) {
        return promptKeys.get(layer);
    }

    /** As {@link #promptKeys}. */
    INDArray promptValues(int layer) {
        return promptValues.get(layer);
    }

    /** {@code [rows, heads, capacity, width / heads]}. */
    INDArray rowKeys(int layer) {
        return rowKeys.get(layer);
    }

    /** As {@link #rowKeys}. */
    INDArray rowValues(int layer) {
        return rowValues.get(layer);
    }

    /** Keys of all tokens of all rows, {@code [rows, heads, span, width / heads]}: a new array, the caller's. */
    INDArray allKeys(int layer) {
        return joined(promptKeys.get(layer), rowKeys.get(layer));
    }

    /** As {@link #allKeys}. */
    INDArray allValues(int layer) {
        return joined(promptValues.get(layer), rowValues.get(layer));
    }

    private INDArray joined(INDArray ofPrompts, INDArray ofRows) {
        INDArray all = Nd4j.create(ofRows.dataType(), ofRows.size(0), ofRows.size(1), span(), ofRows.size(3));
        for (int copy = 0; copy < size.copies; copy++) {
            tokens(all.get(NDArrayIndex.interval(copy, size.copies, size.rows())), 0, size.promptCapacity)
                    .assign(ofPrompts);
        }
        tokens(all, size.promptCapacity, span()).assign(ofRows);
        return all;
    }

    /** 0 where a row has a token, a large negative number where it has none, {@code [rows][span]}. */
    float[][] mask() {
        float[][] mask = new float[size.rows()][span()];
        for (int row = 0; row < mask.length; row++) {
            Arrays.fill(mask[row], promptLength(row / size.copies), size.promptCapacity, CausalMask.HIDDEN);
            Arrays.fill(mask[row], size.promptCapacity + steps, span(), CausalMask.HIDDEN);
        }
        return mask;
    }

    /** Stores keys and values of prompts, {@code [prompts, heads, length, width / heads]}. */
    void storePrompts(int layer, INDArray keys, INDArray values) {
        tokens(promptKeys.get(layer), 0, keys.size(2)).assign(keys);
        tokens(promptValues.get(layer), 0, values.size(2)).assign(values);
    }

    private static INDArray tokens(INDArray all, long from, long to) {
        return all.get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.interval(from, to), NDArrayIndex.all());
    }

    /** Stores keys and values of the newest token of every row, {@code [rows, heads, 1, width / heads]}. */
    void storeStep(int layer, INDArray keys, INDArray values) {
        tokens(rowKeys.get(layer), place(), place() + 1).assign(keys);
        tokens(rowValues.get(layer), place(), place() + 1).assign(values);
    }

    /** Where the newest token of every row is; while graphs are planned there is none yet. */
    int place() {
        return Math.max(0, steps - 1);
    }

    @Override
    public void close() {
        List.of(promptKeys, promptValues, rowKeys, rowValues).forEach(arrays -> arrays.forEach(INDArray::close));
    }
}
