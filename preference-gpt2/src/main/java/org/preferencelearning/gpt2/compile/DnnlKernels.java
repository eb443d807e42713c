package org.preferencelearning.gpt2.compile;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MEAN;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.eltwise_backward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.layer_normalization_backward;
import org.bytedeco.dnnl.layer_normalization_forward;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.softmax_backward;
import org.bytedeco.dnnl.softmax_forward;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner.ExecutionerType;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kernels of oneDNN for the CPU, in float32. Attention works on strided views of the packed queries, keys and values, so
 * nothing is split, transposed or joined; its probabilities are kept for the gradient.
 */
final class DnnlKernels implements KernelSet {
    private static final Logger LOG = LoggerFactory.getLogger(DnnlKernels.class);
    /** Most rows of a linear map that oneDNN computes. */
    private static final int FEW_ROWS = 64;
    /** Cached attention looks at a multiple of this many tokens, so that few primitives are made. */
    private static final int CACHE_STEP = 32;

    // dnnl_normalization_flags_t: dnnl_use_scale and dnnl_use_shift
    private static final int SCALE_AND_SHIFT = 0x8 | 0x10;

    private final TransformerShape shape;
    private final engine engine = new engine(org.bytedeco.dnnl.engine.kind.cpu, 0);
    private final stream stream = new stream(engine);
    private final List<INDArray> owned = new ArrayList<>();
    private final List<Pointer> handles = new ArrayList<>();
    private final Map<String, LayerNorm> layerNorms = new HashMap<>();
    private final Map<String, INDArray> probabilities = new HashMap<>();
    private int attentions;
    private INDArray mask;
    private INDArray sharedProbabilities;
    private INDArray sharedScores;
    private INDArray probabilityGradients;

    /** Kernels for one graph of the given shape. */
    DnnlKernels(TransformerShape shape) {
        this.shape = shape;
    }

    /** Whether the native library is there and ND4J's backend keeps its arrays where oneDNN can read them. */
    static boolean available() {
        return Availability.YES;
    }

    /** Loads the native library once. */
    private static final class Availability {
        static final boolean YES = check();

        private static boolean check() {
            if (Nd4j.getExecutioner().type() != ExecutionerType.NATIVE_CPU) {
                return false;
            }
            try (engine any = new engine(org.bytedeco.dnnl.engine.kind.cpu, 0)) {
                return !any.isNull();
            } catch (LinkageError e) {
                LOG.info("oneDNN is not available ({}); transformers run on ND4J's operations", e.getMessage());
                return false;
            }
        }
    }

    @Override
    public Optional<Step> step(String operation, List<String> inputNames, List<INDArray> inputs) {
        String key = inputNames.isEmpty() ? "" : inputNames.get(0);
        return switch (operation) {
            case FusedOperations.LAYER_NORM -> Optional.of(layerNorm(key, inputs));
            case FusedOperations.LAYER_NORM_GRADIENT -> Optional.of(layerNormGradient(key, inputs));
            case FusedOperations.GELU -> Optional.of(gelu(inputs.get(0)));
            case FusedOperations.GELU_GRADIENT -> Optional.of(geluGradient(inputs));
            case FusedOperations.ATTENTION -> Optional.of(attentionOrCached(key, inputs.get(0)));
            case FusedOperations.ATTENTION_GRADIENT -> Optional.of(attentionGradient(key, inputs));
            default -> Optional.empty();
        };
    }

    @Override
    public long bytes() {
        return owned.stream().mapToLong(array -> array.length() * Float.BYTES).sum();
    }

    @Override
    public void close() {
        handles.forEach(Pointer::close);
        handles.clear();
        owned.forEach(INDArray::close);
        owned.clear();
        stream.close();
        engine.close();
    }

    // Linear maps

    /** With few rows the product is bound by reading the weight, which oneDNN does in one pass; OpenBLAS copies it first. */
    @Override
    public boolean fusesLinear(INDArray x) {
        return x.rank() == 2 && x.size(0) <= FEW_ROWS;
    }

