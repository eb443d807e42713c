package org.preferencelearning.gpt2.internal.compile;

import static java.util.Objects.requireNonNull;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MEAN;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.dnnl.eltwise_backward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.layer_normalization_backward;
import org.bytedeco.dnnl.layer_normalization_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.softmax_backward;
import org.bytedeco.dnnl.softmax_forward;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.gpt2.KernelClock;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.preferencelearning.gpt2.internal.compile.DnnlContext.Call;
import org.preferencelearning.gpt2.internal.compile.DnnlContext.Packing;
import org.preferencelearning.gpt2.internal.compile.DnnlContext.View;
import org.preferencelearning.gpt2.internal.compile.MatrixProduct.Factor;

/**
 * Kernels of oneDNN for the CPU, in float32. Attention works on strided views of the packed queries, keys and values, so
 * nothing is split, transposed or joined; its probabilities are kept for the gradient.
 */
final class DnnlKernels implements KernelSet {
    private static final int SCALE_AND_SHIFT = dnnl.dnnl_use_scale | dnnl.dnnl_use_shift;

    private final TransformerShape shape;
    private final BufferPool buffers;
    private final DnnlContext context = new DnnlContext();
    private final engine engine = context.engine();
    private final Map<String, LayerNorm> layerNorms = new HashMap<>();
    private final Map<String, Kept> kept = new HashMap<>();
    /** What copies weights to where the products of this graph read them. */
    private final List<Call> packing = new ArrayList<>();

    private int attentions;
    private @Nullable INDArray mask;
    private @Nullable INDArray ones;
    /** Buffers that the last step made was the last to use. */
    private final List<INDArray> done = new ArrayList<>();

    /** Kernels for one graph of the given shape, with buffers of its pool. */
    DnnlKernels(TransformerShape shape, BufferPool buffers) {
        this.shape = shape;
        this.buffers = buffers;
    }

    @Override
    public void endStep() {
        done.forEach(buffers::giveBack);
        done.clear();
    }

    @Override
    public Optional<Step> step(FusedOperation operation, List<String> inputNames, List<INDArray> inputs) {
        String key = inputNames.isEmpty() ? "" : inputNames.get(0);
        return switch (operation) {
            case LAYER_NORM -> Optional.of(layerNorm(key, inputs));
            case LAYER_NORM_GRADIENT -> Optional.of(layerNormGradient(key, inputs));
            case GELU -> Optional.of(gelu(inputs.get(0)));
            case GELU_GRADIENT -> Optional.of(geluGradient(inputs));
            case ATTENTION -> Optional.of(attentionOrCached(key, inputs.get(0)));
            case ATTENTION_GRADIENT -> Optional.of(attentionGradient(key, inputs));
        };
    }

    @Override
    public long bytes() {
        return context.bytes();
    }

    @Override
    public void close() {
        context.close();
    }

    @Override
    public boolean isCheap(FusedOperation operation) {
        return operation == FusedOperation.LAYER_NORM || operation == FusedOperation.GELU;
    }

    // Linear maps

    @Override
    public boolean fusesLinear(INDArray x) {
        return x.rank() == 2;
    }

    @Override
    public Step linear(INDArray x, INDArray weight, INDArray bias) {
        View input = context.matrix(x);
        View factor = context.matrix(weight);
        View shift = context.row(bias);
        return new Fused(KernelClock.PRODUCTS, List.of(like(x, weight.size(1))), outputs -> {
            View output = context.matrix(outputs.get(0));
            return shape.continuesCache()
                    ? packedProduct(input, factor, Optional.of(shift), output)
                    : context.linear(input, factor, shift, output, shape.precision());
        });
    }

    /** By weights that stay in the graph's memory between its runs. */
    private List<Call> packedProduct(View x, View weight, Optional<View> bias, View output) {
        Packing kept = new Packing(length -> buffers.reserve(DataType.FLOAT, length), packing);
        return context.packedProduct(x, weight, bias, output, shape.precision(), kept);
    }

