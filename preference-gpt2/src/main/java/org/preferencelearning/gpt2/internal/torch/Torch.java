package org.preferencelearning.gpt2.internal.torch;

import static java.util.Objects.requireNonNull;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.error.DeviceException;

/**
 * The C functions of libtorch that are called here: those for tensors, and the dispatcher, which calls any operator by its
 * name. A tensor is a handle, which whoever got it deletes. Arguments of the type Scalar are refused by the dispatcher, so
 * operators are chosen that have none; three that do have functions of their own for each kind of device.
 */
final class Torch {
    /** What the conversions of arguments here follow, in the form of {@code aoti_torch_abi_version}. */
    static final long WRITTEN_FOR = version(2, 10);

    private static final int RESULTS = 16;
    private static final int ARGUMENTS = 32;

    private static @Nullable NativeLibrary library;
    private static Optional<Function> newValue = Optional.empty();
    private static @Nullable Function operatorNew;
    private static Optional<Function> what = Optional.empty();
    private static final ThreadLocal<Frame> FRAMES = ThreadLocal.withInitial(Frame::new);

    private Torch() {}

    static native long aoti_torch_abi_version();

    static native int aoti_torch_device_type_cpu();

    static native int aoti_torch_device_type_cuda();

    static native int aoti_torch_dtype_float32();

    static native int aoti_torch_dtype_float64();

    static native int aoti_torch_dtype_bfloat16();

    static native int aoti_torch_dtype_int64();

    static native int aoti_torch_layout_strided();

    static native void aoti_torch_grad_mode_set_enabled(boolean enabled);

    static native int aoti_torch_create_tensor_from_blob_v2(
            Pointer data,
            long rank,
            Pointer sizes,
            Pointer strides,
            long offset,
            int type,
            int device,
            int index,
            Pointer result,
            int layout,
            @Nullable Pointer metadata,
            long metadataBytes);

    static native int aoti_torch_empty_strided(
            long rank, Pointer sizes, Pointer strides, int type, int device, int index, Pointer result);

    static native int aoti_torch__reinterpret_tensor(
            long tensor, long rank, Pointer sizes, Pointer strides, long offset, Pointer result);

    static native int aoti_torch_new_uninitialized_tensor(Pointer result);

    static native int aoti_torch_new_tensor_handle(long tensor, Pointer result);

    static native int aoti_torch_delete_tensor_object(long tensor);

    static native int aoti_torch_get_dim(long tensor, Pointer result);

    static native int aoti_torch_get_sizes(long tensor, Pointer result);

    static native int aoti_torch_get_strides(long tensor, Pointer result);

    static native int aoti_torch_get_dtype(long tensor, Pointer result);

    static native int aoti_torch_copy_(long into, long from, int withoutWaiting);

    static native int aoti_torch_zero_(long tensor);

    static native int torch_call_dispatcher(Pointer operator, Pointer overload, Pointer stack, long version);

    static native int torch_new_list_reserve_size(long size, Pointer result);

    static native int torch_list_push_back(long list, long element);

    static native int torch_new_string_handle(Pointer text, long length, Pointer result);

    static native int aoti_torch_cpu_mm_out(long out, long a, long b);

    static native int aoti_torch_cpu_addmm_out(long out, long added, long a, long b, double beta, double alpha);

    static native int aoti_torch_cpu_add_Tensor(long a, long b, double alpha, Pointer result);

    /** Binds the functions; those that releases after 2.11 brought need not be there. */
    static void bind(NativeLibrary found) {
        Native.register(Torch.class, found);
        library = found;
        newValue = optional("torch_new_stable_ivalue");
        what = optional("torch_exception_get_what_without_backtrace");
        if (newValue.isEmpty()) {
            operatorNew = NativeLibrary.getInstance("libstdc++.so.6").getFunction("_Znwm");
        }
    }

    private static Optional<Function> optional(String name) {
        try {
            return Optional.of(requireNonNull(library, "library").getFunction(name));
        } catch (UnsatisfiedLinkError e) {
            return Optional.empty();
        }
    }

    static long version(long major, long minor) {
        return major << 56 | minor << 48;
    }

    /** Memory of one thread for arguments and results. Gradients are not recorded on it. */
    static final class Frame {
        final Memory result = new Memory((long) RESULTS * Long.BYTES);
        private final Memory stack = new Memory((long) ARGUMENTS * Long.BYTES);
        private final Memory sizes = new Memory((long) RESULTS * Long.BYTES);
        private final Memory strides = new Memory((long) RESULTS * Long.BYTES);

