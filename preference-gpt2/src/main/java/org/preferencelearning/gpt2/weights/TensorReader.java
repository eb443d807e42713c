package org.preferencelearning.gpt2.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.preferencelearning.core.runtime.NativeRuntime;

/** Decodes a tensor's bytes to FLOAT, a piece at a time. */
final class TensorReader {
    private static final int PIECE_ELEMENTS = 1 << 20;

    private TensorReader() {}

    /** Where the bytes come from. */
    @FunctionalInterface
    interface Bytes {
        /** Fills {@code buffer} with the tensor's bytes from {@code offset}; offsets ascend without gaps. */
        void read(ByteBuffer buffer, long offset) throws IOException;
    }

    static INDArray read(TensorInfo info, Bytes source) throws IOException {
        NativeRuntime.prepare();
        INDArray array = Nd4j.createUninitializedDetached(DataType.FLOAT, info.shape());
        long length = info.length();
        INDArray flat = array.reshape(length);
        int width = info.type().bytes();
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(length, PIECE_ELEMENTS) * width)
                .order(ByteOrder.LITTLE_ENDIAN);
        try {
            for (long start = 0; start < length; start += PIECE_ELEMENTS) {
                int count = (int) Math.min(PIECE_ELEMENTS, length - start);
                bytes.clear().limit(count * width);
                source.read(bytes, start * width);
                bytes.flip();
                float[] piece = new float[count];
                for (int i = 0; i < count; i++) {
                    piece[i] = info.type().decode(bytes);
                }
                try (INDArray values = Nd4j.createFromArray(piece)) {
                    flat.get(NDArrayIndex.interval(start, start + count)).assign(values);
                }
            }
        } catch (IOException | RuntimeException e) {
            array.close();
            throw e;
        }
        return array;
    }
}
