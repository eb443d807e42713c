package org.preferencelearning.gpt2.compile;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.softmax_forward;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner.ExecutionerType;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Primitives of oneDNN on float32 arrays of ND4J, prepared once and then called. Owns what it makes; the arrays it is given
 * must outlive it.
 */
final class DnnlContext implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DnnlContext.class);

    private final engine engine = new engine(org.bytedeco.dnnl.engine.kind.cpu, 0);
    private final stream stream = new stream(engine);
    private final List<INDArray> arrays = new ArrayList<>();
    private final List<Pointer> handles = new ArrayList<>();
    /** Where factors are converted to; steps follow each other, so those of one length share them. */
    private final Map<Long, INDArray> left = new HashMap<>();

    private final Map<Long, INDArray> right = new HashMap<>();

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

    private memory.desc halfDescription(View view) {
        return keep(new memory.desc(view.dims(), memory.data_type.bf16, view.strides()));
    }

    private memory memory(memory.desc description, INDArray array, long offset) {
        Pointer start = array.data().pointer();
        long first = (array.offset() + offset) * Float.BYTES;
        return keep(new memory(description, engine, new Address(start.address() + first)));
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
        return new Call(keep(primitive), map);
    }

    void execute(List<Call> calls) {
        for (Call call : calls) {
            call.primitive.execute(stream, call.arguments);
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
        primitive_attr attributes = keep(new primitive_attr());
        if (scale != 1) {
            attributes.set_output_scales(0, new float[] {scale});
        }
        matmul.desc description = keep(new matmul.desc(a.description, b.description, out.description));
        return multiplication(
                description,
                attributes,
                argument(DNNL_ARG_SRC, a),
                argument(DNNL_ARG_WEIGHTS, b),
                argument(DNNL_ARG_DST, out));
    }

    private Call multiplication(matmul.desc description, primitive_attr attributes, Argument... arguments) {
        return call(new matmul(keep(new matmul.primitive_desc(description, attributes, engine))), arguments);
    }

    /**
     * {@code out = a b + bias}, or {@code out += a b + bias}; the sums are float32 in either precision.
     *
     * @param bias a matrix of one row
     */
    List<Call> product(View a, View b, Optional<View> bias, View out, boolean added, MatrixPrecision precision) {
        primitive_attr attributes = keep(new primitive_attr());
        if (added) {
            post_ops sum = keep(new post_ops());
            sum.append_sum();
            attributes.set_post_ops(sum);
        }
        List<Call> calls = new ArrayList<>();
        memory.desc from = a.description;
        memory.desc by = b.description;
        List<Argument> arguments = new ArrayList<>();
        if (precision == MatrixPrecision.BFLOAT16) {
            from = halfDescription(a);
            by = halfDescription(b);
            arguments.add(new Argument(DNNL_ARG_SRC, converted(a, from, left, calls)));
            arguments.add(new Argument(DNNL_ARG_WEIGHTS, converted(b, by, right, calls)));
        } else {
            arguments.add(argument(DNNL_ARG_SRC, a));
            arguments.add(argument(DNNL_ARG_WEIGHTS, b));
        }
        matmul.desc description = keep(
                bias.isPresent()
                        ? new matmul.desc(from, by, bias.get().description, out.description)
                        : new matmul.desc(from, by, out.description));
        bias.ifPresent(view -> arguments.add(argument(DNNL_ARG_BIAS, view)));
        arguments.add(argument(DNNL_ARG_DST, out));
        calls.add(multiplication(description, attributes, arguments.toArray(Argument[]::new)));
        return calls;
    }

    /** Softmax of each of the {@code rows}, which have no gaps; {@code from} and {@code to} may be the same. */
    Call rowSoftmax(INDArray from, INDArray to, long rows, long columns) {
        memory.desc matrix = dense(rows, columns);
        return call(
                new softmax_forward(keep(new softmax_forward.primitive_desc(
                        keep(new softmax_forward.desc(dnnl.dnnl_forward_inference, matrix, 1)), engine))),
                argument(DNNL_ARG_SRC, matrix, from),
                argument(DNNL_ARG_DST, matrix, to));
    }

    /** Where a factor is in half precision, once the call added here has been made. */
    private memory converted(View view, memory.desc half, Map<Long, INDArray> scratch, List<Call> calls) {
        long length = view.array.length();
        INDArray place = scratch.computeIfAbsent(length, values -> own((values + 1) / 2));
        memory to = memory(half, place, 0);
        calls.add(call(
                new reorder(keep(new reorder.primitive_desc(engine, view.description, engine, half))),
                argument(dnnl.DNNL_ARG_FROM, view),
                new Argument(dnnl.DNNL_ARG_TO, to)));
        return to;
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

    /** A strided window on an array. */
    record View(INDArray array, long[] dims, long[] strides, long offset, memory.desc description) {}

    /** What a primitive reads or writes. */
    record Argument(int name, memory memory) {}

    /** A primitive and its arguments. */
    record Call(primitive primitive, IntMemoryMap arguments) {}

    /** A bare address, not owned. */
    static final class Address extends Pointer {
        Address(long address) {
            super((Pointer) null);
            this.address = address;
        }
    }
}
