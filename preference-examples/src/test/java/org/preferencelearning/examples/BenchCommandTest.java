package org.preferencelearning.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BenchCommandTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @Test
    void everyKindOfWorkPrintsOneLineOfItsOwn() throws IOException {
        List<JsonNode> lines =
                run("dpo reward score generate load --size nano --layers 1 --pairs 2 --length 16 --repeats 2 --warmup 1"
                        + " --prompts 2 --prompt-length 4 --new-tokens 3");
        assertThat(lines)
                .extracting(line -> line.get("work").textValue())
                .containsExactly("dpo", "reward", "score", "generate", "load");
        assertThat(lines).allSatisfy(line -> {
            assertThat(line.get("medianMillis").doubleValue()).isPositive();
            assertThat(line.get("fastestMillis").doubleValue())
                    .isLessThanOrEqualTo(line.get("medianMillis").doubleValue());
            assertThat(line.get("repeats").intValue()).isEqualTo(2);
            assertThat(line.get("peakResidentBytes").longValue()).isNotZero();
        });
        JsonNode dpo = lines.get(0);
        double seconds = dpo.get("medianMillis").doubleValue() / 1000;
        assertThat(dpo.get("pairsPerSecond").doubleValue() * seconds).isCloseTo(2, within(1e-9));
        assertThat(dpo.get("tokensPerSecond").doubleValue() * seconds).isCloseTo(64, within(1e-9));
    }

    @Test
    void optionsOfOtherWorksAreRefused() {
        for (String line : List.of(
                "bench score --new-tokens 5",
                "bench load --pairs 2",
                "bench generate --moments BFLOAT16",
                "bench dpo reward --samples 9")) {
            CommandRun refused = CommandRun.of(line.split(" "));
            assertThat(refused.code()).as(line).isEqualTo(2);
            assertThat(refused.err())
                    .contains(line.split(" --")[1].split(" ")[0], "nothing, unless one of the works is of");
        }
    }

    @Test
    void sequencesOfManyLengthsAreMeasuredOverWholePasses() throws IOException {
        JsonNode line = run("dpo --size nano --layers 1 --pairs 1 --length 20 --shortest 4 --repeats 20 --warmup 2")
                .get(0);
        assertThat(line.get("shortest").intValue()).isEqualTo(4);
        assertThat(line.get("repeats").intValue()).isEqualTo(30);
        assertThat(line.get("residentBytesPerUpdateStandardError").doubleValue())
                .isNotNegative();
    }

    @Test
    void theSlopeIsThatOfLeastSquares() {
        Map<String, Object> line = new LinkedHashMap<>();
        Measurement.addSlope(line, "slope", List.of(1L, 3L, 4L, 8L));
        assertThat((double) line.get("slope")).isCloseTo(2.2, within(1e-12));
        // residuals .3, .1, -1.1, .7; their squares 1.8 over 2 degrees of freedom; squares of the index 5
        assertThat((double) line.get("slopeStandardError")).isCloseTo(Math.sqrt(1.8 / 2 / 5), within(1e-12));
        Map<String, Object> constant = new LinkedHashMap<>();
        Measurement.addSlope(constant, "slope", List.of(5L, 5L, 5L));
        assertThat(constant).containsEntry("slope", 0.0).containsEntry("slopeStandardError", 0.0);
    }

    private List<JsonNode> run(String arguments) throws IOException {
        int code =
                Preference.run(("bench " + arguments).split(" "), new PrintStream(out, true, StandardCharsets.UTF_8));
        assertThat(code).isZero();
        List<JsonNode> lines = new ArrayList<>();
        for (String line : out.toString(StandardCharsets.UTF_8).lines().toList()) {
            lines.add(new ObjectMapper().readTree(line));
        }
        return lines;
    }
}
