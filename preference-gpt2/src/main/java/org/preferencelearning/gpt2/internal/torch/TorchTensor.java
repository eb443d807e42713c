package org.preferencelearning.gpt2.internal.torch;

import com.sun.jna.Pointer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.device.DeviceTensor;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.gpt2.internal.torch.Torch.Frame;

/** A handle of a tensor of libtorch, or of a view of one; views keep what they show alive. Closing deletes the handle. */
public final class TorchTensor implements DeviceTensor {
    private static final AtomicLong LIVE = new AtomicLong();

    private final TorchDevice device;
    private long handle;
    private long @Nullable [] shape;
    /** Counts changes of the values by whoever may keep copies of them. */
    private int version;

    TorchTensor(TorchDevice device, long handle) {
        this.device = device;
        this.handle = handle;
        LIVE.incrementAndGet();
    }

    /** Handles that are not closed yet, in this process. */
    public static long live() {
        return LIVE.get();
    }

    long handle() {
        if (handle == 0) {
            throw new IllegalStateException("the tensor is closed");
        }
        return handle;
    }

    TorchDevice device() {
        return device;
    }

    int version() {
        return version;
    }

    void changed() {
        version++;
    }

    /** Sizes of the axes. */
    public long[] shape() {
        if (shape == null) {
            shape = longs(0);
        }
        return shape.clone();
    }

    long size(int axis) {
        if (shape == null) {
            shape = longs(0);
        }
        return shape[axis];
    }

    long[] strides() {
        return longs(1);
    }

    private long[] longs(int which) {
        Frame frame = Torch.frame();
        Torch.check("a shape", Torch.aoti_torch_get_dim(handle(), frame.result));
        int rank = (int) frame.result.getLong(0);
        Torch.check(
                "a shape",
                which == 0
                        ? Torch.aoti_torch_get_sizes(handle, frame.result)
                        : Torch.aoti_torch_get_strides(handle, frame.result));
        return rank == 0 ? new long[0] : frame.result.getPointer(0).getLongArray(0, rank);
    }

    int type() {
        Frame frame = Torch.frame();
        Torch.check("a type", Torch.aoti_torch_get_dtype(handle(), frame.result));
        return frame.result.getInt(0);
    }

    @Override
    public void upload(INDArray from) {
        INDArray dense = isDense(from) ? from : from.dup('c');
        try (TorchTensor host = onHost(dense)) {
            device.copy(host, this);
        } finally {
            closeUnless(dense, from);
        }
        changed();
    }

    @Override
    public void download(INDArray into) {
        INDArray dense = isDense(into) ? into : Nd4j.createUninitialized(DataType.FLOAT, into.shape());
        try (TorchTensor host = onHost(dense)) {
            device.copy(this, host);
            if (dense != into) {
                into.assign(dense);
            }
        } finally {
            closeUnless(dense, into);
        }
    }

    private static void closeUnless(INDArray array, INDArray other) {
        if (array != other) {
            array.close();
        }
    }

    private static boolean isDense(INDArray array) {
        return array.ordering() == 'c' && Arrays.equals(array.stride(), TorchDevice.rowMajor(array.shape()));
    }

    /** A tensor of an array's memory, which must outlive it. */
    private TorchTensor onHost(INDArray array) {
        SettingException.require(
                array.dataType() == DataType.FLOAT, "type", array.dataType(), "FLOAT on the device " + device.name());
        Pointer start = new Pointer(array.data().pointer().address() + array.offset() * Float.BYTES);
        return device.onHost(start, device.float32(), shape());
    }

    @Override
    public void clear() {
        Torch.check("zeros", Torch.aoti_torch_zero_(handle()));
        changed();
    }

    @Override
    public void close() {
        if (handle != 0) {
            Torch.check("a deletion", Torch.aoti_torch_delete_tensor_object(handle));
            handle = 0;
            LIVE.decrementAndGet();
        }
    }
}
