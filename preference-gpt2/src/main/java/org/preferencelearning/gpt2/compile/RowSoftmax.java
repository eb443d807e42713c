package org.preferencelearning.gpt2.compile;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.softmax_forward;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Softmax of every row of one matrix into another, which may be the same; prepared once for the two. oneDNN's in FLOAT where
 * it is there, otherwise ND4J's. The matrices are the caller's and must outlive this.
 */
public final class RowSoftmax implements AutoCloseable {
    private final List<Pointer> handles = new ArrayList<>();
    private final Runnable work;

    /** From {@code from} to {@code to}, both {@code [rows, columns]}, row-major and without gaps. */
    public RowSoftmax(INDArray from, INDArray to) {
        work = from.dataType() == DataType.FLOAT && DnnlKernels.available() ? dnnl(from, to) : nd4j(from, to);
    }

    /** Computes {@code to} from what {@code from} holds now. */
    public void run() {
        work.run();
    }

    private static Runnable nd4j(INDArray from, INDArray to) {
        return () -> Nd4j.exec(DynamicCustomOp.builder("softmax")
                .addInputs(from)
                .addOutputs(to)
                .addIntegerArguments(1)
                .build());
    }

    private Runnable dnnl(INDArray from, INDArray to) {
        engine engine = keep(new engine(org.bytedeco.dnnl.engine.kind.cpu, 0));
        stream stream = keep(new stream(engine));
        memory.desc rows = keep(new memory.desc(from.shape(), memory.data_type.f32, new long[] {from.size(1), 1}));
        softmax_forward softmax = keep(new softmax_forward(keep(new softmax_forward.primitive_desc(
                keep(new softmax_forward.desc(dnnl.dnnl_forward_inference, rows, 1)), engine))));
        IntMemoryMap arguments = keep(new IntMemoryMap());
        arguments.put(dnnl.DNNL_ARG_SRC, memory(rows, engine, from));
        arguments.put(dnnl.DNNL_ARG_DST, memory(rows, engine, to));
        return () -> {
            softmax.execute(stream, arguments);
            stream._wait();
        };
    }

    private memory memory(memory.desc description, engine engine, INDArray array) {
        return keep(new memory(description, engine, new Start(array)));
    }

    private <P extends Pointer> P keep(P pointer) {
        handles.add(pointer);
        return pointer;
    }

    @Override
    public void close() {
        handles.forEach(Pointer::close);
        handles.clear();
    }

    /** Where an array begins; not owned. */
    private static final class Start extends Pointer {
        Start(INDArray array) {
            super((Pointer) null);
            this.address = array.data().pointer().address() + array.offset() * Float.BYTES;
        }
    }
}