    @Override
    public void refresh() {
        context.execute(packing);
    }

    @Override
    public Optional<Step> product(Factor a, Factor b, boolean added) {
        View left = MatrixProduct.view(context, a);
        View right = MatrixProduct.view(context, b);
        long[] dims = {left.dims()[0], right.dims()[1]};
        return Optional.of(new Fused(
                KernelClock.PRODUCTS,
                List.of(LongShapeDescriptor.fromShape(dims, DataType.FLOAT)),
                outputs -> isPackedHere(added)
                        ? packedProduct(left, right, Optional.empty(), context.matrix(outputs.get(0)))
                        : context.product(left, right, context.matrix(outputs.get(0)), added, shape.precision())));
    }

    /** In float32 a copy of an output head is not worth its memory. */
    private boolean isPackedHere(boolean added) {
        return shape.continuesCache() && shape.precision() == MatrixPrecision.BFLOAT16 && !added;
    }

    @Override
    public Optional<Step> columnSums(INDArray matrix, boolean added) {
        if (ones == null || ones.length() != matrix.size(0)) {
            ones = context.own(matrix.size(0)).assign(1);
        }
        View left = context.row(ones);
        return Optional.of(new Fused(
                "column_sums",
                List.of(LongShapeDescriptor.fromShape(new long[] {matrix.size(1)}, DataType.FLOAT)),
                outputs -> context.columnSums(left, context.matrix(matrix), context.row(outputs.get(0)), added)));
    }

    // LayerNorm

    /** What a forward node leaves for its gradient: mean and variance of each row. */
    private record LayerNorm(layer_normalization_forward.primitive_desc forward, INDArray mean, INDArray variance) {}

    private Step layerNorm(String key, List<INDArray> inputs) {
        INDArray x = inputs.get(0);
        memory.desc rows = context.dense(x.shape());
        LayerNorm kept = new LayerNorm(
                context.keep(new layer_normalization_forward.primitive_desc(
                        engine, dnnl.dnnl_forward_training, rows, rows, (float) shape.epsilon(), SCALE_AND_SHIFT)),
                context.own(x.size(0)),
                context.own(x.size(0)));
        // Two nodes may normalise the same x; their statistics are equal, so either may be kept.
        layerNorms.put(key, kept);
        return new Fused(
                "layer_norm",
                List.of(like(x)),
                outputs -> List.of(context.call(
                        new layer_normalization_forward(kept.forward()),
                        context.argument(DNNL_ARG_SRC, rows, x),
                        context.argument(DNNL_ARG_SCALE, context.vector(inputs.get(1)), inputs.get(1)),
                        context.argument(DNNL_ARG_SHIFT, context.vector(inputs.get(2)), inputs.get(2)),
                        context.argument(DNNL_ARG_MEAN, context.vector(kept.mean()), kept.mean()),
                        context.argument(DNNL_ARG_VARIANCE, context.vector(kept.variance()), kept.variance()),
                        context.argument(DNNL_ARG_DST, rows, outputs.get(0)))));
    }

