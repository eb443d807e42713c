package org.preferencelearning.gpt2.compile;

import java.util.List;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Kernels of one device for the fused dialect of one graph; holds what a forward node keeps for its gradient node. Another
 * device is another implementation.
 */
interface KernelSet extends AutoCloseable {
    /**
     * The step of a node, or empty if it is not of the fused dialect.
     *
     * @param operation the node's operation
     * @param inputNames names of its inputs; a gradient node finds its forward node by the first
     * @param inputs their arrays
     */
    Optional<Step> step(String operation, List<String> inputNames, List<INDArray> inputs);

    /** Bytes of the buffers that the kernels keep. */
    long bytes();

    @Override
    void close();
}
