package org.preferencelearning.gpt2.internal.torch;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.gpt2.internal.torch.Torch.Frame;
import org.preferencelearning.gpt2.internal.torch.Torch.Maybe;
import org.preferencelearning.gpt2.internal.torch.Torch.Operator;
import org.preferencelearning.gpt2.internal.torch.Torch.Text;

/**
 * Operations of libtorch on a device. Their results are closed with the scope, if not {@linkplain #free closed} or
 * {@linkplain #keep kept} before.
 */
final class TorchScope implements AutoCloseable {
    private static final Operator TO = Operator.of("to.dtype");
    private static final Operator MULTIPLY = Operator.of("mul.Tensor");
    private static final Operator SUM = Operator.of("sum");
    private static final Operator SUM_OVER = Operator.of("sum.dim_IntList");
    private static final Operator SUM_TO = Operator.of("sum_to_size");
    private static final Operator EXPAND = Operator.of("expand");
    private static final Operator RESHAPE = Operator.of("reshape");
    private static final Operator PERMUTE = Operator.of("permute");
    private static final Operator MATMUL = Operator.of("matmul");
    private static final Operator PRODUCT_IN_TYPE = Operator.of("mm.dtype");
    private static final Operator CONCAT = Operator.of("cat");
    private static final Operator SOFTMAX = Operator.of("_softmax");
    private static final Operator SOFTMAX_GRADIENT = Operator.of("_softmax_backward_data");
    private static final Operator LOG_SOFTMAX = Operator.of("_log_softmax");
    private static final Operator LAYER_NORM = Operator.of("native_layer_norm");
    private static final Operator LAYER_NORM_GRADIENT = Operator.of("native_layer_norm_backward");
    private static final Operator GELU = Operator.of("gelu");
    private static final Operator GELU_GRADIENT = Operator.of("gelu_backward");
    private static final Operator SELECT_ROWS = Operator.of("index_select");
    private static final Operator PUT = Operator.of("index_put_");
    private static final Operator GATHERED_GRADIENT = Operator.of("embedding_dense_backward");
    private static final Operator TAKE = Operator.of("take");
    private static final Operator EXP = Operator.of("exp");
    private static final Operator LARGEST_OVER = Operator.of("amax");
    private static final Operator CPU_ATTENTION = Operator.of("_scaled_dot_product_flash_attention_for_cpu");
    private static final Operator CPU_ATTENTION_GRADIENT =
            Operator.of("_scaled_dot_product_flash_attention_for_cpu_backward");
    private static final Operator CUDA_ATTENTION = Operator.of("_scaled_dot_product_efficient_attention");
    private static final Operator CUDA_ATTENTION_GRADIENT =
            Operator.of("_scaled_dot_product_efficient_attention_backward");

    private final TorchDevice device;
    private final Set<TorchTensor> owned = Collections.newSetFromMap(new IdentityHashMap<>());

    TorchScope(TorchDevice device) {
        this.device = device;
    }

    TorchDevice device() {
        return device;
    }

    /** Closes a tensor with this. */
    TorchTensor own(TorchTensor tensor) {
        owned.add(tensor);
        return tensor;
    }

    /** Hands a tensor over to the caller. */
    TorchTensor keep(TorchTensor tensor) {
        owned.remove(tensor);
        return tensor;
    }

    /** Closes a tensor early, if it is this scope's. */
    void free(TorchTensor tensor) {
        if (owned.remove(tensor)) {
            tensor.close();
        }
    }

    @Override
    public void close() {
        ArrayDeque<TorchTensor> all = new ArrayDeque<>(owned);
        owned.clear();
        all.forEach(TorchTensor::close);
    }

    /** The result of an operator that has one. */
    TorchTensor call(Operator operator, Object... arguments) {
        return run(operator, 1, arguments)[0];
    }

    TorchTensor[] run(Operator operator, int results, Object... arguments) {
        long[] handles = Torch.call(operator, results, arguments);
        TorchTensor[] tensors = new TorchTensor[results];
        for (int i = 0; i < results; i++) {
            tensors[i] = own(new TorchTensor(device, handles[i]));
        }
        return tensors;
    }

    // Shapes

    /** @param offset where the view begins, in values from where {@code whole} begins */
    TorchTensor view(TorchTensor whole, long[] shape, long[] strides, long offset) {
        Frame frame = Torch.frame();
        Torch.check(
                "a view",
                Torch.aoti_torch__reinterpret_tensor(
                        whole.handle(),
                        shape.length,
                        frame.sizes(shape),
                        frame.strides(strides),
                        offset,
                        frame.result));
        return own(new TorchTensor(device, frame.result.getLong(0)));
    }

    /** A view of a matrix of which rows and columns change places. */
    TorchTensor transposed(TorchTensor matrix) {
        long[] shape = matrix.shape();
        long[] strides = matrix.strides();
        return view(matrix, new long[] {shape[1], shape[0]}, new long[] {strides[1], strides[0]}, 0);
    }