        Frame() {
            aoti_torch_grad_mode_set_enabled(false);
        }

        Pointer sizes(long... values) {
            sizes.write(0, values, 0, values.length);
            return sizes;
        }

        Pointer strides(long... values) {
            strides.write(0, values, 0, values.length);
            return strides;
        }
    }

    static Frame frame() {
        return FRAMES.get();
    }

    /** Throws unless a function returned that it succeeded. */
    static void check(String operation, int code) {
        if (code != 0) {
            String text = what.map(function -> function.invokeString(new Object[0], false))
                    .orElse("libtorch before 2.13 says why on standard error");
            throw new DeviceException(
                    text.contains("out of memory")
                            ? "no memory left on the device for " + operation + " (" + text.strip()
                                    + "); fewer or shorter sequences at once, bfloat16, frozen blocks or adapters take less"
                            : "libtorch refuses " + operation + ": " + text.strip());
        }
    }

    // The dispatcher

    /** An operator of the dispatcher. */
    record Operator(String name, Memory operator, Memory overload) {
        /** @param name such as {@code sum.dim_IntList} */
        static Operator of(String name) {
            int dot = name.indexOf('.');
            return new Operator(
                    name,
                    text("aten::" + (dot < 0 ? name : name.substring(0, dot))),
                    text(dot < 0 ? "" : name.substring(dot + 1)));
        }

        private static Memory text(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
            Memory memory = new Memory(bytes.length + 1L);
            memory.write(0, bytes, 0, bytes.length);
            memory.setByte(bytes.length, (byte) 0);
            return memory;
        }
    }

    /** A text argument. */
    record Text(String value) {}

    /** An argument that may be left out. */
    record Maybe(@Nullable Object value) {
        static final Maybe NONE = new Maybe(null);
    }

    /** A scalar type. */
    record Type(int code) {}

    /**
     * Calls an operator.
     *
     * @param arguments all of them, in the schema's order: tensors, whole numbers (Long), real ones (Double), Boolean, and
     *     what is declared here, or lists of these
     * @return handles of the results, the caller's
     */
    static long[] call(Operator operator, int results, Object... arguments) {
        Frame frame = frame();
        long[] values = new long[arguments.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = value(arguments[i], frame);
        }
        frame.stack.write(0, values, 0, values.length);
        check(
                operator.name(),
                torch_call_dispatcher(operator.operator(), operator.overload(), frame.stack, WRITTEN_FOR));
        return frame.stack.getLongArray(0, results);
    }

    /** The 64 bits of an argument; the dispatcher takes over what they refer to. */
    private static long value(Object argument, Frame frame) {
        if (argument instanceof TorchTensor tensor) {
            check("a handle", aoti_torch_new_tensor_handle(tensor.handle(), frame.result));
            return frame.result.getLong(0);
        }
        if (argument instanceof Long whole) {
            return whole;
        }
        if (argument instanceof Double real) {
            return Double.doubleToRawLongBits(real);
        }
        if (argument instanceof Boolean flag) {
            return flag ? 1 : 0;
        }
        if (argument instanceof Type type) {
            return Integer.toUnsignedLong(type.code());
        }
        if (argument instanceof Text text) {
            try (Memory memory = Operator.text(text.value())) {
                check("a text", torch_new_string_handle(memory, memory.size() - 1, frame.result));
            }
            return frame.result.getLong(0);
        }
        if (argument instanceof Maybe maybe) {
            return maybe.value() == null ? 0 : boxed(value(maybe.value(), frame), frame);
        }
        if (argument instanceof List<?> list) {
            check("a list", torch_new_list_reserve_size(list.size(), frame.result));
            long handle = frame.result.getLong(0);
            for (Object element : list) {
                check("a list", torch_list_push_back(handle, value(element, frame)));
            }
            return handle;
        }
        throw new IllegalArgumentException("no argument of an operator: " + argument);
    }

    /** What the dispatcher deletes: made by itself from 2.13 on, by C++'s operator new before. */
    private static long boxed(long value, Frame frame) {
        Pointer box;
        if (newValue.isPresent()) {
            check("a value", newValue.get().invokeInt(new Object[] {frame.result}));
            box = frame.result.getPointer(0);
        } else {
            box = requireNonNull(operatorNew, "operatorNew").invokePointer(new Object[] {(long) Long.BYTES});
        }
        box.setLong(0, value);
        return Pointer.nativeValue(box);
    }
}
