package org.preferencelearning.gpt2.internal.compile;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.dnnl.dnnl_version_t;
import org.bytedeco.dnnl.global.dnnl;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.internal.runtime.NativeRuntime;

/** What the processor computes with. */
public final class HostFacts {
    private static final String UNKNOWN = "unknown";
    private static final String ND4J_CUDA = "/org/nd4j/linalg/jcublas/JCublasBackend.class";

    private HostFacts() {}

    /** The libraries, their threads and how these wait, by name. Loads them. */
    public static Map<String, String> libraries() {
        NativeRuntime.prepare();
        Properties nd4j = Nd4j.getExecutioner().getEnvironmentInformation();
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("backend", "ND4J's " + nd4j.getProperty("backend", UNKNOWN));
        facts.put(
                "blas",
                nd4j.getProperty("blas.vendor", UNKNOWN) + " "
                        + version("org.bytedeco", "openblas").orElse("")
                        + NativeRuntime.blasKernels()
                                .map(kernels -> ", kernels " + kernels)
                                .orElse(""));
        facts.put("onednn", onednn());
        facts.put(
                "threads",
                Objects.toString(nd4j.get("omp.threads"), UNKNOWN) + " of OpenMP, "
                        + Objects.toString(nd4j.get("blas.threads"), UNKNOWN) + " of BLAS");
        facts.put("waiting", NativeRuntime.waiting());
        return facts;
    }

    private static String onednn() {
        if (!FusedOperations.available()) {
            return "none";
        }
        dnnl_version_t version = dnnl.dnnl_version();
        return version.major() + "." + version.minor() + "." + version.patch()
                + (FusedOperations.bfloat16() ? ", with bfloat16" : ", without bfloat16");
    }

    /** Whether ND4J's own CUDA backend is on the class path. */
    public static boolean hasNd4jCuda() {
        return HostFacts.class.getResource(ND4J_CUDA) != null;
    }

    /** The processor's name and the vector instructions that it has, where the system tells. */
    public static String processor() {
        Path file = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(file)) {
            return UNKNOWN;
        }
        try (Stream<String> lines = Files.lines(file)) {
            Map<String, String> first = new LinkedHashMap<>();
            lines.map(line -> line.split(":", 2))
                    .filter(parts -> parts.length == 2)
                    .forEach(parts -> first.putIfAbsent(parts[0].strip(), parts[1].strip()));
            String vectors = Stream.of(first.getOrDefault("flags", "").split(" "))
                    .filter(flag -> flag.startsWith("avx") || flag.startsWith("amx") || flag.equals("fma"))
                    .collect(Collectors.joining(" "));
            return first.getOrDefault("model name", UNKNOWN) + (vectors.isEmpty() ? "" : ": " + vectors);
        } catch (IOException e) {
            return UNKNOWN;
        }
    }

    /** Release of an artifact on the class path, as Maven wrote it into the jar. */
    public static Optional<String> version(String group, String artifact) {
        Properties properties = new Properties();
        String resource = "/META-INF/maven/" + group + "/" + artifact + "/pom.properties";
        try (InputStream in = HostFacts.class.getResourceAsStream(resource)) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Optional.ofNullable(properties.getProperty("version"));
    }
}
