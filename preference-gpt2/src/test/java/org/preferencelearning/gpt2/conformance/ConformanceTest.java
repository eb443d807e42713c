package org.preferencelearning.gpt2.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.testkit.SharedFiles;
import org.preferencelearning.gpt2.compile.MatrixPrecision;

class ConformanceTest {
    private static final Path TINY = Path.of("src/test/resources/golden-tiny");

    @TempDir
    Path folder;

    @Test
    void aTwoLayerModelConforms() {
        ConformanceReport report = Conformance.check(TINY);
        assertThat(report.failures()).isEmpty();
        assertThat(report.unsupported()).isEmpty();
        assertThat(report.entries()).hasSizeGreaterThan(400);
        assertThat(report.passed()).isTrue();
    }

    @Test
    void aThreeLayerModelConforms() {
        ConformanceReport report = Conformance.check(SharedFiles.require("golden/small"));
        assertThat(report.failures()).isEmpty();
        assertThat(report.unsupported()).isEmpty();
        assertThat(report.entries()).hasSize(800);
    }

    /** Eight bits of mantissa: values move by their rounding, and by nothing that a wrong product would. */
    @Test
    void halfPrecisionIsOffByItsRounding() {
        assumeThat(MatrixPrecision.BFLOAT16.available())
                .as("this processor multiplies bfloat16")
                .isTrue();
        ConformanceReport report = Conformance.check(TINY, MatrixPrecision.BFLOAT16);
        assertThat(report.failures()).isNotEmpty();
        assertThat(report.entries())
                .filteredOn(entry -> entry.name().startsWith("logps"))
                .isNotEmpty()
                .allSatisfy(entry -> assertThat(entry.relative()).isLessThan(0.01));
    }

    @Test
    void aWrongValueIsFound() throws IOException {
        copyTiny();
        ObjectNode golden = golden();
        ObjectNode loss = (ObjectNode) golden.get("losses").get("sigmoid");
        loss.put("mean", loss.get("mean").doubleValue() * 1.001);
        write(golden);
        assertThat(Conformance.check(folder).failures())
                .extracting(ConformanceReport.Entry::name)
                .containsExactly("losses.sigmoid.mean");
    }

    @Test
    void aValueOfAnotherLengthIsFound() throws IOException {
        copyTiny();
        ObjectNode golden = golden();
        ((ObjectNode) golden.get("logps")).putArray("policy_chosen").add(0);
        write(golden);
        assertThat(Conformance.check(folder).failures())
                .extracting(ConformanceReport.Entry::name)
                .containsExactly("logps.policy_chosen");
    }

    @Test
    void whatIsMissingIsLeftOutAndWhatIsUnknownIsListed() throws IOException {
        copyTiny();
        Files.delete(folder.resolve("reward.safetensors"));
        ObjectNode golden = golden();
        golden.put("beam_search", 1);
        write(golden);
        ConformanceReport report = Conformance.check(folder);
        assertThat(report.unsupported()).containsExactly("beam_search");
        assertThat(report.entries()).noneMatch(entry -> entry.name().startsWith("reward"));
        assertThat(report.passed()).isTrue();
    }

    @Test
    void aFolderWithoutValuesIsRefused() {
        assertThatThrownBy(() -> Conformance.check(folder))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("golden.json: no such file");
    }

    @Test
    void aConfigWhoseHeadsDoNotDivideTheWidthIsRefused() throws IOException {
        copyTiny();
        ObjectNode config = (ObjectNode)
                new ObjectMapper().readTree(folder.resolve("config.json").toFile());
        config.put("n_head", 3);
        Files.write(folder.resolve("config.json"), new ObjectMapper().writeValueAsBytes(config));
        assertThatThrownBy(() -> Conformance.check(folder))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("config.json: ")
                .hasMessageContaining("'n_head' is 3")
                .hasMessageContaining("a divisor of n_embd, which is 16");
    }

    private ObjectNode golden() throws IOException {
        return (ObjectNode)
                new ObjectMapper().readTree(folder.resolve("golden.json").toFile());
    }

    private void write(ObjectNode golden) throws IOException {
        Files.write(folder.resolve("golden.json"), new ObjectMapper().writeValueAsBytes(golden));
    }

    private void copyTiny() throws IOException {
        try (Stream<Path> files = Files.list(TINY)) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
    }
}
