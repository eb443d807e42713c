package org.preferencelearning.gpt2.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.preferencelearning.core.internal.runtime.NativeRuntime;

/** Decodes a tensor's bytes to FLOAT, a piece at a time, and checks that all are finite. */
final class TensorReader {
    private static final int PIECE_ELEMENTS = 1 << 20;

    private TensorReader() {}

    /** Where the bytes come from. */
    @FunctionalInterface
    interface Bytes {
        /** Fills {@code buffer} with the tensor's bytes from {@code offset}; offsets ascend without gaps. */
        void read(ByteBuffer buffer, long offset) throws IOException;
    }

    /**
     * A new array of the tensor's values.
     *
     * @throws WeightsFormatException if one of them is not finite as FLOAT
     */
    static INDArray read(String file, TensorInfo info, Bytes source) throws IOException {
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
                requireFinite(file, info, start, piece);
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

    private static void requireFinite(String file, TensorInfo info, long start, float... piece) {
        if (isFinite(piece)) {
            return;
        }
        for (int i = 0; i < piece.length; i++) {
            if (!Float.isFinite(piece[i])) {
                throw new WeightsFormatException(
                        file,
                        "tensor '" + info.name() + "': element " + (start + i) + " of " + info.length() + " is "
                                + piece[i] + "; allowed: finite numbers within float32");
            }
        }
    }

    /** A sum is not finite if one of its values times 0 is not; in four of them, which need not wait for each other. */
    private static boolean isFinite(float... values) {
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        int i = 0;
        for (; i + 4 <= values.length; i += 4) {
            a += values[i] * 0;
            b += values[i + 1] * 0;
            c += values[i + 2] * 0;
            d += values[i + 3] * 0;
        }
        for (; i < values.length; i++) {
            a += values[i] * 0;
        }
        return !Float.isNaN(a + b + c + d);
    }
}
