package org.preferencelearning.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.preferencelearning.core.data.RejectedRows;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.train.TrainingSettings;

class FailuresTest {
    private final StringWriter err = new StringWriter();

    private int failed(Throwable failure) {
        err.getBuffer().setLength(0);
        int code = new Failures(new PrintWriter(err), false).failed(failure);
        assertThat(err.toString().lines()).hasSize(1);
        assertThat(err.toString()).startsWith("preference: ").doesNotContain("\tat ");
        return code;
    }

    @Test
    void whatTheUserCanMendIsTwo() {
        assertThat(failed(new SettingException("--K", 0, "1"))).isEqualTo(2);
        assertThat(err.toString()).contains("'--K' is 0");
        assertThat(failed(new CompletionException(new SettingException("--K", 0, "1"))))
                .isEqualTo(2);
        assertThat(failed(new NoSuchFileException("a/b"))).isEqualTo(2);
        assertThat(err.toString()).contains("a/b: no such file or folder");
        assertThat(failed(new UncheckedIOException("a: a", new AccessDeniedException("a"))))
                .isEqualTo(2);
        assertThat(err.toString()).contains("a: no permission");
        assertThat(failed(new UncheckedIOException(new IOException("the pipe is\n\tbroken"))))
                .isEqualTo(2);
        assertThat(err.toString()).contains("the pipe is; broken");
    }

    @Test
    void memoryIsTheUsersAndTheCureDependsOnWhichItIs() {
        assertThat(failed(new OutOfMemoryError("Java heap space"))).isEqualTo(2);
        assertThat(err.toString()).contains("PREFERENCE_OPTS=-Xmx");
        // as JavaCPP says it, and as ND4J wraps it
        assertThat(failed(new RuntimeException(
                        new OutOfMemoryError("Cannot allocate new FloatPointer(9): totalBytes = 1"))))
                .isEqualTo(2);
        assertThat(err.toString()).contains("outside the Java heap");
    }

    @Test
    void allElseIsAFaultOfTheLibrary() {
        for (Throwable fault : List.of(
                new NullPointerException(),
                new ArithmeticException("/ by zero"),
                new StackOverflowError(),
                new IllegalStateException(new IOException("of its own")))) {
            assertThat(failed(fault)).isEqualTo(Failures.FAULT);
            assertThat(err.toString())
                    .contains("fault of the library", fault.getClass().getSimpleName(), "with the output of --verbose");
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void aResultThatIsNotFiniteIsRefusedBeforeAnythingIsPrinted(double value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Output output = new Output(new PrintStream(out, true, StandardCharsets.UTF_8));
        for (Object result : List.of(
                Map.of("a", List.of(Map.of("b", value))),
                Map.of("a", List.of(Map.of("b", OptionalDouble.of(value)))),
                Map.of("a", List.of(Map.of("b", (float) value))))) {
            for (boolean json : new boolean[] {true, false}) {
                assertThatThrownBy(() -> output.result("text", result, json))
                        .isInstanceOf(NonFiniteResultException.class)
                        .hasMessageContaining("'a.0.b' is " + value);
            }
        }
        assertThat(out.size()).isZero();
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    private record Backwards(int b, int a, OptionalDouble none) {}

    private record Holder(Backwards held) {}

    @Test
    void keysAreSortedAndWhatIsAbsentIsNull() throws IOException {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("z", new Holder(new Backwards(1, 2, OptionalDouble.empty())));
        map.put("c", new HashMap<>(Map.of("y", 1.0, "x", OptionalDouble.of(0.5))));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new Output(new PrintStream(out, true, StandardCharsets.UTF_8)).json(map);
        assertThat(out.toString(StandardCharsets.UTF_8).strip())
                .isEqualTo("{\"c\":{\"x\":0.5,\"y\":1.0},\"z\":{\"held\":"
                        + "{\"a\":2,\"b\":1,\"kind\":\"FailuresTest$Backwards\",\"none\":null}}}");
        assertThat(new ObjectMapper().readTree(out.toByteArray()).isObject()).isTrue();
    }

    @Test
    void rowsThatAreLeftOutAreCountedByReason() {
        Rows rows = Rows.read(8, RejectedRows.none().plus("bad"))
                .without("long", 2)
                .without("none of them", 0)
                .without(RejectedRows.none().plus("long").plus("tied"));
        assertThat(rows.used()).isEqualTo(4);
        assertThat(rows.leftOut()).isEqualTo(Map.of("bad", 1, "long", 3, "tied", 1));
        assertThat(rows).hasToString("rows: 4 used, 5 left out (bad: 1, long: 3, tied: 1)");
        assertThat(Rows.all(List.of(1, 2))).hasToString("rows: 2 used, 0 left out");
    }

    @Test
    void aUsualWarmUpThatLastsTheWholeTrainingIsShortenedWithAWarning() {
        TrainingSettings usual = TrainingSettings.defaults().withBatchSize(4, 4);
        usual = usual.withSchedule(usual.schedule(), 100);
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream kept = System.err;
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            Output output = new Output(kept);
            assertThat(new TrainingOptions().warmedUp(usual, 4 * 101, output)).isEqualTo(usual);
            assertThat(said.size()).isZero();
            assertThat(new TrainingOptions().warmedUp(usual, 4 * 100, output).warmupSteps())
                    .isEqualTo(10);
            assertThat(said.toString(StandardCharsets.UTF_8))
                    .contains("warning", "warm-up of 100 updates", "all 100 updates", "shortened to 10");
            assertThat(new TrainingOptions().warmedUp(usual, 1, output).warmupSteps())
                    .isZero();
        } finally {
            System.setErr(kept);
        }
    }

    @Test
    void anInputIsNeverAnOutput(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("in"), "x");
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);
        for (Path out : List.of(file, link, folder.resolve("./in"))) {
            assertThatThrownBy(() -> Outputs.checkFile("--out", out, true, null, "owner/name", file))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining("'--out' is " + out);
        }
        Outputs.checkFile("--out", folder.resolve("other"), false, file);
    }
}
