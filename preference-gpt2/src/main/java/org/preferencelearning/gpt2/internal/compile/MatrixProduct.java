package org.preferencelearning.gpt2.internal.compile;

import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.preferencelearning.gpt2.internal.compile.DnnlContext.View;

/**
 * A product of two matrices, prepared once for these arrays and run on what they hold then. In FLOAT by oneDNN where it is
 * there, otherwise by ND4J. The arrays are the caller's and must outlive this.
 */
public final class MatrixProduct implements AutoCloseable {
    private final Runnable work;
    private final Runnable release;

    /**
     * {@code out = a b}, or {@code out += a b}.
     *
     * @param out row-major and without gaps, as the factors
     * @param added whether the product is added to what {@code out} holds
     * @param precision heeded in FLOAT, and where it is available
     */
    public MatrixProduct(Factor a, Factor b, INDArray out, boolean added, MatrixPrecision precision) {
        if (out.dataType() == DataType.FLOAT && DnnlContext.available()) {
            DnnlContext context = new DnnlContext();
            List<DnnlContext.Call> calls =
                    context.product(view(context, a), view(context, b), context.matrix(out), added, precision);
            work = () -> context.execute(calls);
            release = context::close;
        } else {
            Step step = nd4j(a, b, added);
            step.bindOutputs(List.of(out));
            work = step::run;
            release = step::close;
        }
    }

    static View view(DnnlContext context, Factor factor) {
        View matrix = context.matrix(factor.array());
        return factor.transposed() ? context.transposed(matrix) : matrix;
    }

    static Step nd4j(Factor a, Factor b, boolean added) {
        DynamicCustomOp product = DynamicCustomOp.builder("matmul")
                .addIntegerArguments(a.transposed() ? 1 : 0, b.transposed() ? 1 : 0, 0)
                .addFloatingPointArguments(1.0, added ? 1.0 : 0.0)
                .build();
        return NativeStep.of(product, List.of(a.array(), b.array()));
    }

    /** Computes the product of what the factors hold now. */
    public void run() {
        work.run();
    }

    @Override
    public void close() {
        release.run();
    }

    /**
     * A matrix, or its transpose.
     *
     * @param array as it lies in memory
     */
    public record Factor(INDArray array, boolean transposed) {
        /** The matrix itself. */
        public static Factor of(INDArray array) {
            return new Factor(array, false);
        }

        /** Its transpose. */
        public static Factor transposed(INDArray array) {
            return new Factor(array, true);
        }
    }
}
