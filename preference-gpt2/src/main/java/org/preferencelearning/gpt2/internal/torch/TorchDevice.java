package org.preferencelearning.gpt2.internal.torch;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.preferencelearning.core.device.AdamWUpdate;
import org.preferencelearning.core.device.Device;
import org.preferencelearning.core.device.DeviceTensor;
import org.preferencelearning.core.error.DeviceException;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.gpt2.internal.torch.Torch.Frame;
import org.preferencelearning.gpt2.internal.torch.Torch.Maybe;
import org.preferencelearning.gpt2.internal.torch.Torch.Operator;
import org.preferencelearning.gpt2.internal.torch.Torch.Text;
import org.preferencelearning.gpt2.internal.torch.Torch.Type;

/** A device that libtorch computes on. */
public final class TorchDevice implements Device {
    private static final Operator FUSED_ADAMW = Operator.of("_fused_adamw_");
    private static final Operator MULTIPLY_EACH = Operator.of("_foreach_mul_.Tensor");
    private static final Operator CLEAR_EACH = Operator.of("_foreach_zero_");
    private static final Operator NORM = Operator.of("linalg_matrix_norm.str_ord");
    private static final Operator STACK = Operator.of("stack");

    private static final Map<String, TorchDevice> DEVICES = new HashMap<>();

    private final String name;
    private final boolean cuda;
    private final int index;
    private final int deviceType;
    private final int cpuType = Torch.aoti_torch_device_type_cpu();
    private final int strided = Torch.aoti_torch_layout_strided();
    private final int float32 = Torch.aoti_torch_dtype_float32();
    private final int float64 = Torch.aoti_torch_dtype_float64();
    private final int bfloat16 = Torch.aoti_torch_dtype_bfloat16();
    private final int int64 = Torch.aoti_torch_dtype_int64();

    private TorchDevice(String name, boolean cuda, int index) {
        this.name = name;
        this.cuda = cuda;
        this.index = index;
        this.deviceType = cuda ? Torch.aoti_torch_device_type_cuda() : cpuType;
    }

    /**
     * The processor, by libtorch instead of ND4J and oneDNN.
     *
     * @throws DeviceException if libtorch is not there or too old
     */
    public static TorchDevice cpu() {
        return device("torch-cpu", false, 0);
    }

    /**
     * A GPU of NVIDIA.
     *
     * @param index from 0
     * @throws DeviceException if libtorch is not there, is too old, has no code for GPUs, or there is no such GPU
     */
    public static TorchDevice cuda(int index) {
        SettingException.requireAtLeast("device", index, 0);
        return device("cuda:" + index, true, index);
    }

    private static synchronized TorchDevice device(String name, boolean cuda, int index) {
        TorchDevice known = DEVICES.get(name);
        if (known == null) {
            TorchLibrary library = TorchLibrary.loaded();
            if (cuda) {
                library.requireCuda();
            }
            known = new TorchDevice(name, cuda, index);
            try (TorchTensor probe = known.empty(known.float32, 1)) {
                probe.clear();
            } catch (DeviceException e) {
                throw new DeviceException("the device " + name + " cannot be used: " + e.getMessage(), e);
            }
            DEVICES.put(name, known);
        }
        return known;
    }

    @Override
    public String name() {
        return name;
    }

    boolean isCuda() {
        return cuda;
    }

    int float32() {
        return float32;
    }

    int float64() {
        return float64;
    }

    int bfloat16() {
        return bfloat16;
    }

