package org.preferencelearning.gpt2.internal.compile;

import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A bare address of floats, not owned. */
final class Floats extends FloatPointer {
    /** Where an array's first value is. */
    static long address(INDArray array) {
        return array.data().pointer().address() + array.offset() * Float.BYTES;
    }

    /** The values of an array without gaps. */
    static FloatBuffer buffer(INDArray array) {
        return array.data().asNioFloat().position((int) array.offset()).slice();
    }

    Floats(long address) {
        super((Pointer) null);
        this.address = address;
    }
}