    /** Another handle of the same tensor. */
    TorchTensor same(TorchTensor tensor) {
        Frame frame = Torch.frame();
        Torch.check("a handle", Torch.aoti_torch_new_tensor_handle(tensor.handle(), frame.result));
        return own(new TorchTensor(device, frame.result.getLong(0)));
    }

    TorchTensor reshape(TorchTensor x, long... shape) {
        return call(RESHAPE, x, list(shape));
    }

    TorchTensor permute(TorchTensor x, long... axes) {
        return call(PERMUTE, x, list(axes));
    }

    TorchTensor expand(TorchTensor x, long... shape) {
        return call(EXPAND, x, list(shape), false);
    }

    TorchTensor concat(int axis, List<TorchTensor> parts) {
        return call(CONCAT, parts, (long) axis);
    }

    /** The tensor in a type; a copy only where it has another one. */
    TorchTensor to(TorchTensor x, int type) {
        return x.type() == type ? same(x) : call(TO, x, device.type(type), false, false, Maybe.NONE);
    }

    private static List<Long> list(long... values) {
        return Arrays.stream(values).boxed().toList();
    }

    // Arithmetic

    TorchTensor add(TorchTensor a, TorchTensor b) {
        Frame frame = Torch.frame();
        Torch.check("an addition", device.add(a.handle(), b.handle(), frame.result));
        return own(new TorchTensor(device, frame.result.getLong(0)));
    }

    /** {@code sum += x}. */
    void addTo(TorchTensor sum, TorchTensor x) {
        TorchTensor result = add(sum, x);
        device.copy(result, sum);
        free(result);
    }

    TorchTensor multiply(TorchTensor a, TorchTensor b) {
        return call(MULTIPLY, a, b);
    }

    TorchTensor exp(TorchTensor x) {
        return call(EXP, x);
    }

    /** Of all values. */
    TorchTensor sum(TorchTensor x) {
        return call(SUM, x, Maybe.NONE);
    }

    /** Of every column, in float32. */
    TorchTensor columnSums(TorchTensor matrix) {
        return call(SUM_OVER, matrix, new Maybe(List.of(0L)), false, new Maybe(device.type(device.float32())));
    }

    /** Of every row, in float32. */
    TorchTensor rowSums(TorchTensor matrix) {
        return call(SUM_OVER, matrix, new Maybe(List.of(1L)), false, new Maybe(device.type(device.float32())));
    }

    /** The largest value of every row. */
    TorchTensor rowMaxima(TorchTensor matrix) {
        return call(LARGEST_OVER, matrix, List.of(1L), false);
    }

    /** Sums over the axes along which values of a shape were repeated. */
    TorchTensor sumTo(TorchTensor x, long... shape) {
        return call(SUM_TO, x, list(shape));
    }

    // Products

    /** Product of matrices of one type, in that type. */
    TorchTensor product(TorchTensor a, TorchTensor b) {
        TorchTensor out = own(device.empty(a.type(), a.size(0), b.size(1)));
        Torch.check("a product", device.mm(out.handle(), a.handle(), b.handle()));
        return out;
    }

    /** Product of matrices of one type, in float32. */
    TorchTensor productInFloat32(TorchTensor a, TorchTensor b) {
        if (a.type() == device.float32()) {
            return product(a, b);
        }
        return device.isCuda()
                ? call(PRODUCT_IN_TYPE, a, b, device.type(device.float32()))
                : product(to(a, device.float32()), to(b, device.float32()));
    }

    /** {@code sum += a b}, where the sum is in float32. */
    void addProduct(TorchTensor sum, TorchTensor a, TorchTensor b) {
        if (a.type() == device.float32()) {
            Torch.check("a product", device.addmm(sum.handle(), sum.handle(), a.handle(), b.handle()));
        } else {
            TorchTensor product = productInFloat32(a, b);
            addTo(sum, product);
            free(product);
        }
    }

    /** {@code a b + bias} in the type of all of them. */
    TorchTensor linear(TorchTensor a, TorchTensor b, TorchTensor bias) {
        TorchTensor out = own(device.empty(a.type(), a.size(0), b.size(1)));
        Torch.check("a linear map", device.addmm(out.handle(), bias.handle(), a.handle(), b.handle()));
        return out;
    }

    /** Products of the last two axes. */
    TorchTensor products(TorchTensor a, TorchTensor b) {
        return call(MATMUL, a, b);
    }

    // Layers

    /** Result, mean and reciprocal deviation. */
    TorchTensor[] layerNorm(TorchTensor x, TorchTensor scale, TorchTensor shift, double epsilon) {
        return run(LAYER_NORM, 3, x, list(x.size(1)), new Maybe(scale), new Maybe(shift), epsilon);
    }

    /** By x, scale and shift. */
    TorchTensor[] layerNormGradient(
            TorchTensor upstream,
            TorchTensor x,
            TorchTensor mean,
            TorchTensor reciprocal,
            TorchTensor scale,
            TorchTensor shift) {
        return run(
                LAYER_NORM_GRADIENT,
                3,
                upstream,
                x,
                list(x.size(1)),
                mean,
                reciprocal,
                new Maybe(scale),
                new Maybe(shift),
                List.of(true, true, true));
    }

