package org.preferencelearning.gpt2.compile;

import java.util.List;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.softmax_forward;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Softmax of every row of one matrix into another, which may be the same; prepared once for the two. oneDNN's in FLOAT where
 * it is there, otherwise ND4J's. The matrices are the caller's and must outlive this.
 */
public final class RowSoftmax implements AutoCloseable {
    private final Runnable work;
    private final Runnable release;

    /** From {@code from} to {@code to}, both {@code [rows, columns]}, row-major and without gaps. */
    public RowSoftmax(INDArray from, INDArray to) {
        if (from.dataType() == DataType.FLOAT && DnnlContext.available()) {
            DnnlContext context = new DnnlContext();
            List<DnnlContext.Call> calls = List.of(softmax(context, from, to));
            work = () -> context.execute(calls);
            release = context::close;
        } else {
            work = () -> Nd4j.exec(DynamicCustomOp.builder("softmax")
                    .addInputs(from)
                    .addOutputs(to)
                    .addIntegerArguments(1)
                    .build());
            release = () -> {};
        }
    }

    private static DnnlContext.Call softmax(DnnlContext context, INDArray from, INDArray to) {
        memory.desc rows = context.dense(from.shape());
        return context.call(
                new softmax_forward(context.keep(new softmax_forward.primitive_desc(
                        context.keep(new softmax_forward.desc(dnnl.dnnl_forward_inference, rows, 1)),
                        context.engine()))),
                context.argument(dnnl.DNNL_ARG_SRC, rows, from),
                context.argument(dnnl.DNNL_ARG_DST, rows, to));
    }

    /** Computes {@code to} from what {@code from} holds now. */
    public void run() {
        work.run();
    }

    @Override
    public void close() {
        release.run();
    }
}
