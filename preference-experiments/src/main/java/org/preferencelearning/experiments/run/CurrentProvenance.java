package org.preferencelearning.experiments.run;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.preferencelearning.core.internal.runtime.NativeRuntime;
import org.preferencelearning.experiments.result.Provenance;
import org.preferencelearning.gpt2.internal.compile.HostFacts;
import org.preferencelearning.gpt2.model.Computing;

/** What this process computes with. */
final class CurrentProvenance {

    /** Fact: where models compute. */
    static final String DEVICE = "device";
    /** Fact: what the factors of their products are rounded to. */
    static final String PRECISION = "precision";

    /** Fact: how many threads a task has. */
    static final String THREADS = "threads";

    /** The variable of the environment that chooses it. */
    static final String THREADS_VARIABLE = "OMP_NUM_THREADS";

    private static final String DEFAULT_THREADS = "one a processor";
    private static final String PROCESSORS = "processors";
    /** Facts of the process, rather than of its models or its machine, on which bits depend. */
    private static final List<String> OF_BITS = List.of("library", "commit", "nd4j", "onednn", "tf32");

    private CurrentProvenance() {}

    /** Those facts that must be equal in all processes that compute a run, threads as a number. */
    static Map<String, String> ofBits(Provenance provenance) {
        Map<String, String> facts = provenance.facts();
        Map<String, String> bits = new LinkedHashMap<>();
        OF_BITS.forEach(name -> bits.put(name, facts.get(name)));
        String threads = requireNonNull(facts.get(THREADS), THREADS);
        bits.put(THREADS, threads.equals(DEFAULT_THREADS) ? facts.get(PROCESSORS) : threads);
        return bits;
    }

    static Provenance get() {
        Map<String, String> facts = new LinkedHashMap<>();
        Properties build = build();
        facts.put("library", build.getProperty("version", "unknown"));
        String commit = build.getProperty("commit", "");
        facts.put("commit", commit.matches("[0-9a-f]+") ? commit : "unknown");
        facts.put("java", System.getProperty("java.vendor") + " " + System.getProperty("java.version"));
        facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        facts.put("processor", HostFacts.processor());
        facts.put(PROCESSORS, Integer.toString(Runtime.getRuntime().availableProcessors()));
        facts.put(THREADS, System.getenv().getOrDefault(THREADS_VARIABLE, DEFAULT_THREADS));
        facts.put(DEVICE, Computing.standard().device().toString());
        facts.put(PRECISION, Computing.standard().precision().name());
        facts.put("tf32", "1".equals(System.getenv("TORCH_ALLOW_TF32_CUBLAS_OVERRIDE")) ? "allowed" : "no");
        facts.put("nd4j", HostFacts.version("org.nd4j", "nd4j-api").orElse("unknown"));
        NativeRuntime.blasKernels().ifPresent(kernels -> facts.put("blas kernels", kernels));
        facts.put("onednn", HostFacts.version("org.bytedeco", "dnnl").orElse("none"));
        return new Provenance(facts);
    }

    private static Properties build() {
        Properties properties = new Properties();
        try (InputStream in = CurrentProvenance.class.getResourceAsStream("build.properties")) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties;
    }
}