    @Override
    public Step linear(INDArray x, INDArray weight, INDArray bias) {
        memory.desc from = dense(x.shape());
        memory.desc by = dense(weight.shape());
        memory.desc plus = dense(new long[] {1, bias.length()});
        return new Fused(List.of(like(x, weight.size(1))), outputs -> {
            memory.desc to = dense(outputs.get(0).shape());
            return List.of(call(
                    new matmul(keep(new matmul.primitive_desc(
                            keep(new matmul.desc(from, by, plus, to)), keep(new primitive_attr()), engine))),
                    arg(DNNL_ARG_SRC, from, x),
                    arg(DNNL_ARG_WEIGHTS, by, weight),
                    arg(DNNL_ARG_BIAS, plus, bias),
                    arg(DNNL_ARG_DST, to, outputs.get(0))));
        });
    }

    // LayerNorm

    /** What a forward node leaves for its gradient: mean and variance of each row. */
    private record LayerNorm(layer_normalization_forward.primitive_desc forward, INDArray mean, INDArray variance) {}

    private Step layerNorm(String key, List<INDArray> inputs) {
        INDArray x = inputs.get(0);
        memory.desc rows = dense(x.shape());
        LayerNorm kept = new LayerNorm(
                keep(new layer_normalization_forward.primitive_desc(
                        keep(new layer_normalization_forward.desc(
                                dnnl.dnnl_forward_training, rows, (float) shape.epsilon(), SCALE_AND_SHIFT)),
                        engine)),
                own(x.size(0)),
                own(x.size(0)));
        // Two nodes may normalise the same x; their statistics are equal, so either may be kept.
        layerNorms.put(key, kept);
        return new Fused(
                List.of(like(x)),
                outputs -> List.of(call(
                        new layer_normalization_forward(kept.forward()),
                        arg(DNNL_ARG_SRC, rows, x),
                        arg(DNNL_ARG_SCALE, vector(inputs.get(1)), inputs.get(1)),
                        arg(DNNL_ARG_SHIFT, vector(inputs.get(2)), inputs.get(2)),
                        arg(DNNL_ARG_MEAN, vector(kept.mean()), kept.mean()),
                        arg(DNNL_ARG_VARIANCE, vector(kept.variance()), kept.variance()),
                        arg(DNNL_ARG_DST, rows, outputs.get(0)))));
    }

    private Step layerNormGradient(String key, List<INDArray> inputs) {
        INDArray x = inputs.get(0);
        INDArray scale = inputs.get(1);
        INDArray shift = inputs.get(2);
        LayerNorm kept = layerNorms.get(key);
        memory.desc rows = dense(x.shape());
        var description = keep(new layer_normalization_backward.primitive_desc(
                keep(new layer_normalization_backward.desc(
                        dnnl.dnnl_backward, rows, rows, (float) shape.epsilon(), SCALE_AND_SHIFT)),
                engine,
                kept.forward()));
        return new Fused(
                List.of(like(x), like(scale), like(shift)),
                outputs -> List.of(call(
                        new layer_normalization_backward(description),
                        arg(DNNL_ARG_SRC, rows, x),
                        arg(DNNL_ARG_DIFF_DST, rows, inputs.get(3)),
                        arg(DNNL_ARG_SCALE, vector(scale), scale),
                        arg(DNNL_ARG_SHIFT, vector(shift), shift),
                        arg(DNNL_ARG_MEAN, vector(kept.mean()), kept.mean()),
                        arg(DNNL_ARG_VARIANCE, vector(kept.variance()), kept.variance()),
                        arg(DNNL_ARG_DIFF_SRC, rows, outputs.get(0)),
                        arg(DNNL_ARG_DIFF_SCALE, vector(scale), outputs.get(1)),
                        arg(DNNL_ARG_DIFF_SHIFT, vector(shift), outputs.get(2)))));
    }

    // GELU

    private Step gelu(INDArray x) {
        memory.desc all = dense(x.shape());
        return new Fused(
                List.of(like(x)),
                outputs -> List.of(call(
                        new eltwise_forward(geluForward(all)),
                        arg(DNNL_ARG_SRC, all, x),
                        arg(DNNL_ARG_DST, all, outputs.get(0)))));
    }

    private eltwise_forward.primitive_desc geluForward(memory.desc all) {
        return keep(new eltwise_forward.primitive_desc(
                keep(new eltwise_forward.desc(dnnl.dnnl_forward_training, dnnl.dnnl_eltwise_gelu_tanh, all, 0, 0)),
                engine));
    }

