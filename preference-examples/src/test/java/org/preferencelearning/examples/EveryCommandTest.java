package org.preferencelearning.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** What holds of every command there is, found by reflection; a new one must be added to {@link TinyInputs}. */
class EveryCommandTest {
    /** Options that name rows to read. */
    private static final Set<String> ROWS = Set.of("--data", "--train-dir", "--dataset-path");

    @TempDir
    static Path folder;

    private static final Map<String, CommandRun> RUNS = new HashMap<>();
    private static final Map<String, String> OUTCOMES = new HashMap<>();

    private static TinyInputs inputs;

    @BeforeAll
    static void makeInputs() {
        inputs = new TinyInputs(folder);
    }

    static Set<String> commands() {
        Set<String> names = new TreeSet<>(commandLine().getSubcommands().keySet());
        names.remove("help");
        return names;
    }

    private static CommandLine commandLine() {
        return Preference.commandLine(System.out);
    }

    private static boolean has(String command, String option) {
        return commandLine()
                .getSubcommands()
                .get(command)
                .getCommandSpec()
                .optionsMap()
                .containsKey(option);
    }

    @Test
    void everyCommandHasTinyInputs() {
        assertThat(TinyInputs.lines().keySet()).isEqualTo(commands());
    }

    @ParameterizedTest
    @MethodSource("commands")
    void helpNamesTheCommonOptionsAndEveryDefault(String command) {
        CommandRun run = CommandRun.of(command, "--help");
        assertThat(run.code()).isZero();
        assertThat(run.out())
                .contains("--json", "--verbose", "Usage: preference " + command)
                .doesNotContain("null");
    }

    @ParameterizedTest
    @MethodSource("commands")
    void theLastLineOfTheResultIsOneJsonObjectThatCountsTheRows(String command) {
        CommandRun run = usual(command);
        JsonNode json = run.json();
        assertThat(json.isObject()).isTrue();
        assertThat(json).isNotEmpty();
        requireSortedKeys(json);
        assertThat(run.out()).doesNotContain("NaN").doesNotContain("Infinity");
        boolean reads = command.equals("evaluate")
                || ROWS.stream().anyMatch(TinyInputs.lines().get(command)::contains);
        assertThat(json.path("rows").path("used").isInt()).isEqualTo(reads);
        assertThat(json.path("rows").path("leftOut").isObject()).isEqualTo(reads);
        assertThat(run.out().contains("\nrows: ")).isEqualTo(reads);
    }

    @ParameterizedTest
    @MethodSource("commands")
    void aSeedIsOfferedOnlyWhereItChangesTheResult(String command) {
        if (!has(command, "--seed")) {
            CommandRun refused = run(command, "--seed=1");
            assertThat(refused.code()).isEqualTo(Failures.BAD_INPUT);
            assertThat(refused.err()).contains("Unknown option: '--seed=1'");
            return;
        }
        usual(command);
        String first = OUTCOMES.get(command);
        assertThat(outcome(run(command, "--seed", "41"))).isEqualTo(first);
        assertThat(outcome(run(command, "--seed", "42"))).isNotEqualTo(first);
    }

    /** A command's run without more options; made once. */
    private static CommandRun usual(String command) {
        return RUNS.computeIfAbsent(command, name -> {
            CommandRun run = run(name);
            OUTCOMES.put(name, outcome(run));
            return run;
        });
    }

    /** The result and what was written, but for times and for the seed itself. */
    private static String outcome(CommandRun run) {
        JsonNode json = run.json();
        forget(json, Set.of("seed", "seconds", "fingerprint"));
        List<String> written = new ArrayList<>();
        if (Files.exists(out())) {
            try (Stream<Path> files = Files.walk(out())) {
                for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                    written.add(file.getFileName() + " "
                            + MoreFiles.asByteSource(file).hash(Hashing.sha256()));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return json + "\n" + written;
    }

    private static void forget(JsonNode node, Set<String> names) {
        if (node instanceof ObjectNode object) {
            object.remove(names);
        }
        node.forEach(child -> forget(child, names));
    }

    private static CommandRun run(String command, String... more) {
        deleteOut();
        List<String> arguments =
                new ArrayList<>(inputs.arguments(TinyInputs.lines().get(command)));
        arguments.add("--json");
        arguments.addAll(Arrays.asList(more));
        CommandRun run = CommandRun.of(arguments);
        if (more.length == 0) {
            assertThat(run.code()).as(run.out() + run.err()).isZero();
        }
        return run;
    }

    private static Path out() {
        return folder.resolve("out");
    }

    private static void deleteOut() {
        try {
            if (Files.exists(out())) {
                MoreFiles.deleteRecursively(out(), RecursiveDeleteOption.ALLOW_INSECURE);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void requireSortedKeys(JsonNode node) {
        if (node instanceof ObjectNode) {
            List<String> names = new ArrayList<>();
            node.fieldNames().forEachRemaining(names::add);
            assertThat(names).isSorted();
        } else if (!(node instanceof ArrayNode)) {
            return;
        }
        node.forEach(EveryCommandTest::requireSortedKeys);
    }
}
