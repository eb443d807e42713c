package org.preferencelearning.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreferenceTest {
    private static final Path GOLDEN = Path.of("../preference-gpt2/src/test/resources/golden-tiny");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private PrintStream keptErr;

    @TempDir
    Path folder;

    @BeforeEach
    void captureErrors() {
        keptErr = System.err;
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void restoreErrors() {
        System.setErr(keptErr);
    }

    @Test
    void conformanceEndsWithOneJsonObject() throws IOException {
        assertThat(run("conformance", GOLDEN.toString(), "--json")).isZero();
        JsonNode result = lastLine();
        assertThat(result.get("passed").booleanValue()).isTrue();
        assertThat(result.get("compared").intValue()).isGreaterThan(400);
        assertThat(text()).contains("losses.sigmoid.mean").contains("0 failed, 0 not supported");
    }

    @Test
    void aFailedCheckExitsWithOne() throws IOException {
        for (Path file : list(GOLDEN)) {
            Files.copy(file, folder.resolve(file.getFileName()));
        }
        Path golden = folder.resolve("golden.json");
        Files.writeString(
                golden, Files.readString(golden).replaceFirst("\"policy_chosen\": \\[-", "\"policy_chosen\": [-1"));
        assertThat(run("conformance", folder.toString())).isEqualTo(1);
        assertThat(text()).contains("FAILED");
        Files.writeString(golden, "{\"beams\": 3, \"chosen\": []}");
        assertThat(run("conformance", folder.toString(), "--require-all")).isEqualTo(1);
    }

    @Test
    void badInputExitsWithTwoAndOneClearLine() throws IOException {
        assertThat(run("conformance", folder.toString())).isEqualTo(2);
        assertThat(errors())
                .contains("preference: ")
                .contains("golden.json: no such file")
                .doesNotContain("\tat ");

        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write("{\"chosen\": \"a\"}\n".repeat(5000).getBytes(StandardCharsets.UTF_8));
        }
        Path noField = Files.write(folder.resolve("a.jsonl.gz"), packed.toByteArray());
        assertThat(run("quickstart", "--data", noField.toString())).isEqualTo(2);
        assertThat(errors()).contains("a.jsonl.gz:1: field 'rejected' is missing");

        assertThat(run("quickstart", "--sizes", "100000")).isEqualTo(2);
        assertThat(errors()).contains("'sizes' is 100000");
    }

    @Test
    void badUsageExitsWithTwo() {
        assertThat(run("quikstart")).isEqualTo(2);
        assertThat(run("quickstart", "--no-such-option")).isEqualTo(2);
        assertThat(run("conformance")).isEqualTo(2);
    }

    @Test
    void quickstartEndsWithOneJsonObjectThatRepeatsToTheBit() throws IOException {
        String[] arguments = {"quickstart", "--sizes", "16", "--seeds", "1", "--json"};
        assertThat(run(arguments)).isZero();
        JsonNode first = lastLine();
        assertThat(first.get("cells")).hasSize(3);
        assertThat(first.get("cells").get(1).get("size").intValue()).isEqualTo(16);
        assertThat(first.get("cells").get(1).get("metrics").get("accuracy").doubleValue())
                .isBetween(0.0, 1.0);
        assertThat(text()).contains("reward model > DPO at size 16");
        assertThat(run(arguments)).isZero();
        assertThat(lastLine()).isEqualTo(first);
    }

    @Test
    void exactPrintsTheTableItsVerdictsAndOneJsonObject() throws IOException {
        assertThat(run("exact", "--json")).isZero();
        assertThat(text())
                .contains("2 policy mis-specified")
                .contains("supported")
                .doesNotContain("contradicted");
        assertThat(text())
                .containsSubsequence(
                        "Is the value of RLHF larger than that of DPO? Yes: the difference is +0.115 reward",
                        "Regularised value under the true reward",
                        "Claims");
        JsonNode policy = lastLine().get("cases").get(1);
        assertThat(exact(policy, "RLHF", "value")).isCloseTo(.7817, within(5e-4));
        assertThat(exact(policy, "DPO", "value")).isCloseTo(.6667, within(5e-4));
        assertThat(exact(policy, "best in class", "value")).isCloseTo(.7817, within(5e-4));
        assertThat(exact(policy, "best in class", "upper_bound")).isCloseTo(.7817, within(5e-4));
        assertThat(exact(policy, "optimum", "value")).isCloseTo(.9196, within(5e-4));
        assertThat(lastLine().get("identities")).hasSize(5);
    }

    private static double exact(JsonNode study, String method, String metric) {
        for (JsonNode cell : study.get("cells")) {
            if (cell.get("method").textValue().equals(method)) {
                return cell.get("metrics").get(metric).doubleValue();
            }
        }
        throw new AssertionError("no cell of " + method);
    }

    @Test
    void sparsePrintsTheErrorsTheSlopesAndOneJsonObject() throws IOException {
        assertThat(run("sparse", "--sizes", "500,1000", "--seeds", "2", "--json"))
                .isZero();
        assertThat(text()).contains("reconstructed").contains("slope").contains("RLHF l1+refit");
        assertThat(text())
                .containsSubsequence(
                        "Is the log error of RLHF l1+refit smaller than that of DPO l1 (size 500)?",
                        "d = 60, k = 3",
                        "Claims");
        assertThat(lastLine().get("cells")).hasSize(2 * 5 * 2);
        assertThat(lastLine().get("cells").get(1).get("seed").intValue()).isEqualTo(42);
        assertThat(lastLine().get("slopes").get("DPO l1").get("high").doubleValue())
                .isGreaterThan(lastLine().get("slopes").get("DPO l1").get("low").doubleValue());
    }

    @Test
    void theLauncherSaysWhatToRunWhereTheJarsAreMissing() throws IOException, InterruptedException {
        Path script = folder.resolve("preference-examples/bin/preference");
        Files.createDirectories(script.getParent());
        Files.copy(Path.of("bin/preference"), script);
        Process process = new ProcessBuilder("sh", script.toString(), "quickstart").start();
        String message = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isEqualTo(2);
        assertThat(message).contains("mvn -q -DskipTests package");
    }

    private int run(String... arguments) {
        out.reset();
        err.reset();
        return Preference.run(arguments, new PrintStream(out, true, StandardCharsets.UTF_8));
    }

    private String text() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String errors() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private JsonNode lastLine() throws IOException {
        List<String> lines = text().lines().toList();
        return new ObjectMapper().readTree(lines.get(lines.size() - 1));
    }

    private static List<Path> list(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.toList();
        }
    }
}
