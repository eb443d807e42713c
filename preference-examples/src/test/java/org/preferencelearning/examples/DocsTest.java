package org.preferencelearning.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DocsTest {
    private static final Pattern TEST = Pattern.compile("`(\\w+Test)\\.(\\w+)`");

    @Test
    void everyPitfallNamesATestThatExistsOrAReason() throws IOException {
        List<String> rows = Files.readAllLines(Path.of("../docs/pitfalls.md")).stream()
                .filter(line -> line.matches("\\| \\d+ \\|.*"))
                .toList();
        assertThat(rows).hasSize(31);
        for (String row : rows) {
            Matcher named = TEST.matcher(row);
            boolean any = false;
            while (named.find()) {
                any = true;
                assertThat(source(named.group(1))).as(row).contains("void " + named.group(2) + "(");
            }
            assertThat(any || row.contains("cannot occur") || row.contains("Test`"))
                    .as(row)
                    .isTrue();
        }
    }

    private static String source(String test) throws IOException {
        for (String module : List.of("core", "core/testkit", "gpt2", "experiments", "examples")) {
            try (Stream<Path> files = Files.walk(Path.of("../preference-" + module + "/src/test/java"))) {
                List<Path> found =
                        files.filter(file -> file.endsWith(test + ".java")).toList();
                if (!found.isEmpty()) {
                    return Files.readString(found.get(0));
                }
            }
        }
        return "";
    }
}