    static long[] rowMajor(long... shape) {
        long[] strides = new long[shape.length];
        long stride = 1;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            strides[axis] = stride;
            stride *= shape[axis];
        }
        return strides;
    }

    @Override
    public TorchTensor zeros(long... shape) {
        TorchTensor tensor = empty(float32, shape);
        tensor.clear();
        return tensor;
    }

    TorchTensor empty(int type, long... shape) {
        Frame frame = Torch.frame();
        Torch.check(
                "a tensor of " + values(shape) + " values",
                Torch.aoti_torch_empty_strided(
                        shape.length,
                        frame.sizes(shape),
                        frame.strides(rowMajor(shape)),
                        type,
                        deviceType,
                        index,
                        frame.result));
        return new TorchTensor(this, frame.result.getLong(0));
    }

    /** A tensor of memory of the host, which must outlive it. */
    TorchTensor onHost(Pointer start, int type, long... shape) {
        Frame frame = Torch.frame();
        Torch.check(
                "a tensor of the host",
                Torch.aoti_torch_create_tensor_from_blob_v2(
                        start,
                        shape.length,
                        frame.sizes(shape),
                        frame.strides(rowMajor(shape)),
                        0,
                        type,
                        cpuType,
                        0,
                        frame.result,
                        strided,
                        null,
                        0));
        return new TorchTensor(this, frame.result.getLong(0));
    }

    /** Copies values, converting their type, and waits until they are there. */
    void copy(TorchTensor from, TorchTensor into) {
        Torch.check("a copy", Torch.aoti_torch_copy_(into.handle(), from.handle(), 0));
    }

    /** A new tensor of whole numbers. */
    TorchTensor whole(int[] values, long... shape) {
        try (Memory memory = new Memory(Math.max(1, values.length) * (long) Long.BYTES)) {
            memory.write(
                    0,
                    LongStream.range(0, values.length).map(i -> values[(int) i]).toArray(),
                    0,
                    values.length);
            return uploaded(memory, int64, int64, shape);
        }
    }

    /** A new tensor of float32 values. */
    TorchTensor floats(float[] values, long... shape) {
        try (Memory memory = new Memory(Math.max(1, values.length) * (long) Float.BYTES)) {
            memory.write(0, values, 0, values.length);
            return uploaded(memory, float32, float32, shape);
        }
    }

    /** A new tensor of a type. */
    TorchTensor reals(double[] values, int type, long... shape) {
        try (Memory memory = new Memory(Math.max(1, values.length) * (long) Double.BYTES)) {
            memory.write(0, values, 0, values.length);
            return uploaded(memory, float64, type, shape);
        }
    }

    private TorchTensor uploaded(Memory memory, int from, int type, long... shape) {
        TorchTensor tensor = empty(type, shape);
        try (TorchTensor host = onHost(memory, from, shape)) {
            copy(host, tensor);
        }
        return tensor;
    }

    /** The values of a tensor of any real type, row after row. */
    double[] values(TorchTensor tensor) {
        long[] shape = tensor.shape();
        int count = Math.toIntExact(values(shape));
        if (count == 0) {
            return new double[0];
        }
        try (Memory memory = new Memory(count * (long) Double.BYTES);
                TorchTensor host = onHost(memory, float64, shape)) {
            copy(tensor, host);
            return memory.getDoubleArray(0, count);
        }
    }

    int mm(long out, long a, long b) {
        return cuda ? TorchCuda.aoti_torch_cuda_mm_out(out, a, b) : Torch.aoti_torch_cpu_mm_out(out, a, b);
    }

    /** {@code out = added + a b}. */
    int addmm(long out, long added, long a, long b) {
        return cuda
                ? TorchCuda.aoti_torch_cuda_addmm_out(out, added, a, b, 1, 1)
                : Torch.aoti_torch_cpu_addmm_out(out, added, a, b, 1, 1);
    }

    int add(long a, long b, Pointer result) {
        return cuda
                ? TorchCuda.aoti_torch_cuda_add_Tensor(a, b, 1, result)
                : Torch.aoti_torch_cpu_add_Tensor(a, b, 1, result);
    }

    // What parameters and their optimiser need

    @Override
    public double squares(List<DeviceTensor> tensors) {
        double squares = 0;
        try (TorchScope scope = new TorchScope(this)) {
            List<Object> norms = new ArrayList<>();
            for (DeviceTensor tensor : tensors) {
                TorchTensor values = (TorchTensor) tensor;
                long[] shape = values.shape();
                // of rows first: one sum over all would be added up in float32 one after the other
                TorchTensor rows = shape.length < 2
                        ? values
                        : norm(scope, scope.reshape(values, shape[0], 1, values(shape) / shape[0]));
                norms.add(norm(scope, scope.reshape(rows, 1, rows.size(0))));
            }
            if (!norms.isEmpty()) {
                for (double norm : values(scope.call(STACK, norms, 0L))) {
                    squares += norm * norm;
                }
            }
        }
        return squares;
    }

    /** Of matrices. */
    private static TorchTensor norm(TorchScope scope, TorchTensor matrices) {
        return scope.call(NORM, matrices, new Text("fro"), List.of(-2L, -1L), false, Maybe.NONE);
    }

    private static long values(long... shape) {
        return LongStream.of(shape).reduce(1, Math::multiplyExact);
    }

    @Override
    public void adamW(
            AdamWUpdate update,
            List<DeviceTensor> values,
            List<DeviceTensor> gradients,
            List<DeviceTensor> first,
            List<DeviceTensor> second) {
        try (TorchScope scope = new TorchScope(this);
                TorchTensor step = floats(new float[] {update.step()})) {
            if (update.clip() != 1) {
                try (TorchTensor clip = floats(new float[] {(float) update.clip()})) {
                    scope.run(MULTIPLY_EACH, 0, gradients, clip);
                }
            }
            List<TorchTensor> steps = values.stream().map(value -> step).toList();
            scope.run(
                    FUSED_ADAMW,
                    0,
                    values,
                    gradients,
                    first,
                    second,
                    List.of(),
                    steps,
                    update.learningRate(),
                    update.beta1(),
                    update.beta2(),
                    update.weightDecay(),
                    update.epsilon(),
                    false,
                    false,
                    Maybe.NONE,
                    Maybe.NONE);
            scope.run(CLEAR_EACH, 0, gradients);
        }
        values.forEach(value -> ((TorchTensor) value).changed());
    }

    Type type(int code) {
        return new Type(code);
    }
}
