package org.preferencelearning.core.device;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Float32 values of one shape in the memory of a {@link Device}, row-major. Whoever was given one closes it. */
public interface DeviceTensor extends AutoCloseable {
    /**
     * Copies values from host memory.
     *
     * @param from float32, of this shape, row-major and without gaps
     */
    void upload(INDArray from);

    /**
     * Copies the values to host memory.
     *
     * @param into as {@link #upload}
     */
    void download(INDArray into);

    /** Sets every value to 0. */
    void clear();

    @Override
    void close();
}
