package org.preferencelearning.gpt2.model;

import java.util.Locale;
import java.util.Optional;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.gpt2.internal.torch.Gpu;
import org.preferencelearning.gpt2.internal.torch.TorchDevice;

/**
 * Where a model computes. ND4J and SameDiff define and differentiate its graphs everywhere; on the processor they and oneDNN
 * compute too, elsewhere libtorch does, which must then be there: see {@link org.preferencelearning.gpt2.internal.torch.TorchLibrary}.
 *
 * @param kind what computes
 * @param index which GPU, from 0; otherwise 0
 */
public record ComputeDevice(Kind kind, int index) {
    private static final String CUDA = "cuda";

    /** What computes. */
    public enum Kind {
        /** The processor, by oneDNN and ND4J. */
        CPU,
        /** The processor, by libtorch: the same path as a GPU's, to try it where there is none. */
        TORCH_CPU,
        /** A GPU of NVIDIA, by libtorch. */
        CUDA
    }

    public ComputeDevice {
        SettingException.require(
                index >= 0 && (index == 0 || kind == Kind.CUDA), "device", kind + ":" + index, "an index from 0 on");
    }

    /** The processor. */
    public static ComputeDevice cpu() {
        return new ComputeDevice(Kind.CPU, 0);
    }

    /** The processor, by libtorch. */
    public static ComputeDevice torchCpu() {
        return new ComputeDevice(Kind.TORCH_CPU, 0);
    }

    /** @param index which GPU, from 0 */
    public static ComputeDevice cuda(int index) {
        return new ComputeDevice(Kind.CUDA, index);
    }

    /**
     * The device of a name: {@code cpu}, {@code torch-cpu}, {@code cuda} or {@code cuda:1}.
     *
     * @throws SettingException if it is none
     */
    public static ComputeDevice of(String name) {
        if (name.equals(cpu().toString())) {
            return cpu();
        }
        if (name.equals(torchCpu().toString())) {
            return torchCpu();
        }
        if (name.equals(CUDA)) {
            return cuda(0);
        }
        SettingException.require(
                name.matches("cuda:\\d{1,3}"), "device", name, "cpu, torch-cpu, cuda, or cuda: and which, from 0");
        return cuda(Integer.parseInt(name.substring(CUDA.length() + 1)));
    }

    /** Whether libtorch computes. */
    boolean isTorch() {
        return kind != Kind.CPU;
    }

    /** What the driver tells of the GPU, if it is one and there. */
    Optional<Gpu> gpu() {
        return kind == Kind.CUDA ? Gpu.of(index) : Optional.empty();
    }

    TorchDevice torch() {
        return kind == Kind.CUDA ? TorchDevice.cuda(index) : TorchDevice.cpu();
    }

    @Override
    public String toString() {
        String name = kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
        return kind == Kind.CUDA ? name + ":" + index : name;
    }
}