    private Step geluGradient(List<INDArray> inputs) {
        INDArray x = inputs.get(0);
        memory.desc all = dense(x.shape());
        var description = keep(new eltwise_backward.primitive_desc(
                keep(new eltwise_backward.desc(dnnl.dnnl_eltwise_gelu_tanh, all, all, 0, 0)),
                engine,
                geluForward(all)));
        return new Fused(
                List.of(like(x)),
                outputs -> List.of(call(
                        new eltwise_backward(description),
                        arg(DNNL_ARG_SRC, all, x),
                        arg(DNNL_ARG_DIFF_DST, all, inputs.get(1)),
                        arg(DNNL_ARG_DIFF_SRC, all, outputs.get(0)))));
    }

    // Attention

    private Step attentionOrCached(String key, INDArray packed) {
        int layer = attentions++;
        boolean differentiated = layer >= shape.firstGradientLayer();
        if (shape.cache().isEmpty()) {
            return attention(packed, differentiated ? probabilities(key) : sharedProbabilities(squareLength()));
        }
        KeyValueCache cache = shape.cache().get();
        return shape.continuesCache()
                ? new CachedAttention(cache, layer, packed)
                : new Storing(
                        attention(packed, sharedProbabilities(squareLength())),
                        () -> cache.storePrompts(layer, packed));
    }

    private Step attention(INDArray packed, INDArray p) {
        float scale = (float) (1 / Math.sqrt(headWidth(packed)));
        return new Fused(
                List.of(like(packed, packed.size(1) / 3)),
                outputs -> List.of(
                        multiply(query(packed), keyTransposed(packed), square(p), scale),
                        addMask(square(p).desc, p, maskDescription(), mask()),
                        softmaxInPlace(square(p).desc, p),
                        multiply(square(p), value(packed), joined(outputs.get(0)), 1)));
    }

    private Step attentionGradient(String key, List<INDArray> inputs) {
        INDArray packed = inputs.get(0);
        INDArray upstream = inputs.get(1);
        INDArray p = probabilities.get(key);
        INDArray dp = probabilityGradients();
        float scale = (float) (1 / Math.sqrt(headWidth(packed)));
        return new Fused(List.of(like(packed)), outputs -> {
            INDArray gradient = outputs.get(0);
            View joined = joined(upstream);
            return List.of(
                    multiply(transposed(square(p)), joined, value(gradient), 1),
                    multiply(joined, valueTransposed(packed), square(dp), 1),
                    call(
                            new softmax_backward(keep(new softmax_backward.primitive_desc(
                                    keep(new softmax_backward.desc(square(dp).desc, square(p).desc, 3)),
                                    engine,
                                    softmax(square(p).desc)))),
                            arg(DNNL_ARG_DST, square(p).desc, p),
                            arg(DNNL_ARG_DIFF_DST, square(dp).desc, dp),
                            arg(DNNL_ARG_DIFF_SRC, square(dp).desc, dp)),
                    multiply(square(dp), key(packed), query(gradient), scale),
                    multiply(transposed(square(dp)), query(packed), key(gradient), scale));
        });
    }

    /** Runs a step and then stores what later tokens need. */
    private record Storing(Step step, Runnable store) implements Step {
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
            store.run();
        }

