package org.preferencelearning.core.internal.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which of OpenBLAS's kernels a processor can run. ND4J's release of OpenBLAS takes processors that are newer than itself for ones
 * without vector instructions of this century; a variable of the environment says what they are.
 */
final class BlasKernels {
    static final String VARIABLE = "OPENBLAS_CORETYPE";

    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
    private static final Set<String> OF_AVX512 =
            Set.of("avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl", "fma");
    private static final Set<String> OF_AVX2 = Set.of("avx2", "fma");

    private BlasKernels() {}

    /** The name of the kernels for this machine's processor; empty where the system does not tell, or OpenBLAS is to choose. */
    static Optional<String> ofThisMachine() {
        try {
            return Files.isReadable(PROCESSORS) ? of(Files.readAllLines(PROCESSORS)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** @param description of processors, as Linux has it on x86 */
    static Optional<String> of(List<String> description) {
        Set<String> flags = new HashSet<>();
        description.stream()
                .filter(line -> line.startsWith("flags"))
                .findFirst()
                .ifPresent(line -> flags.addAll(Arrays.asList(line.split("\\s+"))));
        if (flags.containsAll(OF_AVX512)) {
            return Optional.of("SKYLAKEX");
        }
        return flags.containsAll(OF_AVX2) ? Optional.of("HASWELL") : Optional.empty();
    }
}
