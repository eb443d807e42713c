package org.preferencelearning.gpt2.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import org.nd4j.linalg.api.concurrency.AffinityManager.Location;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The bytes of a tensor in its own memory where they lie in order there, else in that of a copy. In the order of the
 * machine, which is little-endian wherever ND4J runs.
 *
 * @param array whose bytes they are
 * @param changed where the copy goes when it is closed, if it has been written to
 * @param copied whether {@code array} is a copy
 */
record RawTensor(INDArray array, Optional<INDArray> changed, boolean copied) implements AutoCloseable {
    static RawTensor toRead(INDArray tensor) {
        return isInOrder(tensor)
                ? new RawTensor(tensor, Optional.empty(), false)
                : new RawTensor(tensor.dup('c'), Optional.empty(), true);
    }

    static RawTensor toWrite(INDArray tensor) {
        return isInOrder(tensor)
                ? new RawTensor(tensor, Optional.empty(), false)
                : new RawTensor(tensor.dup('c'), Optional.of(tensor), true);
    }

    private static boolean isInOrder(INDArray tensor) {
        // nothing has no memory either
        return tensor.isEmpty()
                || tensor.ordering() == 'c'
                        && tensor.offset() == 0
                        && tensor.length() == tensor.data().length()
                        && Arrays.equals(Nd4j.getStrides(tensor.shape(), 'c'), tensor.stride());
    }

    ByteBuffer bytes() {
        if (array.isEmpty()) {
            return ByteBuffer.allocate(0);
        }
        Nd4j.getAffinityManager().ensureLocation(array, Location.HOST);
        return array.data().asNio().order(ByteOrder.nativeOrder());
    }

    @Override
    public void close() {
        Nd4j.getAffinityManager().tagLocation(array, Location.HOST);
        changed.ifPresent(tensor -> tensor.assign(array));
        if (copied) {
            array.close();
        }
    }
}
