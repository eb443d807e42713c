package org.preferencelearning.gpt2.internal.compile;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;

/** One operation bound to its input arrays; once its outputs are bound too, it can be run again and again. */
interface Step extends AutoCloseable {
    /** Name that its time is counted under. */
    String kernel();

    /** Shapes and types of the outputs. */
    List<LongShapeDescriptor> outputShapes();

    /** Sets where results go; arrays of {@link #outputShapes()}. */
    void bindOutputs(List<INDArray> outputs);

    /** Computes the outputs from what the inputs hold now. */
    void run();

    @Override
    void close();
}
