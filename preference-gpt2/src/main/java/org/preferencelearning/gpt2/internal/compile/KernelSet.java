package org.preferencelearning.gpt2.internal.compile;

import java.util.List;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.gpt2.internal.compile.MatrixProduct.Factor;

/**
 * Kernels of one device for the fused dialect of one graph; holds what a forward node keeps for its gradient node. Another
 * device is another implementation.
 */
interface KernelSet extends AutoCloseable {
    /**
     * The step of a node of the fused dialect, or empty if there is no kernel for it.
     *
     * @param operation what the node computes
     * @param inputNames names of its inputs; a gradient node finds its forward node by the first
     * @param inputs their arrays
     */
    Optional<Step> step(FusedOperation operation, List<String> inputNames, List<INDArray> inputs);

    /** The step that was made last is planned: what it alone uses may serve the next one. */
    default void endStep() {}

    /** Whether an operation is computed in less time than its output is worth keeping for. */
    default boolean isCheap(FusedOperation operation) {
        return false;
    }

    /** Whether {@link #linear} is better than a product and an addition where {@code x [rows, in]} is the input. */
    default boolean fusesLinear(INDArray x) {
        return false;
    }

    /**
     * The step of a linear map {@code x W + b}, where {@link #fusesLinear} says so.
     *
     * @param weight {@code [in, out]}
     * @param bias {@code [out]}
     */
    default Step linear(INDArray x, INDArray weight, INDArray bias) {
        throw new UnsupportedGraphException("linear", "there is no kernel");
    }

    /**
     * The step of a product of two matrices, or empty where ND4J's is to be used.
     *
     * @param added whether it is added to what the output holds
     */
    default Optional<Step> product(Factor a, Factor b, boolean added) {
        return Optional.empty();
    }

    /**
     * The step of a matrix's sum over its rows, or empty where ND4J's is to be used.
     *
     * @param added whether it is added to what the output holds
     */
    default Optional<Step> columnSums(INDArray matrix, boolean added) {
        return Optional.empty();
    }

    /** Reads weights again that the kernels keep copies of. */
    default void refresh() {}

    /** Bytes of the buffers that the kernels keep. */
    long bytes();

    @Override
    void close();
}
