package org.preferencelearning.examples;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.PreferenceException;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.internal.compile.FusedOperations;
import org.preferencelearning.gpt2.internal.torch.TorchLibrary;
import org.preferencelearning.gpt2.model.ComputeDevice;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.ParameterSelection;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Tells what this machine computes with, and whether it computes right. */
@Command(
        name = "doctor",
        description = "Tell what there is to compute with, check every device that is found, and say what to do.")
final class DoctorCommand implements Callable<Integer> {
    private static final Gpt2Config SHAPE = new Gpt2Config(500, 64, 64, 2, 4, 1e-5, 499);
    /** Of log-probabilities of about -6, a dozen of which are added up. */
    private static final double TOLERANCE = 1e-3;

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
        facts.put("processors", Runtime.getRuntime().availableProcessors());
        facts.put("onednn", FusedOperations.available());
        facts.put("bfloat16", FusedOperations.bfloat16());
        if (!FusedOperations.available()) {
            todo.add("oneDNN is not there, so transformers run on ND4J's operations, several times slower:"
                    + " put org.bytedeco:dnnl of this platform on the class path");
        }
        List<ComputeDevice> devices = new ArrayList<>(List.of(ComputeDevice.cpu()));
        try {
            TorchLibrary library = TorchLibrary.loaded();
            facts.put("libtorch", library.toString());
            facts.put("cuda", library.hasCuda());
            devices.add(ComputeDevice.torchCpu());
            if (library.hasCuda()) {
                devices.add(ComputeDevice.cuda(0));
            } else {
                todo.add("for a GPU, libtorch must be a build for CUDA, such as 'pip install torch' brings: " + library
                        + " is not");
            }
        } catch (PreferenceException e) {
            facts.put("libtorch", "none");
            facts.put("cuda", false);
            todo.add("for a GPU: " + e.getMessage());
        }
        Map<String, Object> errors = new LinkedHashMap<>();
        boolean right = true;
        for (ComputeDevice device : devices) {
            try {
                double error = error(device);
                errors.put(device.toString(), error);
                if (error > TOLERANCE) {
                    right = false;
                    todo.add("do not use " + device + ": its log-probabilities are off by " + error);
                }
            } catch (PreferenceException e) {
                errors.put(device.toString(), e.getMessage());
                todo.add(device + " cannot be used: " + e.getMessage());
            }
        }
        facts.put("errors", errors);
        facts.put("todo", todo);
        output.result(text(facts, errors, todo), facts, options.json);
        return right ? Preference.DONE : Preference.CHECK_FAILED;
    }

    /** Largest difference of a small model's log-probabilities from those in double precision. */
    private static double error(ComputeDevice device) {
        RandomSource random = RandomSource.of(1);
        List<TokenSequence> sequences = IntStream.range(0, 4)
                .mapToObj(i -> new TokenSequence(
                        IntStream.range(0, 20).map(t -> random.nextInt(500)).toArray(), 8))
                .toList();
        try (Gpt2Policy policy = Gpt2Policy.random(SHAPE, RandomSource.of(2), ParameterSelection.none());
                Gpt2Policy exact = policy.inDoublePrecision()) {
            policy.device(device);
            double[] found = policy.logProbabilities(sequences);
            double[] wanted = exact.logProbabilities(sequences);
            return IntStream.range(0, found.length)
                    .mapToDouble(i -> Math.abs(found[i] - wanted[i]))
                    .max()
                    .orElse(0);
        }
    }

    private static String text(Map<String, Object> facts, Map<String, Object> errors, List<String> todo) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(Locale.ROOT, "processors  %s%n", facts.get("processors")));
        text.append(String.format(Locale.ROOT, "oneDNN      %s%n", yes(facts.get("onednn"))));
        text.append(String.format(Locale.ROOT, "bfloat16    %s, in the processor%n", yes(facts.get("bfloat16"))));
        text.append(String.format(Locale.ROOT, "libtorch    %s%n", facts.get("libtorch")));
        text.append(String.format(Locale.ROOT, "CUDA        %s, in libtorch%n", yes(facts.get("cuda"))));
        errors.forEach((device, error) -> text.append(
                error instanceof Double off
                        ? String.format(Locale.ROOT, "%-12soff by %.1e at most, from double precision%n", device, off)
                        : String.format(Locale.ROOT, "%-12sno: %s%n", device, error)));
        text.append(
                todo.isEmpty() ? "nothing to do" : "to do: " + String.join(System.lineSeparator() + "to do: ", todo));
        return text.toString();
    }

    private static String yes(Object there) {
        return Boolean.TRUE.equals(there) ? "yes" : "no";
    }
}
