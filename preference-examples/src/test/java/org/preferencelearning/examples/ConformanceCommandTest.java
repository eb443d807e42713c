package org.preferencelearning.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConformanceCommandTest {
    private static final Path GOLDEN = Path.of("../preference-gpt2/src/test/resources/golden-tiny");
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @TempDir
    Path folder;

    @Test
    void whatIsMissingIsSaidAndRefusedWhereAllIsRequired() throws IOException {
        for (String file : new String[] {"config.json", "policy.safetensors"}) {
            Files.copy(GOLDEN.resolve(file), folder.resolve(file));
        }
        ObjectNode golden =
                (ObjectNode) MAPPER.readTree(GOLDEN.resolve("golden.json").toFile());
        golden.retain("chosen", "prompt_lengths", "logps", "greedy");
        MAPPER.writeValue(folder.resolve("golden.json").toFile(), golden);

        assertThat(run("conformance", folder.toString(), "--json")).isZero();
        String text = out.toString(StandardCharsets.UTF_8);
        assertThat(text)
                .contains("4 compared, 0 failed, 0 not supported")
                .contains("left out: logps.policy_rejected (needs rejected), ")
                .contains("logps.reference_chosen (needs reference.safetensors)");
        JsonNode json = MAPPER.readTree(text.strip().lines().reduce((a, b) -> b).orElseThrow());
        assertThat(json.get("left_out")).hasSize(9);

        assertThat(run("conformance", folder.toString(), "--require-all")).isEqualTo(1);
    }

    private int run(String... arguments) {
        out.reset();
        return Preference.run(arguments, new PrintStream(out, true, StandardCharsets.UTF_8));
    }
}
