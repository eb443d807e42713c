package org.preferencelearning.gpt2.internal.compile;

import java.util.List;
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
        this(from, to, false);
    }

    /** The logarithms of the softmax, by differences: exact where a probability is below all numbers. */
    public static RowSoftmax logarithms(INDArray from, INDArray to) {
        return new RowSoftmax(from, to, true);
    }

    private RowSoftmax(INDArray from, INDArray to, boolean logarithms) {
        if (from.dataType() == DataType.FLOAT && DnnlContext.available()) {
            DnnlContext context = new DnnlContext();
            List<DnnlContext.Call> calls =
                    List.of(context.rowSoftmax(from, to, from.size(0), from.size(1), logarithms));
            work = () -> context.execute(calls);
            release = context::close;
        } else {
            work = () -> Nd4j.exec(DynamicCustomOp.builder(logarithms ? "log_softmax" : "softmax")
                    .addInputs(from)
                    .addOutputs(to)
                    .addIntegerArguments(1)
                    .build());
            release = () -> {};
        }
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
