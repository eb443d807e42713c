package org.preferencelearning.core.model;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The gradient of a matrix before it is computed: what it is computed from takes less memory than itself. Valid until the
 * model that gave it is evaluated again, which {@link ParameterStore#computeDeferredGradients} must precede.
 */
public interface DeferredGradient {
    /** Sum of the squares of all values; not finite if one of them is not. */
    double squares();

    /**
     * Computes some rows.
     *
     * @param first row to begin with, from 0
     * @param into {@code [rows, columns]}, row-major and without gaps; overwritten
     */
    void rows(long first, INDArray into);
}
