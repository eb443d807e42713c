package org.preferencelearning.gpt2.internal.torch;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;

/** The functions of {@link Torch} that are CUDA's own, from libtorch_cuda. */
final class TorchCuda {
    private TorchCuda() {}

    static native int aoti_torch_cuda_mm_out(long out, long a, long b);

    static native int aoti_torch_cuda_addmm_out(long out, long added, long a, long b, double beta, double alpha);

    static native int aoti_torch_cuda_add_Tensor(long a, long b, double alpha, Pointer result);

    static void bind(NativeLibrary found) {
        Native.register(TorchCuda.class, found);
    }
}
