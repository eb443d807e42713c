package org.preferencelearning.examples.own;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The guide's blocks of code are declarations of this package's classes. With {@code -Dguide.update=true} the test writes them
 * into the guide.
 */
class GuideTest {
    private static final Path GUIDE = Path.of("../docs/guide.md");
    private static final Path SOURCES = Path.of("src/main/java/org/preferencelearning/examples/own");
    private static final Path TESTS = Path.of("src/test/java/org/preferencelearning/examples/own");
    private static final Pattern BLOCK =
            Pattern.compile("<!-- (\\w+\\.java): (\\w+) -->\n```java\n(.*?)```\n", Pattern.DOTALL);

    @Test
    void theGuidesCodeIsCompiledCode() throws IOException {
        String guide = Files.readString(GUIDE);
        String current = BLOCK.matcher(guide)
                .replaceAll(block -> Matcher.quoteReplacement("<!-- " + block.group(1) + ": " + block.group(2)
                        + " -->\n```java\n" + declaration(block) + "```\n"));
        if (Boolean.getBoolean("guide.update")) {
            Files.writeString(GUIDE, current);
            return;
        }
        assertThat(guide).as("run once with -Dguide.update=true").isEqualTo(current);
        List<MatchResult> blocks = BLOCK.matcher(guide).results().toList();
        assertThat(blocks).hasSizeGreaterThan(10);
        assertThat(guide.split("```java\n", -1))
                .as("blocks that are no declaration")
                .hasSize(blocks.size() + 1);
    }

    /** A record, class or method with its body, or a constant, at the left margin. */
    private static String declaration(MatchResult block) {
        String source;
        try {
            source = Files.readString((block.group(1).endsWith("Test.java") ? TESTS : SOURCES).resolve(block.group(1)));
        } catch (IOException e) {
            throw new AssertionError("the guide names " + block.group(1), e);
        }
        Matcher found = Pattern.compile(
                        "^    (?:public )?(?:static )?\\S+ " + block.group(2) + "(?:\\(| extends ).*?^    }\n"
                                + "|^    private static final \\S+ " + block.group(2) + " =.*?;\n",
                        Pattern.DOTALL | Pattern.MULTILINE)
                .matcher(source);
        assertThat(found.find())
                .as(block.group(1) + " declares " + block.group(2))
                .isTrue();
        return found.group().replaceAll("(?m)^    ", "");
    }
}
