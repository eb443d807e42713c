package org.preferencelearning.core.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.finite.FeatureMap;
import org.preferencelearning.core.finite.LogLinearPolicy;
import org.preferencelearning.core.loss.LossEvaluator;
import org.preferencelearning.core.loss.PreferenceLosses;
import org.preferencelearning.core.testkit.ChildJvm;

/**
 * Each case runs in a process of its own, whose libgomp is asked to print the settings that it has read. It prints PASSIVE for
 * no policy too, so the spin count is the proof.
 */
class NativeRuntimeTest {
    private static final String SPINS_LITTLE = "GOMP_SPINCOUNT = '2000'";
    private static final String WARNING = "ND4J's native libraries run without these settings";

    @BeforeEach
    void libgompIsAmongTheNativeLibraries() {
        assumeThat(System.getProperty("os.name") + " " + System.getProperty("os.arch"))
                .as("the system whose native build brings libgomp")
                .isEqualTo("Linux amd64");
    }

    @Test
    void theSettingsReachTheNativeLibraries() throws Exception {
        ChildJvm.Result result = child(Prepared.class).run();
        assertThat(result.err()).contains(SPINS_LITTLE).doesNotContain("WARN ", "Warning");
        assertThat(result.out().lines()).containsExactly("environment PASSIVE 2000", "bytes 0 0", "mapped alone true");
    }

    @Test
    void whatTheUserSetWins() throws Exception {
        ChildJvm.Result result = child(Prepared.class)
                .with("OMP_WAIT_POLICY", "ACTIVE")
                .with("GOMP_SPINCOUNT", "7")
                .with("MALLOC_MMAP_THRESHOLD_", "4194304")
                .options("-Dorg.bytedeco.javacpp.maxBytes=900m", "-Dorg.bytedeco.javacpp.maxphysicalbytes=3000m")
                .run();
        assertThat(result.err())
                .contains("OMP_WAIT_POLICY = 'ACTIVE'", "GOMP_SPINCOUNT = '7'")
                .doesNotContain("WARN ");
        assertThat(result.out().lines())
                .containsExactly(
                        "environment ACTIVE 7", "bytes " + (900L << 20) + " " + (3000L << 20), "mapped alone false");
    }

    @Test
    void whereNd4jWasLoadedBeforeOneWarningNamesWhatIsMissingAndTheCure() throws Exception {
        ChildJvm.Result result = child(PreparedTooLate.class).run();
        assertThat(result.err()).doesNotContain(SPINS_LITTLE);
        assertThat(result.err().lines().filter(line -> line.contains(WARNING)))
                .singleElement()
                .asString()
                .contains("OMP_WAIT_POLICY=PASSIVE", "GOMP_SPINCOUNT=2000", "maxphysicalbytes=0")
                .contains("NativeRuntime.prepare()");
        assertThat(result.out()).isEmpty();
    }