    TorchTensor gelu(TorchTensor x, Text form) {
        return call(GELU, x, form);
    }

    TorchTensor geluGradient(TorchTensor upstream, TorchTensor x, Text form) {
        return call(GELU_GRADIENT, upstream, x, form);
    }

    /** Over the last axis. */
    TorchTensor softmax(TorchTensor x) {
        return call(SOFTMAX, x, -1L, false);
    }

    TorchTensor softmaxGradient(TorchTensor upstream, TorchTensor probabilities) {
        return call(SOFTMAX_GRADIENT, upstream, probabilities, -1L, device.type(probabilities.type()));
    }

    TorchTensor logSoftmax(TorchTensor x) {
        return call(LOG_SOFTMAX, x, -1L, false);
    }

    /** What attention leaves: the result, and what its gradient needs beside it. */
    record Attended(TorchTensor output, List<TorchTensor> rest) {}

    /**
     * Attention of {@code [rows, heads, queries, width]} over keys and values of {@code [rows, heads, keys, width]}.
     *
     * @param mask added to scores, which may be repeated over heads; or null where every query sees what is not after it
     */
    Attended attention(TorchTensor q, TorchTensor k, TorchTensor v, @Nullable TorchTensor mask, double scale) {
        boolean causal = mask == null;
        if (!device.isCuda()) {
            TorchTensor[] results = run(CPU_ATTENTION, 2, q, k, v, 0.0, causal, new Maybe(mask), new Maybe(scale));
            return new Attended(results[0], List.of(results[1]));
        }
        Maybe bias = mask == null ? Maybe.NONE : new Maybe(repeated(mask, q, k));
        TorchTensor[] results = run(CUDA_ATTENTION, 4, q, k, v, bias, true, 0.0, causal, new Maybe(scale));
        return new Attended(results[0], List.of(results[1], results[2], results[3]));
    }

    /** By queries, keys and values. */
    TorchTensor[] attentionGradient(
            TorchTensor upstream,
            TorchTensor q,
            TorchTensor k,
            TorchTensor v,
            Attended forward,
            @Nullable TorchTensor mask,
            double scale) {
        boolean causal = mask == null;
        if (!device.isCuda()) {
            return run(
                    CPU_ATTENTION_GRADIENT,
                    3,
                    upstream,
                    q,
                    k,
                    v,
                    forward.output(),
                    forward.rest().get(0),
                    0.0,
                    causal,
                    new Maybe(mask),
                    new Maybe(scale));
        }
        // the schema asks for a mask even where there is none
        TorchTensor bias = mask == null ? undefined() : repeated(mask, q, k);
        return run(
                CUDA_ATTENTION_GRADIENT,
                4,
                upstream,
                q,
                k,
                v,
                bias,
                forward.output(),
                forward.rest().get(0),
                forward.rest().get(1),
                forward.rest().get(2),
                0.0,
                List.of(true, true, true, false),
                causal,
                new Maybe(scale));
    }

    private TorchTensor undefined() {
        Frame frame = Torch.frame();
        Torch.check("a handle", Torch.aoti_torch_new_uninitialized_tensor(frame.result));
        return own(new TorchTensor(device, frame.result.getLong(0)));
    }

    /** A mask for every head, in the type of the queries, as CUDA's kernel wants it. */
    private TorchTensor repeated(TorchTensor mask, TorchTensor q, TorchTensor k) {
        return expand(to(mask, q.type()), q.size(0), q.size(1), q.size(2), k.size(2));
    }

    // Rows

    /** Some rows of a matrix, in a new one. */
    TorchTensor rows(TorchTensor matrix, TorchTensor which) {
        return call(SELECT_ROWS, matrix, 0L, which);
    }

    /** Some values of a tensor, by their place in it. */
    TorchTensor take(TorchTensor x, TorchTensor places) {
        return call(TAKE, x, places);
    }

    /**
     * Adds to rows of a matrix; what belongs to one row is added up first, so that no row is met twice and the order is always
     * the same.
     *
     * @param rows the row of {@code sum} for each row of {@code updates}
     */
    void addRows(TorchTensor sum, int[] rows, TorchTensor updates) {
        int[] distinct = Arrays.stream(rows).distinct().toArray();
        TorchTensor added = updates;
        if (distinct.length < rows.length) {
            Map<Integer, Integer> places = new HashMap<>();
            for (int place = 0; place < distinct.length; place++) {
                places.put(distinct[place], place);
            }
            int[] place = Arrays.stream(rows).map(places::get).toArray();
            added = call(
                    GATHERED_GRADIENT,
                    updates,
                    own(device.whole(place, place.length)),
                    (long) distinct.length,
                    -1L,
                    false);
        }
        put(sum, own(device.whole(distinct, distinct.length)), added);
    }

    /** Adds to rows of a matrix or values of a vector, each of which is named once. */
    void put(TorchTensor sum, TorchTensor places, TorchTensor updates) {
        call(PUT, sum, List.of(new Maybe(places)), updates, true);
    }
}
