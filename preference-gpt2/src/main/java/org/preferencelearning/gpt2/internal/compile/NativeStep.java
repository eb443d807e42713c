package org.preferencelearning.gpt2.internal.compile;

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

/** An operation of ND4J's backend, with the context that it is run with. */
final class NativeStep implements Step {
    private final DifferentialFunction function;
    private final OpContext context = Nd4j.getExecutioner().buildContext();

    private NativeStep(DifferentialFunction function) {
        this.function = function;
    }

    /** @throws UnsupportedGraphException if the operation is of a kind that cannot be replayed */
    static NativeStep of(DifferentialFunction function, List<INDArray> inputs) {
        boolean known = function instanceof CustomOp
                || function instanceof ScalarOp
                || function instanceof TransformOp
                || function instanceof ReduceOp;
        if (!known) {
            throw new UnsupportedGraphException(
                    function.opName(), "operations of " + function.getClass().getName() + " are not known");
        }
        NativeStep step = new NativeStep(function);
        if (function instanceof CustomOp op) {
            step.context.setIArguments(op.iArgs());
            step.context.setTArguments(op.tArgs());
            step.context.setBArguments(op.bArgs());
            step.context.setDArguments(op.dArgs());
        }
        step.context.setInputArrays(inputs);
        return step;
    }

    @Override
    public String kernel() {
        return function.opName();
    }

    @Override
    public List<LongShapeDescriptor> outputShapes() {
        return function instanceof CustomOp op
                ? Nd4j.getExecutioner().calculateOutputShape(op, context)
                : function.calculateOutputShape(context);
    }

    @Override
    public void bindOutputs(List<INDArray> outputs) {
        context.setOutputArrays(outputs);
    }

    @Override
    public void run() {
        if (function instanceof CustomOp op) {
            Nd4j.getExecutioner().exec(op, context);
        } else {
            Nd4j.getExecutioner().exec((Op) function, context);
        }
    }

    @Override
    public void close() {
        try {
            context.close();
        } catch (Exception e) {
            throw new IllegalStateException("an operation's context could not be closed", e);
        }
    }
}