    private Step layerNormGradient(String key, List<INDArray> inputs) {
        INDArray x = inputs.get(0);
        INDArray scale = inputs.get(1);
        INDArray shift = inputs.get(2);
        LayerNorm kept = requireNonNull(layerNorms.get(key), key);
        memory.desc rows = context.dense(x.shape());
        var description = context.keep(new layer_normalization_backward.primitive_desc(
                engine,
                dnnl.dnnl_backward,
                rows,
                rows,
                rows,
                (float) shape.epsilon(),
                SCALE_AND_SHIFT,
                kept.forward()));
        return new Fused(
                "layer_norm_gradient",
                List.of(like(x), like(scale), like(shift)),
                outputs -> List.of(context.call(
                        new layer_normalization_backward(description),
                        context.argument(DNNL_ARG_SRC, rows, x),
                        context.argument(DNNL_ARG_DIFF_DST, rows, inputs.get(3)),
                        context.argument(DNNL_ARG_SCALE, context.vector(scale), scale),
                        context.argument(DNNL_ARG_SHIFT, context.vector(shift), shift),
                        context.argument(DNNL_ARG_MEAN, context.vector(kept.mean()), kept.mean()),
                        context.argument(DNNL_ARG_VARIANCE, context.vector(kept.variance()), kept.variance()),
                        context.argument(DNNL_ARG_DIFF_SRC, rows, outputs.get(0)),
                        context.argument(DNNL_ARG_DIFF_SCALE, context.vector(scale), outputs.get(1)),
                        context.argument(DNNL_ARG_DIFF_SHIFT, context.vector(shift), outputs.get(2)))));
    }

    // GELU

    private Step gelu(INDArray x) {
        memory.desc all = context.dense(x.shape());
        return new Fused(
                "gelu",
                List.of(like(x)),
                outputs -> List.of(context.call(
                        new eltwise_forward(geluForward(all)),
                        context.argument(DNNL_ARG_SRC, all, x),
                        context.argument(DNNL_ARG_DST, all, outputs.get(0)))));
    }

    private eltwise_forward.primitive_desc geluForward(memory.desc all) {
        return context.keep(
                new eltwise_forward.primitive_desc(engine, dnnl.dnnl_forward_training, geluAlgorithm(), all, all));
    }

    private int geluAlgorithm() {
        return switch (shape.gelu()) {
            case TANH -> dnnl.dnnl_eltwise_gelu_tanh;
            case ERF -> dnnl.dnnl_eltwise_gelu_erf;
        };
    }

    private Step geluGradient(List<INDArray> inputs) {
        INDArray x = inputs.get(0);
        memory.desc all = context.dense(x.shape());
        var description = context.keep(
                new eltwise_backward.primitive_desc(engine, geluAlgorithm(), all, all, all, geluForward(all)));
        return new Fused(
                "gelu_gradient",
                List.of(like(x)),
                outputs -> List.of(context.call(
                        new eltwise_backward(description),
                        context.argument(DNNL_ARG_SRC, all, x),
                        context.argument(DNNL_ARG_DIFF_DST, all, inputs.get(1)),
                        context.argument(DNNL_ARG_DIFF_SRC, all, outputs.get(0)))));
    }

    // Attention

    private Step attentionOrCached(String key, INDArray packed) {
        int layer = attentions++;
        float scale = shape.attentionScales().get(layer).floatValue();
        boolean differentiated = layer >= shape.firstGradientLayer();
        if (shape.cache().isEmpty()) {
            return attention(packed, differentiated ? probabilities(key, scale) : scratch(squareLength()), scale);
        }
        KeyValueCache cache = shape.cache().get();
        return shape.continuesCache()
                ? new CachedStep(cache, layer, packed, scale)
                : new Storing(attention(packed, scratch(squareLength()), scale), storePrompts(cache, layer, packed));
    }

    private List<Call> storePrompts(KeyValueCache cache, int layer, INDArray packed) {
        return List.of(
                context.copy(key(packed), ofPrompts(cache, cache.promptKeys(layer))),
                context.copy(value(packed), ofPrompts(cache, cache.promptValues(layer))));
    }

    /** The part of a cache that this graph's prompts fill. */
    private View ofPrompts(KeyValueCache cache, INDArray array) {
        long perHead = array.size(3);
        long capacity = cache.size().promptCapacity();
        return context.view(
                array,
                new long[] {shape.rows(), shape.heads(), shape.length(), perHead},
                new long[] {shape.heads() * capacity * perHead, capacity * perHead, perHead, 1},
                0);
    }

