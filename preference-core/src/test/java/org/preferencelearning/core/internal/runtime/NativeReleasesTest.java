package org.preferencelearning.core.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.nio.file.Path;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.preferencelearning.core.error.NativeReleaseException;
import org.preferencelearning.core.testkit.ChildJvm;
import org.preferencelearning.core.testkit.OldJavaCpp;

class NativeReleasesTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"1.5.14,1.5.14", "1.5.15,1.5.15", "1.6,1.6", "1.5.14.1,1.5.14.1", "2,2", ",1.5.14", "1.5.14,", ","})
    void partsOfOneReleaseThatIsNewEnoughFit(String ofJava, String ofNatives) {
        assertThatCode(() -> NativeReleases.require(
                        Optional.ofNullable(ofJava), Optional.ofNullable(ofNatives), "linux-x86_64"))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({"1.5.7,1.5.7", "1.5.14,1.5.7", "1.5.7,1.5.14", "1.5.15,1.5.14", "1.5,1.5", "1.4.99,1.4.99", ",1.5.13"})
    void othersAreRefusedWithWhatIsThereAndWhatIsNeeded(String ofJava, String ofNatives) {
        assertThatThrownBy(() -> NativeReleases.require(
                        Optional.ofNullable(ofJava), Optional.ofNullable(ofNatives), "linux-arm64"))
                .isInstanceOfSatisfying(NativeReleaseException.class, failure -> assertThat(failure.library())
                        .isEqualTo("org.bytedeco:javacpp"))
                .hasMessageContaining("its natives for linux-arm64 " + ofNatives)
                .hasMessageContaining(ofJava == null ? "an unknown release" : "javacpp " + ofJava + ",")
                .hasMessageContaining("needed: 1.5.14 or later, of both the same");
    }

    @Test
    void thoseOfTheClassPathAreFound() {
        ClassLoader loader = Loader.class.getClassLoader();
        assertThat(NativeReleases.release(loader, "org/bytedeco/javacpp/Loader.class"))
                .contains(NativeReleases.LEAST);
        assertThat(NativeReleases.release(
                        loader,
                        "org/bytedeco/javacpp/" + Loader.getPlatform() + "/" + System.mapLibraryName("jnijavacpp")))
                .contains(NativeReleases.LEAST);
        assertThat(NativeReleases.release(loader, "no/such/resource")).isEmpty();
    }

    @Test
    void aProcessWithAnOlderOneIsToldAtEveryCallBeforeNativesAreLoaded() throws Exception {
        ChildJvm.Result result = ChildJvm.of(PreparedTwice.class)
                .classPath(OldJavaCpp.in(folder) + File.pathSeparator + System.getProperty("java.class.path"))
                .run();
        assertThat(result.out().lines())
                .hasSize(2)
                .allMatch(
                        line -> line.startsWith("false the class path holds org.bytedeco:javacpp 1.5.7, its natives"));
    }

    /** Prints what comes of it. */
    static final class PreparedTwice {
        public static void main(String[] arguments) {
            for (int time = 0; time < 2; time++) {
                try {
                    NativeRuntime.prepare();
                } catch (NativeReleaseException e) {
                    System.out.println(LoadedLibraries.now().contain("libjnijavacpp") + " " + e.getMessage());
                }
            }
        }
    }
}
