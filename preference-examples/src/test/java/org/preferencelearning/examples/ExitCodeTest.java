package org.preferencelearning.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.testkit.OldJavaCpp;

/** Exit codes, standard output and standard error as a shell sees them. */
class ExitCodeTest {
    private static final String CLASS_PATH =
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));

    @TempDir
    Path folder;

    private record Ended(int code, String out, String err) {}

    private Ended run(String classPath, String heap, Path out, String... arguments)
            throws IOException, InterruptedException {
        return ended(start(classPath, heap, out, arguments), out);
    }

    private Process start(String classPath, String heap, Path out, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath,
                Preference.class.getName()));
        if (Runtime.version().feature() >= 24) {
            // as the launcher does: JavaCPP reads memory by a class of which these warn
            command.add(1, "--sun-misc-unsafe-memory-access=allow");
        }
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(folder.resolve("err").toFile())
                .start();
    }

    private Ended ended(Process process, Path out) throws IOException, InterruptedException {
        int code = process.waitFor();
        return new Ended(
                code, Files.isRegularFile(out) ? Files.readString(out) : "", Files.readString(folder.resolve("err")));
    }

    private Ended run(String heap, String... arguments) throws IOException, InterruptedException {
        return run(CLASS_PATH, heap, folder.resolve("out"), arguments);
    }

    @Test
    void aResultIsAllThatGoesToStandardOutput() throws IOException, InterruptedException {
        Ended ended = run("256m", "plan", "--gflops", "100", "--json");
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.err()).isEmpty();
        List<String> lines = ended.out().lines().toList();
        assertThat(new ObjectMapper().readTree(lines.get(lines.size() - 1)).get("plans"))
                .isNotEmpty();
    }

    @Test
    void badInputIsTwoAndOneLineOnStandardError() throws IOException, InterruptedException {
        Ended ended = run("256m", "plan", "--gflops", "0");
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err().lines())
                .containsExactly("preference: setting '--gflops' is 0.0; allowed: a finite number above 0");
    }

    @Test
    void aHeapThatIsTooSmallIsTwoAndSaysTheCure() throws IOException, InterruptedException {
        Ended ended = run("24m", "sparse", "--sizes", "10000000", "--seeds", "1");
        assertThat(ended.code()).as(ended.err()).isEqualTo(2);
        assertThat(ended.err().lines()).hasSize(1);
        assertThat(ended.err()).startsWith("preference: the Java heap of ").contains("PREFERENCE_OPTS=-Xmx");
    }

    /** Without the natives that it is built with, the library cannot work: no input mends that. */
    @Test
    void aFaultOfTheLibraryIsSeventyAndAsksForAReport() throws IOException, InterruptedException {
        String without = Arrays.stream(CLASS_PATH.split(File.pathSeparator))
                .filter(path -> !path.contains("nd4j-native"))
                .collect(Collectors.joining(File.pathSeparator));
        Ended ended = run(without, "256m", folder.resolve("out"), "plan");
        assertThat(ended.code()).as(ended.err()).isEqualTo(70);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err())
                .contains("preference: this is a fault of the library")
                .contains("--verbose")
                .doesNotContain("\tat ");
    }

    @Test
    void anOlderJavaCppThanTheNativesNeedIsTwoAndSaysWhichIsNeeded() throws Exception {
        String older = OldJavaCpp.in(folder) + File.pathSeparator + CLASS_PATH;
        Ended ended = run(older, "256m", folder.resolve("out"), "plan");
        assertThat(ended.code()).as(ended.err()).isEqualTo(2);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err().lines())
                .singleElement()
                .asString()
                .startsWith("preference: the class path holds org.bytedeco:javacpp 1.5.7, its natives for ")
                .contains("needed: 1.5.14 or later");
    }

    /** As a shell has it: 128 and the signal's number. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void aRunThatIsAskedToStopSavesSaysSoAndTellsItFromAFailure() throws IOException, InterruptedException {
        Path run = folder.resolve("run");
        Process process = start(
                CLASS_PATH,
                "256m",
                folder.resolve("out"),
                ("sparse --sizes 400,800 --seeds 500 --dimension 20 --out " + run).split(" "));
        while (process.isAlive() && finished(run) == 0) {
            Thread.sleep(10);
        }
        process.destroy();
        Ended ended = ended(process, folder.resolve("out"));
        assertThat(ended.code()).as(ended.err()).isEqualTo(143);
        assertThat(ended.err()).contains("stopped as asked: ").contains("resume it to go on");
        assertThat(finished(run)).isBetween(1, 4999);
        assertThat(CommandRun.of("runs", run.toString()).out()).contains(" of 5000 cells  resumable, since ");
    }

    /** What the training's metrics were so far is kept; what stood in the place of the model is as it was. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void aTrainingThatIsAskedToStopSaysThatNothingIsSavedAndKeepsItsMetrics() throws IOException, InterruptedException {
        Path pairs = Files.write(
                folder.resolve("pairs.jsonl"),
                IntStream.range(0, 40)
                        .mapToObj(
                                i -> "{\"prompt\": \"q %d\", \"chosen\": \" yes\", \"rejected\": \" no\"}".formatted(i))
                        .toList());
        Path metrics = folder.resolve("metrics.jsonl");
        Process process = start(
                CLASS_PATH,
                "512m",
                folder.resolve("out"),
                ("sft --layers 1 --width 8 --heads 2 --max-length 16 --batch-size 2 --num-train-epochs 100000 --data "
                                + pairs
                                + " --format PROMPT_CHOSEN_REJECTED --out " + folder.resolve("model") + " --metrics "
                                + metrics)
                        .split(" "));
        while (process.isAlive() && !Files.readString(folder.resolve("err")).contains("loss")) {
            Thread.sleep(10);
        }
        process.destroy();
        Ended ended = ended(process, folder.resolve("out"));
        assertThat(ended.code()).as(ended.err()).isEqualTo(143);
        assertThat(ended.err())
                .contains("stopped as asked after update ")
                .contains("; the model is not saved, the metrics so far are in " + metrics);
        assertThat(Files.readAllLines(metrics)).isNotEmpty().allMatch(line -> line.contains("\"step\":"));
        assertThat(folder.resolve("model")).doesNotExist();
    }

    private static int finished(Path run) throws IOException {
        if (!Files.isDirectory(run.resolve("tasks"))) {
            return 0;
        }
        try (Stream<Path> tasks = Files.list(run.resolve("tasks"))) {
            return (int) tasks.filter(task -> !task.getFileName().toString().startsWith("."))
                    .count();
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aResultThatCannotBeWrittenIsNoSuccess() throws IOException, InterruptedException {
        Ended ended = run(CLASS_PATH, "256m", Path.of("/dev/full"), "plan", "--gflops", "100");
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.err()).contains("the result cannot be written to standard output");
    }
}