    private Step attention(INDArray packed, INDArray p, float scale) {
        return new Fused(
                KernelClock.ATTENTION,
                List.of(like(packed, packed.size(1) / 3)),
                outputs -> List.of(
                        context.product(query(packed), keyTransposed(packed), square(p), scale),
                        context.addition(square(p), maskView(), square(p)),
                        softmaxInPlace(square(p).description(), p),
                        context.product(square(p), value(packed), joined(outputs.get(0)), 1)));
    }

    private Step attentionGradient(String key, List<INDArray> inputs) {
        INDArray packed = inputs.get(0);
        INDArray upstream = inputs.get(1);
        Kept forward = kept.remove(key);
        INDArray p = forward.probabilities();
        float scale = forward.scale();
        done.add(p);
        INDArray dp = scratch(squareLength());
        return new Fused("attention_gradient", List.of(like(packed)), outputs -> {
            INDArray gradient = outputs.get(0);
            View joined = joined(upstream);
            return List.of(
                    context.product(context.transposed(square(p)), joined, value(gradient), 1),
                    context.product(joined, valueTransposed(packed), square(dp), 1),
                    context.call(
                            new softmax_backward(context.keep(new softmax_backward.primitive_desc(
                                    engine,
                                    dnnl.dnnl_softmax_accurate,
                                    square(dp).description(),
                                    square(dp).description(),
                                    square(p).description(),
                                    3,
                                    softmax(square(p).description())))),
                            context.argument(DNNL_ARG_DST, square(p).description(), p),
                            context.argument(DNNL_ARG_DIFF_DST, square(dp).description(), dp),
                            context.argument(DNNL_ARG_DIFF_SRC, square(dp).description(), dp)),
                    context.product(square(dp), key(packed), query(gradient), scale),
                    context.product(context.transposed(square(dp)), query(packed), key(gradient), scale));
        });
    }

    /** Runs a step and then stores what later tokens need. */
    private final class Storing implements Step {
        private final Step step;
        private final List<Call> store;

        Storing(Step step, List<Call> store) {
            this.step = step;
            this.store = store;
        }

        @Override
        public String kernel() {
            return step.kernel();
        }

        @Override
        public List<LongShapeDescriptor> outputShapes() {
            return step.outputShapes();
        }

        @Override
        public void bindOutputs(List<INDArray> outputs) {
            step.bindOutputs(outputs);
        }

        @Override
        public void run() {
            step.run();
            context.execute(store);
        }

        @Override
        public void close() {
            step.close();
        }
    }

    /** Attention of the newest token of every row over the row's tokens in a cache. */
    private final class CachedStep implements Step {
        private final CachedAttention attention;
        private final int layer;
        private final INDArray packed;
        private @Nullable INDArray output;

        CachedStep(KeyValueCache cache, int layer, INDArray packed, float scale) {
            this.layer = layer;
            this.packed = packed;
            this.attention = new CachedAttention(
                    cache,
                    shape.heads(),
                    Math.toIntExact(packed.size(1) / 3),
                    scale,
                    scratch(CachedAttention.scratchLength(cache)));
        }

        @Override
        public String kernel() {
            return KernelClock.ATTENTION;
        }

        @Override
        public List<LongShapeDescriptor> outputShapes() {
            return List.of(like(packed, packed.size(1) / 3));
        }

        @Override
        public void bindOutputs(List<INDArray> outputs) {
            output = outputs.get(0);
        }

        @Override
        public void run() {
            attention.run(packed, layer, requireNonNull(output, "output"));
        }

        @Override
        public void close() {
            // the kernel set closes what its steps use
        }
    }

    private Call softmaxInPlace(memory.desc square, INDArray scores) {
        return context.call(
                new softmax_forward(softmax(square)),
                context.argument(DNNL_ARG_SRC, square, scores),
                context.argument(DNNL_ARG_DST, square, scores));
    }

