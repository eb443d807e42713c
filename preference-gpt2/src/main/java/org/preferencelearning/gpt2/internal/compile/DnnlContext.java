package org.preferencelearning.gpt2.internal.compile;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.inner_product_forward;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.softmax_forward;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner.ExecutionerType;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.internal.runtime.NativeRuntime;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Primitives of oneDNN on float32 arrays of ND4J, prepared once and then called. Owns what it makes; the arrays it is given
 * must outlive it.
 */
final class DnnlContext implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DnnlContext.class);

    /** Rows of the first factor up to which a product is bound by reading the other. */
    private static final int FEW_ROWS = 64;
    /**
     * Columns of a result up to which a product with a transposed left factor is faster {@link #SHALLOW} rows at a time, and
     * those of an input up to which a linear map is faster as a primitive.
     */
    private static final int NARROW = 256;

    private static final long SHALLOW = 128;

    private final engine engine = new engine(org.bytedeco.dnnl.engine.kind.cpu, 0);
    private final stream stream = new stream(engine);
    private final List<INDArray> arrays = new ArrayList<>();
    private final List<Pointer> handles = new ArrayList<>();
    /** Where factors are converted to; steps follow each other, so those of one length share them. */
    private final Map<Long, INDArray> left = new HashMap<>();

    private final Map<Long, INDArray> right = new HashMap<>();

    /** Whether the native library is there and ND4J's backend keeps its arrays where oneDNN can read them. */
    static boolean available() {
        NativeRuntime.prepare();
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

    engine engine() {
        return engine;
    }

    /** Bytes of the arrays made here. */
    long bytes() {
        return arrays.stream().mapToLong(array -> array.length() * Float.BYTES).sum();
    }

    /** A flat array, closed with this. */
    INDArray own(long length) {
        return own(Nd4j.create(DataType.FLOAT, length));
    }

    INDArray own(INDArray array) {
        arrays.add(array);
        return array;
    }

    /** Closes a handle with this. */
    <P extends Pointer> P keep(P pointer) {
        handles.add(pointer);
        return pointer;
    }

    /** Rows without gaps. */
    memory.desc dense(long... dims) {
        return description(dims, denseStrides(dims));
    }

    private static long[] denseStrides(long... dims) {
        long[] strides = new long[dims.length];
        long stride = 1;
        for (int axis = dims.length - 1; axis >= 0; axis--) {
            strides[axis] = stride;
            stride *= dims[axis];
        }
        return strides;
    }

    memory.desc vector(INDArray array) {
        return dense(array.length());
    }

    memory.desc description(long[] dims, long[] strides) {
        return keep(new memory.desc(dims, memory.data_type.f32, strides));
    }

    private memory memory(memory.desc description, INDArray array, long offset) {
        return keep(new memory(description, engine, floats(array, offset)));
    }

    private static Floats floats(View view) {
        return floats(view.array, view.offset);
    }

    private static Floats floats(INDArray array, long offset) {
        return new Floats(Floats.address(array) + offset * Float.BYTES);
    }

    Argument argument(int name, memory.desc description, INDArray array) {
        return new Argument(name, memory(description, array, 0));
    }

    private Argument argument(int name, View view) {
        return new Argument(name, memory(view.description, view.array, view.offset));
    }

    Call call(primitive primitive, Argument... arguments) {
        IntMemoryMap map = keep(new IntMemoryMap());
        for (Argument argument : arguments) {
            map.put(argument.name, argument.memory);
        }
        keep(primitive);
        return queue -> primitive.execute(queue, map);
    }

    void execute(List<Call> calls) {
        for (Call call : calls) {
            call.on(stream);
        }
        stream._wait();
    }

    /** A matrix as it lies in memory. */
    View matrix(INDArray array) {
        return view(array, array.shape(), denseStrides(array.shape()), 0);
    }

    /** A vector as a matrix of one row. */
    View row(INDArray array) {
        long[] dims = {1, array.length()};
        return view(array, dims, denseStrides(dims), 0);
    }

    /** A strided window on an array. */
    View view(INDArray array, long[] dims, long[] strides, long offset) {
        return new View(array, dims, strides, offset, description(dims, strides));
    }

    /** With the last two axes exchanged. */
    View transposed(View view) {
        return view(view.array, exchanged(view.dims), exchanged(view.strides), view.offset);
    }

    private static long[] exchanged(long... axes) {
        long[] result = axes.clone();
        result[axes.length - 1] = axes[axes.length - 2];
        result[axes.length - 2] = axes[axes.length - 1];
        return result;
    }

    /** {@code out = scale a b}. */
    Call product(View a, View b, View out, float scale) {
        post_ops after = keep(new post_ops());
        if (scale != 1) {
            after.append_eltwise(dnnl.dnnl_eltwise_linear, scale, 0);
        }
        return call(
                new matmul(keep(new matmul.primitive_desc(
                        engine, a.description, b.description, out.description, attributes(after), false))),
                argument(DNNL_ARG_SRC, a),
                argument(DNNL_ARG_WEIGHTS, b),
                argument(DNNL_ARG_DST, out));
    }

    /**
     * {@code out = a b}, or {@code out += a b}; the sums are float32 in either precision.
     *
     * <p>In float32 by oneDNN's BLAS routine, which multiplies many rows at up to twice the speed of its matmul primitive and
     * of OpenBLAS; few rows by a transposed factor, an output head's, are the primitive's. Few rows are not worth rounding
     * the other factor for.
     */
    List<Call> product(View a, View b, View out, boolean added, MatrixPrecision precision) {
        boolean few = a.dims[0] <= FEW_ROWS;
        MatrixPrecision used = few ? MatrixPrecision.FLOAT32 : precision;
        return used == MatrixPrecision.FLOAT32 && !(few && Side.of(b).transposed == 'T')
                ? List.of(routine(a, b, out, added))
                : primitive(a, b, Optional.empty(), out, added, used, Optional.empty());
    }

    private Call routine(View a, View b, View out, boolean added) {
        Side left = Side.of(a);
        Side right = Side.of(b);
        FloatPointer to = floats(out);
        long depth = a.dims[1];
        long block = left.transposed == 'T' && out.dims[1] <= NARROW ? Math.min(depth, SHALLOW) : depth;
        return queue -> {
            for (long start = 0; start < depth; start += block) {
                multiply(
                        left.from(start, true),
                        right.from(start, false),
                        out,
                        to,
                        Math.min(block, depth - start),
                        added || start > 0);
            }
        };
    }

    private static void multiply(Side left, Side right, View out, FloatPointer to, long depth, boolean added) {
        int status = dnnl.dnnl_sgemm(
                left.transposed,
                right.transposed,
                out.dims[0],
                out.dims[1],
                depth,
                1,
                left.start,
                left.stride,
                right.start,
                right.stride,
                added ? 1 : 0,
                to,
                out.strides[0]);
        if (status != dnnl.dnnl_success) {
            throw new IllegalStateException("oneDNN's product failed with status " + status);
        }
    }

    /** A factor as BLAS describes it. */
    private record Side(byte transposed, FloatPointer start, long stride) {
        static Side of(View view) {
            boolean plain = view.strides[1] == 1 && (view.dims[0] == 1 || view.strides[0] >= view.dims[1]);
            int contiguous = plain ? 1 : 0;
            // BLAS asks for a stride even where there is a single row
            return new Side(
                    (byte) (plain ? 'N' : 'T'),
                    floats(view),
                    Math.max(view.strides[1 - contiguous], view.dims[contiguous]));
        }

        /** Without what is multiplied before the given place of the shared axis. */
        Side from(long place, boolean isLeft) {
            boolean contiguous = isLeft == (transposed == 'N');
            long skipped = place * (contiguous ? 1 : stride);
            return new Side(transposed, new Floats(start.address() + skipped * Float.BYTES), stride);
        }
    }

    /**
     * {@code out = x w + bias}. In float32 by oneDNN's BLAS routine, which with the addition that follows it takes less time
     * than the primitives that add by themselves, by a seventh for some shapes; short sums are the primitive's.
     *
     * @param bias a matrix of one row
     */
    List<Call> linear(View x, View w, View bias, View out, MatrixPrecision precision) {
        if (precision == MatrixPrecision.BFLOAT16 || x.dims[1] <= NARROW) {
            return primitive(x, w, Optional.of(bias), out, false, precision, Optional.empty());
        }
        return List.of(routine(x, w, out, false), addition(out, bias, out));
    }

    /** {@code out = a + b}, where {@code b} has size 1 on the axes along which it is repeated. */
    Call addition(View a, View b, View out) {
        return call(
                new binary(keep(new binary.primitive_desc(
                        engine, dnnl.dnnl_binary_add, a.description, b.description, out.description))),
                argument(DNNL_ARG_SRC, a),
                argument(DNNL_ARG_SRC_1, b),
                argument(DNNL_ARG_DST, out));
    }

    /**
     * {@code out = a b} with few rows, or {@code out = a b + bias}, from a copy of {@code b} that lies as the product reads
     * it fastest.
     *
     * @param bias a matrix of one row
     */
    List<Call> packedProduct(
            View a, View b, Optional<View> bias, View out, MatrixPrecision precision, Packing packing) {
        return precision == MatrixPrecision.FLOAT32 && bias.isPresent()
                ? packedInnerProduct(a, transposed(b), bias.get(), out, packing)
                : primitive(a, b, bias, out, false, precision, Optional.of(packing));
    }

    /** {@code out = a b' + bias}; few rows take a twentieth less time than by the matmul primitive. */
    private List<Call> packedInnerProduct(View a, View b, View bias, View out, Packing packing) {
        memory.desc vector = description(new long[] {bias.dims[1]}, new long[] {1});
        inner_product_forward.primitive_desc product = keep(new inner_product_forward.primitive_desc(
                engine,
                dnnl.dnnl_forward_inference,
                a.description,
                keep(new memory.desc(b.dims, memory.data_type.f32, memory.format_tag.any)),
                vector,
                out.description));
        return List.of(call(
                new inner_product_forward(product),
                argument(DNNL_ARG_SRC, a),
                factor(DNNL_ARG_WEIGHTS, b, keep(product.weights_desc()), packing),
                argument(DNNL_ARG_BIAS, vector, bias.array),
                argument(DNNL_ARG_DST, out)));
    }

    /** @param packing where a copy of {@code b} is kept from one call to the next, if it is */
    private List<Call> primitive(
            View a,
            View b,
            Optional<View> bias,
            View out,
            boolean added,
            MatrixPrecision precision,
            Optional<Packing> packing) {
        post_ops after = keep(new post_ops());
        if (added) {
            after.append_sum();
        }
        primitive_attr attributes = attributes(after);
        memory.data_type type = precision == MatrixPrecision.BFLOAT16 ? memory.data_type.bf16 : memory.data_type.f32;
        memory.desc from = keep(new memory.desc(a.dims, type, a.strides));
        // converting into a layout of the primitive's own takes longer than is gained where it is done for each product
        memory.desc by = keep(
                packing.isPresent()
                        ? new memory.desc(b.dims, type, memory.format_tag.any)
                        : new memory.desc(b.dims, type, b.strides));
        matmul.primitive_desc product = keep(
                bias.isPresent()
                        ? new matmul.primitive_desc(
                                engine, from, by, bias.get().description, out.description, attributes, false)
                        : new matmul.primitive_desc(engine, from, by, out.description, attributes, false));
        List<Call> calls = new ArrayList<>();
        List<Argument> arguments = new ArrayList<>();
        arguments.add(factor(DNNL_ARG_SRC, a, keep(product.src_desc()), new Packing(scratch(left), calls)));
        arguments.add(factor(
                DNNL_ARG_WEIGHTS,
                b,
                keep(product.weights_desc()),
                packing.orElseGet(() -> new Packing(scratch(right), calls))));
        bias.ifPresent(view -> arguments.add(argument(DNNL_ARG_BIAS, view)));
        arguments.add(argument(DNNL_ARG_DST, out));
        calls.add(call(new matmul(product), arguments.toArray(Argument[]::new)));
        return calls;
    }

    /** What is done with a product before it is written. */
    private primitive_attr attributes(post_ops after) {
        primitive_attr attributes = keep(new primitive_attr());
        attributes.set_post_ops(after);
        return attributes;
    }

    /** Sums of the columns of a matrix, as a product, which takes a small part of the time of ND4J's sum over the first axis. */
    List<Call> columnSums(View ones, View matrix, View out, boolean added) {
        return List.of(routine(ones, matrix, out, added));
    }

    /**
     * Softmax of each of the {@code rows}, which have no gaps; {@code from} and {@code to} may be the same.
     *
     * @param logarithms whether to give those of its values
     */
    Call rowSoftmax(INDArray from, INDArray to, long rows, long columns, boolean logarithms) {
        int function = logarithms ? dnnl.dnnl_softmax_log : dnnl.dnnl_softmax_accurate;
        memory.desc matrix = dense(rows, columns);
        return call(
                new softmax_forward(keep(new softmax_forward.primitive_desc(
                        engine, dnnl.dnnl_forward_inference, function, matrix, matrix, 1))),
                argument(DNNL_ARG_SRC, matrix, from),
                argument(DNNL_ARG_DST, matrix, to));
    }

    /** Copies one window to another of the same dimensions. */
    Call copy(View from, View to) {
        return reordered(
                argument(dnnl.DNNL_ARG_FROM, from), from.description, argument(dnnl.DNNL_ARG_TO, to), to.description);
    }

    private Call reordered(Argument from, memory.desc as, Argument to, memory.desc becomes) {
        return call(new reorder(keep(new reorder.primitive_desc(engine, as, engine, becomes))), from, to);
    }

    /** A factor as the primitive reads it: itself, or a copy. */
    private Argument factor(int name, View view, memory.desc layout, Packing packing) {
        if (layout.equals(view.description)) {
            return argument(name, view);
        }
        long values = (layout.get_size() + Float.BYTES - 1) / Float.BYTES;
        Argument copy = new Argument(name, memory(layout, packing.room.apply(values), 0));
        packing.calls.add(reordered(
                argument(dnnl.DNNL_ARG_FROM, view),
                view.description,
                new Argument(dnnl.DNNL_ARG_TO, copy.memory),
                layout));
        return copy;
    }

    private LongFunction<INDArray> scratch(Map<Long, INDArray> arrays) {
        return length -> arrays.computeIfAbsent(length, this::own);
    }

    @Override
    public void close() {
        handles.forEach(Pointer::close);
        handles.clear();
        arrays.forEach(INDArray::close);
        arrays.clear();
        stream.close();
        engine.close();
    }

    /**
     * Copies of factors.
     *
     * @param room gives an array of so many values
     * @param calls where that is added which copies
     */
    record Packing(LongFunction<INDArray> room, List<Call> calls) {}

    /** A strided window on an array. */
    record View(INDArray array, long[] dims, long[] strides, long offset, memory.desc description) {}

    /** What a primitive reads or writes. */
    record Argument(int name, memory memory) {}

    /** A primitive with its arguments, or a routine. */
    @FunctionalInterface
    interface Call {
        void on(stream queue);
    }
}
