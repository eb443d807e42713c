package org.preferencelearning.core.internal.runtime;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prepares this process for ND4J's native libraries, which read their settings once, when they are loaded:
 *
 * <ul>
 *   <li>the environment variables {@code OMP_WAIT_POLICY=PASSIVE} and {@code GOMP_SPINCOUNT=2000}: threads of OpenMP and of
 *       OpenBLAS that wait and spin take the processor from those that work, and training takes several times as long;
 *   <li>the variable {@code OPENBLAS_CORETYPE}, where the processor has AVX2 or AVX-512: ND4J's OpenBLAS does not know processors
 *       that are newer than itself, and multiplies on them at a tenth of their speed;
 *   <li>glibc's {@code M_MMAP_THRESHOLD} at 128 KiB: freed tensors go back to the system at once;
 *   <li>the properties {@code org.bytedeco.javacpp.maxbytes} and {@code maxphysicalbytes} at 0 (no limit): JavaCPP would stop
 *       at twice the heap's size, but tensors live outside the heap.
 * </ul>
 *
 * Before that it checks that JavaCPP, through which they are called, is of a release that they run on. What the user has set, as a
 * variable or a property, is never changed. Whatever loads or makes a model, or evaluates or differentiates a graph in this
 * library, calls {@link #prepare()} first; a program that uses ND4J before that calls it itself.
 */
public final class NativeRuntime {
    private static final Logger LOG = LoggerFactory.getLogger(NativeRuntime.class);

    private static final Map<String, String> VARIABLES = Map.of("OMP_WAIT_POLICY", "PASSIVE", "GOMP_SPINCOUNT", "2000");
    private static final int MMAP_THRESHOLD = 128 << 10;

    private static boolean prepared;

    private NativeRuntime() {}

    /**
     * Applies the settings; further calls do nothing. Thread-safe. Where a native library was loaded before and so missed its
     * settings, or the environment cannot be changed, one warning says which settings are missing and the cure. On Linux alone
     * it can be told that a library was loaded before.
     *
     * @throws org.preferencelearning.core.error.NativeReleaseException if JavaCPP's release does not fit, at every call
     */
    public static synchronized void prepare() {
        if (prepared) {
            return;
        }
        NativeReleases.check();
        prepared = true;
        LoadedLibraries loaded = LoadedLibraries.now();
        List<String> missing = new ArrayList<>(setVariables(loaded.contain("libgomp")));
        if (!loaded.contain("libopenblas")) {
            chooseKernels();
        }
        missing.addAll(setProperties(loaded.contain("libjnijavacpp")));
        NativeReleases.silenceWarnings();
        if (!missing.isEmpty()) {
            LOG.warn(
                    "ND4J's native libraries run without these settings, several times slower or with less memory: {}. Call"
                            + " NativeRuntime.prepare() before anything that uses ND4J, or start the JVM with them: variables"
                            + " (capital letters) in its environment, properties by -D",
                    String.join(" ", missing));
        }
    }

    private static void chooseKernels() {
        NativeEnvironment.ofThisProcess()
                .filter(environment -> !environment.isSet(BlasKernels.VARIABLE))
                .ifPresent(environment -> BlasKernels.ofThisMachine()
                        .ifPresent(kernels -> environment.set(BlasKernels.VARIABLE, kernels)));
    }

    /** The kernels that OpenBLAS was told to use; empty where it chose. */
    public static Optional<String> blasKernels() {
        return variable(BlasKernels.VARIABLE);
    }

    /** A variable of the environment, as native libraries see it where that can be told. */
    private static Optional<String> variable(String name) {
        Optional<NativeEnvironment> environment = NativeEnvironment.ofThisProcess();
        return environment.isPresent() ? environment.get().get(name) : Optional.ofNullable(System.getenv(name));
    }

    /** How threads of native libraries wait for each other: the variables that say so, as these libraries see them. */
    public static String waiting() {
        return VARIABLES.keySet().stream()
                .sorted()
                .map(name -> name + "=" + variable(name).orElse(""))
                .collect(Collectors.joining(" "));
    }

    /** The variables that are not set and cannot be any more. */
    private static List<String> setVariables(boolean late) {
        Optional<NativeEnvironment> environment = NativeEnvironment.ofThisProcess();
        List<String> missing = new ArrayList<>();
        VARIABLES.forEach((name, value) -> {
            boolean set = environment.map(e -> e.isSet(name)).orElse(System.getenv(name) != null);
            if (!set && (late || environment.isEmpty())) {
                missing.add(name + "=" + value);
            } else if (!set) {
                environment.get().set(name, value);
            }
        });
        environment
                .filter(e -> !e.isSet("MALLOC_MMAP_THRESHOLD_"))
                .filter(e -> !System.getenv().getOrDefault("GLIBC_TUNABLES", "").contains("malloc.mmap_threshold"))
                .ifPresent(e -> e.mmapThreshold(MMAP_THRESHOLD));
        return missing;
    }

    /** The properties that are not set and cannot be any more. */
    private static List<String> setProperties(boolean late) {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("org.bytedeco.javacpp.maxbytes", "0");
        properties.put("org.bytedeco.javacpp.maxphysicalbytes", "0");
        // JavaCPP knows these names in two spellings.
        properties.keySet().removeIf(name -> System.getProperties().stringPropertyNames().stream()
                .anyMatch(name::equalsIgnoreCase));
        if (late) {
            return properties.entrySet().stream()
                    .map(property -> property.getKey() + "=" + property.getValue())
                    .toList();
        }
        properties.forEach(System::setProperty);
        return List.of();
    }
}
