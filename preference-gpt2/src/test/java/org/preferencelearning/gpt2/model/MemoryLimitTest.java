package org.preferencelearning.gpt2.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.MemoryException;
import org.preferencelearning.core.error.PreferenceException;
import org.preferencelearning.core.internal.memory.AvailableMemory;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.LanguageModellingObjective;
import org.preferencelearning.core.train.Trainer;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.gpt2.graph.Gpt2Config;

/** What does not fit is refused with both figures; native libraries would take the process down. */
class MemoryLimitTest {
    private static final int REFUSED = 42;
    /** What the process leaves itself before it makes a model. */
    private static final long LEFT_BYTES = 500L << 20;

    @TempDir
    Path folder;

    /** Run by itself, with the size of a model as argument: makes it and trains it one step. */
    public static void main(String... arguments) throws IOException {
        Gpt2Config config =
                new Gpt2Config(512, 16, Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]), 16, 1e-5, 0);
        Path report = Path.of(arguments[2]);
        Pointer.malloc(Math.max(0, AvailableMemory.now().bytes() - LEFT_BYTES));
        try (Gpt2Policy policy = Gpt2Policy.random(config, RandomSource.of(1))) {
            Files.writeString(report, "made ");
            TokenSequence text = new TokenSequence(new int[] {1, 2, 3, 4}, 1);
            Trainer.train(
                    new LanguageModellingObjective(policy),
                    List.of(text),
                    TrainingSettings.defaults().withBatchSize(1, 1),
                    RandomSource.of(1),
                    step -> {});
            Files.writeString(report, "trained");
        } catch (PreferenceException e) {
            Files.writeString(report, (Files.exists(report) ? Files.readString(report) : "") + e);
            System.exit(REFUSED);
        }
    }

    /** The first does not fit, the second no longer when its moments are to be made, the last fits. */
    @EnabledOnOs(OS.LINUX)
    @ParameterizedTest
    @CsvSource({
        "1024, 12, 0, 42, MemoryException: a GPT-2 of n_layer 12, ulimit -v",
        "1024, 4, 0, 42, made org.preferencelearning.core.error.MemoryException: AdamW's moments, ulimit -v",
        "2048, 12, 1200m, 42, MemoryException: a GPT-2 of n_layer 12, maxphysicalbytes=0 lifts it",
        "64, 2, 0, 0, trained, trained",
    })
    void aLimitOfTheProcessEndsInATypedError(
            int width, int layers, String javaCpp, int code, String report, String limit)
            throws IOException, InterruptedException {
        Path written = folder.resolve("report");
        ProcessBuilder builder = new ProcessBuilder(
                "bash",
                "-c",
                "ulimit -v 4000000; exec \"$@\"",
                "bash",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx300m",
                "-XX:+UseSerialGC",
                // a crash, should there be one, is not to leave its report in the build
                "-XX:ErrorFile=" + folder.resolve("crash"),
                "-Dorg.bytedeco.javacpp.maxphysicalbytes=" + javaCpp,
                "-XX:ReservedCodeCacheSize=64m",
                "-XX:CompressedClassSpaceSize=64m",
                "-cp",
                System.getProperty("java.class.path"),
                MemoryLimitTest.class.getName(),
                Integer.toString(width),
                Integer.toString(layers),
                written.toString());
        builder.environment().put("MALLOC_ARENA_MAX", "2");
        Path output = folder.resolve("output");
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
        String text = Files.readString(output, StandardCharsets.UTF_8);
        assertThat(process.exitValue()).as(text).isEqualTo(code);
        assertThat(Files.readString(written)).contains(report).contains(limit);
        if (code == REFUSED) {
            assertThat(Files.readString(written))
                    .containsPattern("takes \\d\\.\\d{3} GB of memory .*; available: \\d\\.\\d{3} GB");
        }
    }

    @Test
    void aModelThatNoMachineHoldsIsRefusedAtOnce() {
        Gpt2Config config = new Gpt2Config(50257, 1024, 1 << 14, 300, 16, 1e-5, 50256);
        assertThatThrownBy(() -> Gpt2Policy.random(config, RandomSource.of(1)))
                .isInstanceOf(MemoryException.class)
                .hasMessageContaining("n_layer 300");
    }

    @Test
    void aPlanIsComparedWithWhatThereIs() {
        Gpt2Plan.training(Gpt2Config.nano(), ParameterSelection.all(), 2, 16, true)
                .requireAvailable();
        assertThatThrownBy(() -> Gpt2Plan.training(Gpt2Config.large(), ParameterSelection.all(), 4096, 1024, true)
                        .requireAvailable())
                .isInstanceOf(MemoryException.class)
                .hasMessageContaining("774,030,080 parameters");
    }
}
