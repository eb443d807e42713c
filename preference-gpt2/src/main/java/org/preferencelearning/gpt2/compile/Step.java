package org.preferencelearning.gpt2.compile;

import java.util.List;
import org.nd4j.autodiff.functions.DifferentialFunction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.Op;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.api.ops.ReduceOp;
import org.nd4j.linalg.api.ops.ScalarOp;
import org.nd4j.linalg.api.ops.TransformOp;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;
import org.nd4j.linalg.factory.Nd4j;

/** One operation bound to its arrays, ready to be run again and again. */
abstract class Step implements AutoCloseable {
    final OpContext context = Nd4j.getExecutioner().buildContext();

    static Step of(DifferentialFunction function, List<INDArray> inputs) {
        if (function instanceof CustomOp op) {
            return new Custom(op, inputs);
        }
        if (function instanceof ScalarOp || function instanceof TransformOp || function instanceof ReduceOp) {
            return new Legacy((Op) function, inputs);
        }
        throw new UnsupportedGraphException(
                function.opName(), "operations of " + function.getClass().getName() + " are not known");
    }

    abstract List<LongShapeDescriptor> outputShapes();

    abstract void bindOutputs(List<INDArray> outputs);

    abstract void run();

    @Override
    public void close() {
        try {
            context.close();
        } catch (Exception e) {
            throw new IllegalStateException("an operation's context could not be closed", e);
        }
    }

    /** An operation of libnd4j that takes a context. */
    private static final class Custom extends Step {
        private final CustomOp op;

        Custom(CustomOp op, List<INDArray> inputs) {
            this.op = op;
            context.setIArguments(op.iArgs());
            context.setTArguments(op.tArgs());
            context.setBArguments(op.bArgs());
            context.setDArguments(op.dArgs());
            context.setInputArrays(inputs);
        }

        @Override
        List<LongShapeDescriptor> outputShapes() {
            return Nd4j.getExecutioner().calculateOutputShape(op, context);
        }

        @Override
        void bindOutputs(List<INDArray> outputs) {
            context.setOutputArrays(outputs);
        }

        @Override
        void run() {
            Nd4j.getExecutioner().exec(op, context);
        }
    }

    /** An elementwise or reducing operation of the older interface. */
    private static final class Legacy extends Step {
        private final Op op;

        Legacy(Op op, List<INDArray> inputs) {
            this.op = op;
            context.setInputArrays(inputs);
        }

        @Override
        List<LongShapeDescriptor> outputShapes() {
            return ((DifferentialFunction) op).calculateOutputShape(context);
        }

        @Override
        void bindOutputs(List<INDArray> outputs) {
            context.setOutputArrays(outputs);
        }

        @Override
        void run() {
            Nd4j.getExecutioner().exec(op, context);
        }
    }
}
