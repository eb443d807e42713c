package org.preferencelearning.examples;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.preferencelearning.core.error.PreferenceException;
import org.preferencelearning.core.internal.memory.AvailableMemory;
import org.preferencelearning.gpt2.internal.compile.FusedOperations;
import org.preferencelearning.gpt2.internal.compile.HostFacts;
import org.preferencelearning.gpt2.internal.torch.Gpu;
import org.preferencelearning.gpt2.internal.torch.TorchLibrary;
import org.preferencelearning.gpt2.model.ComputeDevice;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Tells what this machine computes with, and whether it computes right. */
@Command(
        name = "doctor",
        description = "Tell what there is to compute with, check every device that is found, and say what to do.")
final class DoctorCommand implements Callable<Integer> {
    /** Compute capability up to which ND4J's own CUDA backend has code. */
    private static final int ND4J_CUDA_MAJOR = 8;

    private final Output output;

    @Mixin
    private CommonOptions options;

    DoctorCommand(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        Map<String, Object> facts = new LinkedHashMap<>();
        List<String> todo = new ArrayList<>();
        facts.put("processor", HostFacts.processor());
        facts.put("processors", Runtime.getRuntime().availableProcessors());
        facts.putAll(HostFacts.libraries());
        AvailableMemory memory = AvailableMemory.now();
        facts.put("memory", String.format(Locale.ROOT, "%.1f GB", memory.bytes() / 1e9) + ": " + memory.limit());
        if (!FusedOperations.available()) {
            todo.add("oneDNN is not there, so transformers run on ND4J's operations, several times slower:"
                    + " put org.bytedeco:dnnl of this platform on the class path");
        }
        Optional<Gpu> gpu = Gpu.of(0);
        facts.put("gpu", gpu.map(Gpu::toString).orElse("none that a driver of NVIDIA tells of"));
        facts.put("nd4jCuda", nd4jCuda(gpu));
        List<ComputeDevice> devices = new ArrayList<>(List.of(ComputeDevice.cpu()));
        addTorch(gpu, devices, facts, todo);
        boolean right = check(devices, facts, todo);
        facts.put("todo", todo);
        output.result(text(facts), facts, options.json);
        return right ? Preference.DONE : Preference.CHECK_FAILED;
    }

    private static String nd4jCuda(Optional<Gpu> gpu) {
        if (!HostFacts.hasNd4jCuda()) {
            return "not on the class path, and not needed";
        }
        String runs = "runs on compute capability 3.7 to 8.x";
        return gpu.map(found -> found.major() > ND4J_CUDA_MAJOR
                        ? "cannot start on this GPU: it " + runs
                        : "on the class path: it " + runs)
                .orElse("on the class path, and no GPU to run on");
    }

    /** What libtorch there is, and the devices that it brings. */
    private static void addTorch(
            Optional<Gpu> gpu, List<ComputeDevice> devices, Map<String, Object> facts, List<String> todo) {
        try {
            TorchLibrary library = TorchLibrary.loaded();
            facts.put("libtorch", library + (library.hasCuda() ? ", with CUDA" : ", without CUDA"));
            devices.add(ComputeDevice.torchCpu());
            if (library.hasCuda()) {
                devices.add(ComputeDevice.cuda(0));
            } else if (gpu.isPresent()) {
                todo.add("for the GPU, libtorch must be a build for CUDA, such as 'pip install torch' brings: "
                        + library + " is not");
            }
        } catch (PreferenceException e) {
            facts.put("libtorch", "none");
            if (gpu.isPresent()) {
                todo.add("for the GPU: " + e.getMessage());
            }
        }
    }

    private static boolean check(List<ComputeDevice> devices, Map<String, Object> facts, List<String> todo) {
        boolean right = true;
        Map<String, Object> checks = new LinkedHashMap<>();
        for (ComputeDevice device : devices) {
            try {
                DeviceCheck found = DeviceCheck.of(device);
                checks.put(device.toString(), found);
                if (!found.right()) {
                    right = false;
                    todo.add("do not use " + device + ": " + found);
                }
            } catch (PreferenceException e) {
                checks.put(device.toString(), e.getMessage());
                todo.add(device + " cannot be used: " + e.getMessage());
            }
        }
        facts.put("checks", checks);
        return right;
    }

    private static String text(Map<String, Object> facts) {
        StringBuilder text = new StringBuilder();
        facts.forEach((name, value) -> {
            if (value instanceof Map<?, ?> checks) {
                checks.forEach((device, found) -> line(text, device, found));
            } else if (value instanceof List<?> todo) {
                text.append(todo.isEmpty() ? "nothing to do" : "");
                todo.forEach(each -> line(text, "to do", each));
            } else {
                line(text, name, value);
            }
        });
        return text.toString().stripTrailing();
    }

    private static void line(StringBuilder text, Object name, Object value) {
        text.append(String.format(Locale.ROOT, "%-12s%s%n", name, value));
    }
}
