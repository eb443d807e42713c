package org.preferencelearning.core.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Chooses between the native builds of ND4J's CPU backend that may lie beside the plain one; Linux on x86-64 alone has some. */
final class NativeVariant {
    /** JavaCPP's: what is added to the platform's name, from there on. */
    static final String PROPERTY = "org.bytedeco.javacpp.platform.extension";

    private static final Path PROCESSOR = Path.of("/proc/cpuinfo");

    private static final String BUILD = "org/nd4j/linalg/cpu/nativecpu/bindings/linux-x86_64%s/libjnind4jcpu.so";

    private NativeVariant() {}

    /** Extension of the fastest that this processor supports and that is on the class path. */
    static Optional<String> fastest() {
        if (!System.getProperty("os.name").equals("Linux")
                || !System.getProperty("os.arch").equals("amd64")
                || System.getProperty("org.bytedeco.javacpp.platform") != null) {
            return Optional.empty();
        }
        return supported(processorFlags()).stream()
                .filter(variant -> isPresent(BUILD.formatted(variant)))
                .findFirst();
    }

    /** Extensions of builds for a processor with {@code flags}, fastest first. */
    static List<String> supported(List<String> flags) {
        if (flags.contains("avx512bw")) {
            return List.of("-onednn-avx512", "-avx512", "-onednn-avx2", "-avx2");
        }
        return flags.contains("avx2") ? List.of("-onednn-avx2", "-avx2") : List.of();
    }

    private static List<String> processorFlags() {
        try {
            return Files.readAllLines(PROCESSOR).stream()
                    .filter(line -> line.startsWith("flags"))
                    .findFirst()
                    .map(line -> List.of(line.split("\\s+")))
                    .orElse(List.of());
        } catch (IOException e) {
            return List.of();
        }
    }

    private static boolean isPresent(String resource) {
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        return NativeVariant.class.getClassLoader().getResource(resource) != null
                || (context != null && context.getResource(resource) != null);
    }
}