    @Test
    void nothingIsMissingWhereTheUserSetItAll() throws Exception {
        ChildJvm.Result result = child(PreparedTooLate.class)
                .with("OMP_WAIT_POLICY", "PASSIVE")
                .with("GOMP_SPINCOUNT", "2000")
                .options("-Dorg.bytedeco.javacpp.maxbytes=0", "-Dorg.bytedeco.javacpp.maxphysicalbytes=0")
                .run();
        assertThat(result.err()).contains(SPINS_LITTLE).doesNotContain("WARN ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"loss", "finite"})
    void entryPointsPrepareByThemselves(String entry) throws Exception {
        ChildJvm.Result result = child(EntryPoint.class).run(entry);
        assertThat(result.err()).contains(SPINS_LITTLE).doesNotContain("WARN ");
        assertThat(result.out()).isEqualTo("done" + System.lineSeparator());
    }

    private static ChildJvm child(Class<?> main) {
        return ChildJvm.of(main).with("OMP_DISPLAY_ENV", "VERBOSE");
    }

    /** By what OpenBLAS itself says: on processors that are newer than it, it would take the oldest kernels. */
    @Test
    void openBlasTakesTheKernelsOfTheProcessorUnlessTheUserSays() throws Exception {
        String kernels = BlasKernels.ofThisMachine().orElseThrow();
        assertThat(core(ChildJvm.of(Prepared.class))).isEqualToIgnoringCase(kernels);
        assertThat(core(ChildJvm.of(Prepared.class).with(BlasKernels.VARIABLE, "Nehalem")))
                .isEqualTo("Nehalem");
    }

    private static String core(ChildJvm process) throws Exception {
        ChildJvm.Result result = process.with("OPENBLAS_VERBOSE", "2").run();
        String said = result.out() + result.err();
        return said.lines()
                .filter(line -> line.startsWith("Core: "))
                .findFirst()
                .orElseThrow(() -> new AssertionError(said))
                .substring("Core: ".length())
                .strip();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "fpu avx avx2 fma avx512f avx512cd avx512bw avx512dq avx512vl amx_tile | SKYLAKEX",
                "fpu avx avx2 fma avx512f                                              | HASWELL",
                "fpu avx avx2                                                          |",
                "fpu sse2                                                              |",
            })
    void kernelsAreThoseThatAProcessorHasAllInstructionsOf(String flags, String kernels) {
        assertThat(BlasKernels.of(List.of("model name\t: any", "flags\t\t: " + flags, "power management:")))
                .isEqualTo(Optional.ofNullable(kernels));
        assertThat(BlasKernels.of(List.of("Features\t: fp asimd"))).isEmpty();
    }

    /** Prints what the native libraries have got. */
    static final class Prepared {
        public static void main(String[] arguments) throws ReflectiveOperationException {
            NativeRuntime.prepare();
            NativeRuntime.prepare();
            Nd4j.create(1).close();
            System.out.println("environment " + variable("OMP_WAIT_POLICY") + " " + variable("GOMP_SPINCOUNT"));
            System.out.println(
                    "bytes " + javaCpp("Pointer", "maxBytes") + " " + javaCpp("Pointer", "maxPhysicalBytes"));
            System.out.println("mapped alone " + isMappedAlone());
        }

        /** What JavaCPP goes by; it comes with ND4J, and is no dependency of this module's own. */
        private static Object javaCpp(String type, String method) throws ReflectiveOperationException {
            return Class.forName("org.bytedeco.javacpp." + type)
                    .getMethod(method)
                    .invoke(null);
        }

        /** As native code sees it. */
        private static String variable(String name) {
            return NativeLibrary.getProcess().getFunction("getenv").invokeString(new Object[] {name}, false);
        }

        /** Whether glibc maps an array of 1 MiB alone, after one such has been freed; by itself it would not again. */
        private static boolean isMappedAlone() {
            NativeLibrary c = NativeLibrary.getProcess();
            long mapped = 0;
            for (int time = 0; time < 2; time++) {
                Pointer memory = c.getFunction("malloc").invokePointer(new Object[] {1L << 20});
                mapped = memory.getLong(-Long.BYTES) & 2;
                c.getFunction("free").invokeVoid(new Object[] {memory});
            }
            return mapped != 0;
        }
    }

    /** Uses ND4J first, then asks for the settings, from two threads. */
    static final class PreparedTooLate {
        public static void main(String[] arguments) throws InterruptedException {
            Nd4j.create(1).close();
            Thread other = new Thread(NativeRuntime::prepare);
            other.start();
            NativeRuntime.prepare();
            other.join();
        }
    }

    /** Begins with one of the library's own calls. */
    static final class EntryPoint {
        public static void main(String[] arguments) {
            if (arguments[0].equals("loss")) {
                LossEvaluator.of(PreferenceLosses.named("sigmoid", 0.1));
            } else {
                LogLinearPolicy.uniform(FeatureMap.tabular(1, 2));
            }
            Nd4j.create(1).close();
            System.out.println("done");
        }
    }
}
