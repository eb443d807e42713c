package org.preferencelearning.gpt2.internal.torch;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the driver of a GPU of NVIDIA tells of it, by the driver's own C functions: libtorch need not be there.
 *
 * @param name as its maker calls it
 * @param major of its compute capability
 * @param minor of its compute capability
 * @param driver newest release of CUDA that the driver supports, such as 13.0
 * @param freeBytes of its memory that nobody uses now
 * @param totalBytes of its memory
 */
public record Gpu(String name, int major, int minor, String driver, long freeBytes, long totalBytes) {
    private static final Logger LOG = LoggerFactory.getLogger(Gpu.class);
    private static final int NAME_BYTES = 256;
    private static final int MAJOR = 75; // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR
    private static final int MINOR = 76;
    private static final double GIGABYTE = 1e9;

    /**
     * Asks the driver.
     *
     * @param index from 0, among those that CUDA_VISIBLE_DEVICES leaves
     * @return empty where there is no driver, or no such GPU, or the driver does not answer
     */
    public static Optional<Gpu> of(int index) {
        try {
            return Optional.of(new Driver().gpu(index));
        } catch (UnsatisfiedLinkError | DriverException e) {
            LOG.debug("no GPU {}", index, e);
            return Optional.empty();
        }
    }

    /** Says all of it in words. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s, compute capability %d.%d, %.1f of %.1f GB free, driver for CUDA %s",
                name,
                major,
                minor,
                freeBytes / GIGABYTE,
                totalBytes / GIGABYTE,
                driver);
    }

    /** The driver answers with an error. */
    private static final class DriverException extends Exception {
        private static final long serialVersionUID = 1;

        DriverException(String function, int code) {
            super(function + " answers " + code);
        }
    }

    /** The functions of the driver that are needed. */
    private static final class Driver {
        private final NativeLibrary library =
                NativeLibrary.getInstance(Platform.isWindows() ? "nvcuda" : "libcuda.so.1");

        private void call(String name, Object... arguments) throws DriverException {
            Function function = library.getFunction(name);
            int code = function.invokeInt(arguments);
            if (code != 0) {
                throw new DriverException(name, code);
            }
        }

        Gpu gpu(int index) throws DriverException {
            call("cuInit", 0);
            IntByReference number = new IntByReference();
            call("cuDriverGetVersion", number);
            int version = number.getValue();
            call("cuDeviceGet", number, index);
            int device = number.getValue();
            byte[] name = new byte[NAME_BYTES];
            call("cuDeviceGetName", name, NAME_BYTES, device);
            call("cuDeviceGetAttribute", number, MAJOR, device);
            int major = number.getValue();
            call("cuDeviceGetAttribute", number, MINOR, device);
            LongByReference free = new LongByReference();
            LongByReference total = new LongByReference();
            PointerByReference context = new PointerByReference();
            call("cuDevicePrimaryCtxRetain", context, device);
            try {
                call("cuCtxPushCurrent_v2", context.getValue());
                call("cuMemGetInfo_v2", free, total);
                call("cuCtxPopCurrent_v2", context);
            } finally {
                call("cuDevicePrimaryCtxRelease_v2", device);
            }
            int end = 0;
            while (end < NAME_BYTES && name[end] != 0) {
                end++;
            }
            return new Gpu(
                    new String(name, 0, end, StandardCharsets.UTF_8),
                    major,
                    number.getValue(),
                    version / 1000 + "." + version % 1000 / 10,
                    free.getValue(),
                    total.getValue());
        }
    }
}
