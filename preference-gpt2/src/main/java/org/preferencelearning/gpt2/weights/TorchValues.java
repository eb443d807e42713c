package org.preferencelearning.gpt2.weights;

import com.google.common.collect.ImmutableMap;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a pickle of tensors may name and call, and what that makes. */
final class TorchValues {
    private static final String REBUILD_TENSOR = "torch._utils._rebuild_tensor_v2";
    private static final String REBUILD_PARAMETER = "torch._utils._rebuild_parameter";
    private static final String ORDERED_DICT = "collections.OrderedDict";

    private static final Map<String, TensorType> STORAGES = ImmutableMap.<String, TensorType>builder()
            .put("torch.FloatStorage", TensorType.F32)
            .put("torch.HalfStorage", TensorType.F16)
            .put("torch.BFloat16Storage", TensorType.BF16)
            .put("torch.DoubleStorage", TensorType.F64)
            .put("torch.LongStorage", TensorType.I64)
            .put("torch.IntStorage", TensorType.I32)
            .put("torch.ShortStorage", TensorType.I16)
            .put("torch.CharStorage", TensorType.I8)
            .put("torch.ByteStorage", TensorType.U8)
            .put("torch.BoolStorage", TensorType.BOOL)
            .buildOrThrow();

    /** The functions that may be called. */
    static final List<String> ALLOWED = List.of(ORDERED_DICT, REBUILD_TENSOR, REBUILD_PARAMETER);

    private TorchValues() {}

    /** A name that a pickle may use. */
    record Global(String name) {}

    /**
     * Where numbers lie.
     *
     * @param key name of the storage in the file
     * @param type of its elements
     * @param length number of elements
     */
    record Storage(String key, TensorType type, long length) {
        long bytes() {
            return length * type.bytes();
        }
    }

    /**
     * A window on a storage, in row-major order.
     *
     * @param offset first element
     */
    record Tensor(Storage storage, long offset, List<Long> shape, long length) {}

    static Global global(String file, String module, String name) {
        String full = (module.equals("__builtin__") ? "builtins" : module) + "." + name;
        if (!ALLOWED.contains(full) && !STORAGES.containsKey(full)) {
            throw new WeightsFormatException(
                    file,
                    "pickle: it names '" + full + "', which weights do not need; if the file is trusted, convert it to"
                            + " safetensors with PyTorch");
        }
        return new Global(full);
    }

    /** The storage of a persistent id: ('storage', type, key, device, length, ...). */
    static Storage storage(String file, @Nullable Object id) {
        if (id instanceof List<?> parts
                && parts.size() >= 5
                && "storage".equals(parts.get(0))
                && parts.get(1) instanceof Global type
                && STORAGES.containsKey(type.name())
                && parts.get(2) instanceof String key
                && parts.get(4) instanceof BigInteger length
                && (parts.size() == 5 || parts.get(5) == null)) {
            TensorType elements = STORAGES.get(type.name());
            long most = Long.MAX_VALUE / elements.bytes();
            return new Storage(key, elements, number(file, "a storage's length", length, most));
        }
        throw new WeightsFormatException(file, "pickle: a persistent id does not describe a storage");
    }

    static Object call(String file, Global function, List<?> arguments) {
        switch (function.name()) {
            case ORDERED_DICT -> {
                if (arguments.isEmpty()) {
                    return new LinkedHashMap<>();
                }
            }
            case REBUILD_TENSOR -> {
                if (arguments.size() >= 6
                        && arguments.get(0) instanceof Storage storage
                        && arguments.get(1) instanceof BigInteger offset
                        && arguments.get(2) instanceof List<?> shape
                        && arguments.get(3) instanceof List<?> strides) {
                    return tensor(file, storage, offset, shape, strides);
                }
            }
            case REBUILD_PARAMETER -> {
                if (!arguments.isEmpty() && arguments.get(0) instanceof Tensor tensor) {
                    return tensor;
                }
            }
            default -> throw new WeightsFormatException(file, "pickle: '" + function.name() + "' cannot be called");
        }
        throw new WeightsFormatException(file, "pickle: '" + function.name() + "' is called with wrong arguments");
    }

    private static Tensor tensor(String file, Storage storage, BigInteger offset, List<?> shape, List<?> strides) {
        long first = number(file, "a tensor's offset", offset, storage.length());
        List<Long> sizes = numbers(file, "a tensor's shape", shape);
        List<Long> steps = numbers(file, "a tensor's strides", strides);
        long length = 1;
        try {
            for (long size : sizes) {
                length = Math.multiplyExact(length, size);
            }
        } catch (ArithmeticException e) {
            throw new WeightsFormatException(file, "pickle: a tensor's shape " + sizes + " is too large", e);
        }
        if (length > storage.length() - first) {
            throw new WeightsFormatException(
                    file,
                    "pickle: a tensor of shape " + sizes + " from element " + first + " reaches beyond its storage of "
                            + storage.length());
        }
        if (length > 0 && !isRowMajor(sizes, steps)) {
            throw new WeightsFormatException(
                    file, "pickle: a tensor of shape " + sizes + " has strides " + steps + ", which are not row-major");
        }
        return new Tensor(storage, first, sizes, length);
    }

    private static boolean isRowMajor(List<Long> shape, List<Long> strides) {
        if (shape.size() != strides.size()) {
            return false;
        }
        long expected = 1;
        for (int axis = shape.size() - 1; axis >= 0; axis--) {
            if (shape.get(axis) != 1 && strides.get(axis) != expected) {
                return false;
            }
            expected *= shape.get(axis);
        }
        return true;
    }

    private static List<Long> numbers(String file, String what, List<?> values) {
        if (values.size() > TensorSource.MAX_DIMENSIONS) {
            throw new WeightsFormatException(
                    file,
                    "pickle: " + what + " has " + values.size() + " dimensions; allowed: up to "
                            + TensorSource.MAX_DIMENSIONS);
        }
        List<Long> numbers = new ArrayList<>();
        for (Object value : values) {
            if (!(value instanceof BigInteger number)) {
                throw new WeightsFormatException(file, "pickle: " + what + " holds something that is not a number");
            }
            numbers.add(number(file, what, number, Long.MAX_VALUE));
        }
        return numbers;
    }

    private static long number(String file, String what, BigInteger value, long most) {
        if (value.signum() < 0 || value.compareTo(BigInteger.valueOf(most)) > 0) {
            throw new WeightsFormatException(
                    file,
                    "pickle: " + what + " is of " + value.bitLength() + " bits or negative; allowed: 0 to " + most);
        }
        return value.longValue();
    }
}