    private softmax_forward.primitive_desc softmax(memory.desc square) {
        return context.keep(new softmax_forward.primitive_desc(
                engine, dnnl.dnnl_forward_training, dnnl.dnnl_softmax_accurate, square, square, 3));
    }

    /** Of a forward node of attention. */
    private record Kept(INDArray probabilities, float scale) {}

    /** Kept for the gradient. */
    private INDArray probabilities(String key, float scale) {
        INDArray probabilities = buffers.take(DataType.FLOAT, squareLength());
        kept.put(key, new Kept(probabilities, scale));
        return probabilities;
    }

    /** For the step that is made now. */
    private INDArray scratch(long length) {
        INDArray scratch = buffers.take(DataType.FLOAT, length);
        done.add(scratch);
        return scratch;
    }

    private long squareLength() {
        return (long) shape.rows() * shape.heads() * shape.length() * shape.length();
    }

    private INDArray mask() {
        if (shape.mask().isPresent()) {
            return shape.mask().get();
        }
        if (mask == null) {
            mask = Nd4j.createFromArray(CausalMask.of(shape.length()));
            context.own(mask);
        }
        return mask;
    }

    private View maskView() {
        long n = shape.length();
        return context.view(
                mask(),
                new long[] {shape.mask().isPresent() ? shape.rows() : 1, 1, n, n},
                new long[] {n * n, n * n, n, 1},
                0);
    }

    /** Part 0, 1 or 2 of the packed tensor (query, key, value), as [rows, heads, length, head width]. */
    private View part(INDArray packed, int part) {
        long width = packed.size(1) / 3;
        return heads(packed, width, packed.size(1), part * width);
    }

    private View heads(INDArray array, long width, long stride, long offset) {
        long perHead = width / shape.heads();
        long[] dims = {shape.rows(), shape.heads(), shape.length(), perHead};
        long[] strides = {shape.length() * stride, perHead, stride, 1};
        return context.view(array, dims, strides, offset);
    }

    private View query(INDArray packed) {
        return part(packed, 0);
    }

    private View key(INDArray packed) {
        return part(packed, 1);
    }

    private View value(INDArray packed) {
        return part(packed, 2);
    }

    private View keyTransposed(INDArray packed) {
        return context.transposed(key(packed));
    }

    private View valueTransposed(INDArray packed) {
        return context.transposed(value(packed));
    }

    private View joined(INDArray array) {
        return heads(array, array.size(1), array.size(1), 0);
    }

    private View square(INDArray array) {
        long n = shape.length();
        return context.view(
                array,
                new long[] {shape.rows(), shape.heads(), n, n},
                new long[] {shape.heads() * n * n, n * n, n, 1},
                0);
    }

    // Plumbing

    private static LongShapeDescriptor like(INDArray array) {
        return LongShapeDescriptor.fromShape(array.shape(), DataType.FLOAT);
    }

    private static LongShapeDescriptor like(INDArray array, long columns) {
        return LongShapeDescriptor.fromShape(new long[] {array.size(0), columns}, DataType.FLOAT);
    }

    private interface Calls {
        List<Call> to(List<INDArray> outputs);
    }

    /** Some primitives, one after the other. */
    private final class Fused implements Step {
        private final String kernel;
        private final List<LongShapeDescriptor> shapes;
        private final Calls calls;
        private List<Call> bound = List.of();

        Fused(String kernel, List<LongShapeDescriptor> shapes, Calls calls) {
            this.kernel = kernel;
            this.shapes = shapes;
            this.calls = calls;
        }

        @Override
        public String kernel() {
            return kernel;
        }

        @Override
        public List<LongShapeDescriptor> outputShapes() {
            return shapes;
        }

        @Override
        public void bindOutputs(List<INDArray> outputs) {
            bound = calls.to(outputs);
        }

        @Override
        public void run() {
            context.execute(bound);
        }

        @Override
        public void close() {
            // the kernel set closes what its steps use
        }
    }
}
