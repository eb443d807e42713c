package org.preferencelearning.gpt2.internal.torch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.preferencelearning.gpt2.internal.compile.CausalMask;

/**
 * Keys and values of the tokens that a batch of sequences has so far, on a device, for every layer: those of a row's prompt,
 * then those that followed. Row {@code p * copies + c} is copy c of prompt p; prompts are computed once and stored for each copy.
 */
public final class TorchCache implements AutoCloseable {
    /** Rows of the mask begin at multiples of it, as CUDA's kernel reads several numbers at once. */
    private static final int ALIGNMENT = 16;

    private final TorchDevice device;
    private final int prompts;
    private final int copies;
    private final int promptCapacity;
    private final int span;
    private final List<TorchTensor> keys = new ArrayList<>();
    private final List<TorchTensor> values = new ArrayList<>();
    private final TorchTensor mask;
    private final int[] promptLengths;
    private int steps;

    /**
     * An empty cache.
     *
     * @param copies rows that continue each prompt
     * @param promptCapacity most tokens of a prompt
     * @param capacity most tokens of a row after its prompt
     * @param bfloat16 whether keys and values are rounded to bfloat16
     */
    public TorchCache(
            TorchDevice device,
            int prompts,
            int copies,
            int promptCapacity,
            int capacity,
            int layers,
            int heads,
            int width,
            boolean bfloat16) {
        this.device = device;
        this.prompts = prompts;
        this.copies = copies;
        this.promptCapacity = promptCapacity;
        this.span = (promptCapacity + capacity + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        this.promptLengths = new int[prompts];
        int type = bfloat16 ? device.bfloat16() : device.float32();
        long[] shape = {(long) prompts * copies, heads, span, width / heads};
        for (int layer = 0; layer < layers; layer++) {
            keys.add(cleared(type, shape));
            values.add(cleared(type, shape));
        }
        this.mask = cleared(type, (long) prompts * copies, 1, 1, span);
    }

    /** What no row has yet must be finite: its probability of 0 is multiplied by it. */
    private TorchTensor cleared(int type, long... shape) {
        TorchTensor tensor = device.empty(type, shape);
        tensor.clear();
        return tensor;
    }

    /** Starts new sequences with prompts of these lengths, whose keys and values are stored next. */
    public void begin(int... lengths) {
        System.arraycopy(lengths, 0, promptLengths, 0, prompts);
        steps = 0;
        float[] hidden = new float[prompts * copies * span];
        for (int row = 0; row < prompts * copies; row++) {
            Arrays.fill(
                    hidden, row * span + promptLengths[row / copies], row * span + promptCapacity, CausalMask.HIDDEN);
        }
        try (TorchTensor fresh = device.floats(hidden, (long) prompts * copies, 1, 1, span)) {
            device.copy(fresh, mask);
        }
    }

    /** Makes place for one more token of every row. */
    public void advance() {
        steps++;
    }

    /** Tokens of a row so far. */
    public int length(int row) {
        return promptLengths[row / copies] + steps;
    }

    /** Stores keys and values of prompts, {@code [prompts, heads, promptCapacity, width / heads]}. */
    void storePrompts(TorchScope scope, int layer, TorchTensor newKeys, TorchTensor newValues) {
        store(scope, keys.get(layer), newKeys, 0);
        store(scope, values.get(layer), newValues, 0);
    }

    /** Stores keys and values of the newest token of every row, {@code [rows, heads, 1, width / heads]}. */
    void storeStep(TorchScope scope, int layer, TorchTensor newKeys, TorchTensor newValues) {
        store(scope, keys.get(layer), newKeys, place());
        store(scope, values.get(layer), newValues, place());
    }

    private int place() {
        return promptCapacity + steps - 1;
    }

    /** Copies to each row, or to each copy of a prompt. */
    private static void store(TorchScope scope, TorchTensor all, TorchTensor some, int start) {
        long[] from = some.shape();
        long[] fromStrides = some.strides();
        long[] strides = all.strides();
        long copies = all.size(0) / from[0];
        TorchTensor part = scope.view(
                all,
                new long[] {from[0], copies, from[1], from[2], from[3]},
                new long[] {copies * strides[0], strides[0], strides[1], strides[2], strides[3]},
                start * strides[2]);
        TorchTensor repeated = scope.view(
                some,
                new long[] {from[0], copies, from[1], from[2], from[3]},
                new long[] {fromStrides[0], 0, fromStrides[1], fromStrides[2], fromStrides[3]},
                0);
        scope.device().copy(repeated, part);
    }

    /** Keys of all tokens so far. */
    TorchTensor keys(TorchScope scope, int layer) {
        return soFar(scope, keys.get(layer));
    }

    /** Values of all tokens so far. */
    TorchTensor values(TorchScope scope, int layer) {
        return soFar(scope, values.get(layer));
    }

    private TorchTensor soFar(TorchScope scope, TorchTensor all) {
        long[] shape = all.shape();
        return scope.view(all, new long[] {shape[0], shape[1], place() + 1, shape[3]}, all.strides(), 0);
    }

    /** 0 where a row has a token, a large negative number where it has none. */
    TorchTensor mask(TorchScope scope) {
        return scope.view(mask, new long[] {mask.size(0), 1, 1, place() + 1}, mask.strides(), 0);
    }

    @Override
    public void close() {
        keys.forEach(TorchTensor::close);
        values.forEach(TorchTensor::close);
        mask.close();
    }
}