        @Override
        public void close() {
            step.close();
        }
    }

    /** Attention of the newest token of every row over the row's tokens in a cache. */
    private final class CachedAttention implements Step {
        private final KeyValueCache cache;
        private final int layer;
        private final INDArray packed;
        private final CachedScores products;
        private final INDArray scores;
        private final INDArray weights;
        private final Map<Integer, List<Call>> softmaxBySpan = new HashMap<>();
        private INDArray output;

        CachedAttention(KeyValueCache cache, int layer, INDArray packed) {
            this.cache = cache;
            this.layer = layer;
            this.packed = packed;
            this.products = new CachedScores(cache, shape.heads(), Math.toIntExact(packed.size(1) / 3));
            long length = (long) cache.rows() * shape.heads() * cache.capacity();
            this.scores = sharedScores(length);
            this.weights = sharedProbabilities(length);
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
            store(cache.keys(layer), 1);
            store(cache.values(layer), 2);
            int needed = Math.max(1, cache.longest());
            int span = Math.min(cache.capacity(), (needed + CACHE_STEP - 1) / CACHE_STEP * CACHE_STEP);
            products.multiplyKeys(packed, cache.keys(layer), scores, span);
            execute(softmaxBySpan.computeIfAbsent(span, this::softmax));
            products.multiplyValues(weights, cache.values(layer), output, span);
        }

        private void store(INDArray target, int part) {
            long width = packed.size(1) / 3;
            long from = packed.data().pointer().address() + packed.offset() * Float.BYTES;
            long to = target.data().pointer().address();
            for (int row = 0; row < cache.rows(); row++) {
                long place = (long) row * cache.capacity() + Math.max(0, cache.length(row) - 1);
                Pointer.memcpy(
                        new Address(to + place * width * Float.BYTES),
                        new Address(from + (row * 3 + part) * width * Float.BYTES),
                        width * Float.BYTES);
            }
        }

        private List<Call> softmax(int span) {
            memory.desc rows = dense(new long[] {(long) cache.rows() * shape.heads(), span});
            return List.of(call(
                    new softmax_forward(keep(new softmax_forward.primitive_desc(
                            keep(new softmax_forward.desc(dnnl.dnnl_forward_inference, rows, 1)), engine))),
                    arg(DNNL_ARG_SRC, rows, scores),
                    arg(DNNL_ARG_DST, rows, weights)));
        }

        @Override
        public void close() {
            // the kernel set closes what its steps use
        }
    }

    /** For all layers, as one is computed after the other. */
    private INDArray sharedScores(long length) {
        if (sharedScores == null) {
            sharedScores = own(length);
        }
        return sharedScores;
    }

    /** For all layers that need no gradient. */
    private INDArray sharedProbabilities(long length) {
        if (sharedProbabilities == null) {
            sharedProbabilities = own(length);
        }
        return sharedProbabilities;
    }

    private Call addMask(memory.desc square, INDArray scores, memory.desc maskDescription, INDArray values) {
        return call(
                new binary(keep(new binary.primitive_desc(
                        keep(new binary.desc(dnnl.dnnl_binary_add, square, maskDescription, square)), engine))),
                arg(DNNL_ARG_SRC, square, scores),
                arg(DNNL_ARG_SRC_1, maskDescription, values),
                arg(DNNL_ARG_DST, square, scores));
    }

    private Call softmaxInPlace(memory.desc square, INDArray scores) {
        return call(
                new softmax_forward(softmax(square)),
                arg(DNNL_ARG_SRC, square, scores),
                arg(DNNL_ARG_DST, square, scores));
    }

    private softmax_forward.primitive_desc softmax(memory.desc square) {
        return keep(new softmax_forward.primitive_desc(
                keep(new softmax_forward.desc(dnnl.dnnl_forward_training, square, 3)), engine));
    }

    /** Kept for the gradient. */
    private INDArray probabilities(String key) {
        return probabilities.computeIfAbsent(key, name -> own(squareLength()));
    }

    private INDArray probabilityGradients() {
        if (probabilityGradients == null) {
            probabilityGradients = own(squareLength());
        }
        return probabilityGradients;
    }

    private long squareLength() {
        return (long) shape.rows() * shape.heads() * shape.length() * shape.length();
    }

    private INDArray mask() {
        if (mask == null) {
            mask = Nd4j.createFromArray(CausalMask.of(shape.length()));
            owned.add(mask);
        }
        return mask;
    }

    private memory.desc maskDescription() {
        long n = shape.length();
        return description(new long[] {1, 1, n, n}, new long[] {n * n, n * n, n, 1});
    }

    private long headWidth(INDArray packed) {
        return packed.size(1) / 3 / shape.heads();
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
        return new View(array, dims, strides, offset);
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
        return transposed(key(packed));
    }

    private View valueTransposed(INDArray packed) {
        return transposed(value(packed));
    }

    private View joined(INDArray array) {
        return heads(array, array.size(1), array.size(1), 0);
    }

    private View square(INDArray array) {
        long n = shape.length();
        return new View(
                array,
                new long[] {shape.rows(), shape.heads(), n, n},
                new long[] {shape.heads() * n * n, n * n, n, 1},
                0);
    }

    private View transposed(View view) {
        long[] d = view.dims;
        long[] s = view.strides;
        return new View(
                view.array, new long[] {d[0], d[1], d[3], d[2]}, new long[] {s[0], s[1], s[3], s[2]}, view.offset);
    }

    /** A strided window on an array. */
    private final class View {
        final INDArray array;
        final long[] dims;
        final long[] strides;
        final long offset;
        final memory.desc desc;

        View(INDArray array, long[] dims, long[] strides, long offset) {
            this.array = array;
            this.dims = dims;
            this.strides = strides;
            this.offset = offset;
            this.desc = description(dims, strides);
        }
    }

    private Call multiply(View a, View b, View out, float scale) {
        primitive_attr attributes = keep(new primitive_attr());
        if (scale != 1) {
            attributes.set_output_scales(0, new float[] {scale});
        }
        matmul.primitive_desc description =
                keep(new matmul.primitive_desc(keep(new matmul.desc(a.desc, b.desc, out.desc)), attributes, engine));
        return call(
                new matmul(description),
                new Argument(DNNL_ARG_SRC, memory(a.desc, a.array, a.offset)),
                new Argument(DNNL_ARG_WEIGHTS, memory(b.desc, b.array, b.offset)),
                new Argument(DNNL_ARG_DST, memory(out.desc, out.array, out.offset)));
    }

    // Plumbing

    private static LongShapeDescriptor like(INDArray array) {
        return LongShapeDescriptor.fromShape(array.shape(), DataType.FLOAT);
    }

    private static LongShapeDescriptor like(INDArray array, long columns) {
        return LongShapeDescriptor.fromShape(new long[] {array.size(0), columns}, DataType.FLOAT);
    }

    private memory.desc dense(long[] dims) {
        long[] strides = new long[dims.length];
        long stride = 1;
        for (int axis = dims.length - 1; axis >= 0; axis--) {
            strides[axis] = stride;
            stride *= dims[axis];
        }
        return description(dims, strides);
    }

    private memory.desc vector(INDArray array) {
        return dense(new long[] {array.length()});
    }

    private memory.desc description(long[] dims, long[] strides) {
        return keep(new memory.desc(dims, memory.data_type.f32, strides));
    }

    private INDArray own(long length) {
        INDArray array = Nd4j.create(DataType.FLOAT, length);
        owned.add(array);
        return array;
    }

    private <P extends Pointer> P keep(P pointer) {
        handles.add(pointer);
        return pointer;
    }

    private memory memory(memory.desc description, INDArray array, long offset) {
        Pointer start = array.data().pointer();
        long first = (array.offset() + offset) * Float.BYTES;
        return keep(new memory(description, engine, new Address(start.address() + first)));
    }

    private Argument arg(int name, memory.desc description, INDArray array) {
        return new Argument(name, memory(description, array, 0));
    }

    private Call call(primitive primitive, Argument... arguments) {
        IntMemoryMap map = keep(new IntMemoryMap());
        for (Argument argument : arguments) {
            map.put(argument.name, argument.memory);
        }
        return new Call(keep(primitive), map);
    }

    private void execute(List<Call> calls) {
        for (Call call : calls) {
            call.primitive.execute(stream, call.arguments);
        }
        stream._wait();
    }

    private record Argument(int name, memory memory) {}

    private record Call(primitive primitive, IntMemoryMap arguments) {}

    /** A bare address, not owned. */
    private static final class Address extends Pointer {
        Address(long address) {
            super((Pointer) null);
            this.address = address;
        }
    }

    private interface Calls {
        List<Call> to(List<INDArray> outputs);
    }

    /** Some primitives, one after the other. */
    private final class Fused implements Step {
        private final List<LongShapeDescriptor> shapes;
        private final Calls calls;
        private List<Call> bound = List.of();

        Fused(List<LongShapeDescriptor> shapes, Calls calls) {
            this.shapes = shapes;
            this.calls = calls;
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
            execute(bound);
        }

        @Override
        public void close() {
            // the kernel set closes what its steps use
        }
    }
}
