package org.preferencelearning.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.preferencelearning.core.data.DuckDb;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.testkit.DuckDbJar;
import org.preferencelearning.experiments.study.DatasetSpec;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.model.Gpt2Policy;

/** Files of pairs as people have them, by the options that all commands share. */
class PairFilesTest {
    private static final Path DATA = Path.of("../preference-core/src/test/resources/data");
    private static final String COLUMNS =
            " --format PROMPT_CHOSEN_REJECTED --columns prompt=q,chosen=best,rejected=worst";

    @TempDir
    static Path folder;

    @BeforeAll
    static void inputs() throws IOException {
        Gpt2Config config = new Gpt2Config(50257, 64, 8, 1, 2, 1e-5, 50256);
        try (Gpt2Policy policy = Gpt2Policy.random(config, RandomSource.of(1))) {
            policy.save(folder.resolve("policy"));
        }
        Path set = Files.createDirectory(folder.resolve("set"));
        Files.writeString(set.resolve("a.csv"), "q,best,worst,who\n" + "Q1, yes, no,me\nQ2, yes, yes,\n");
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 22; i++) {
            rows.append("{\"q\":\"q").append(i).append("\",\"best\":\" good\",\"worst\":\" bad\"}\n");
        }
        Files.writeString(set.resolve("b.jsonl"), rows);
    }

    @AfterEach
    void forgetTheDriver() {
        System.clearProperty(DuckDb.PROPERTY);
    }

    private static CommandRun run(String line) {
        return CommandRun.of(
                List.of(line.replaceAll("\\{(\\w*)}", folder.toString().replace("\\", "\\\\") + "/$1")
                        .split(" ")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sft --model {policy} --max-length 16 --out {sftOut}",
                "train-rm --sft-model-name {policy} --output-dir {rmOut}",
                "generate --model {policy} --max-new-tokens 2 --K 1 --output-dir {generateOut}",
                "kl --model {policy} --ref-model {policy} --max-new-tokens 2",
            })
    void aFolderOfTablesAndLinesIsReadByItsColumns(String line) {
        CommandRun run = run(line + " --json --data {set}" + COLUMNS);
        assertThat(run.code()).as(run.toString()).isZero();
        JsonNode rows = run.json().get("rows");
        assertThat(rows.get("used").intValue()).isEqualTo(23);
        Map<String, Integer> files = new TreeMap<>();
        rows.get("files")
                .properties()
                .forEach(file -> files.put(
                        Path.of(file.getKey()).getFileName().toString(),
                        file.getValue().intValue()));
        assertThat(files).isEqualTo(Map.of("a.csv", 1, "b.jsonl", 22));
        assertThat(rows.get("leftOut").toString()).contains("\"equal responses\":1");
        assertThat(rows.get("unusedFields").toString()).isEqualTo("{\"who\":1}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"quickstart --sizes 8 --max-length 32", "data-size --data-size 8 --seeds 41"})
    void studiesReadByColumnsToo(String line) {
        CommandRun run = run(line + " --json --data {set}/b.*" + COLUMNS);
        assertThat(run.code()).as(run.toString()).isZero();
        assertThat(run.out()).contains("\"leftOut\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sft --model {policy} --out {no}",
                "train-rm --sft-model-name {policy} --output-dir {no}",
                "generate --model {policy} --max-new-tokens 2 --output-dir {no}",
                "kl --model {policy} --ref-model {policy} --max-new-tokens 2",
                "quickstart",
                "data-size",
                "online",
            })
    void aColumnThatNoRowHasIsRefusedWithThoseThatThereAre(String line) {
        CommandRun run = run(line + " --data {set} --format PROMPT_CHOSEN_REJECTED --columns prompt=q,chosen=better");
        assertThat(run.code()).as(run.toString()).isEqualTo(2);
        assertThat(run.err())
                .contains(
                        "no row has a column 'better', which is to stand for 'chosen'; columns there are: q, best, worst");
        CommandRun unknown = run(line + " --data {set}" + COLUMNS + ",answer=who");
        assertThat(unknown.code()).as(unknown.toString()).isEqualTo(2);
        assertThat(unknown.err()).contains("answer=who").contains("margin, prompt, rejected");
        assertThat(folder.resolve("no")).doesNotExist();
    }

    /** One set of names, in the help of all commands and by the programming interface. */
    @Test
    void formatsHaveTheSameNamesEverywhere() {
        TreeSet<String> names = Arrays.stream(DatasetSpec.Format.values())
                .map(Enum::name)
                .collect(Collectors.toCollection(TreeSet::new));
        List<String> offering = new ArrayList<>();
        for (String command : TinyInputs.lines().keySet()) {
            String help = run(command + " --help").out().replaceAll("\\s+", " ");
            if (!help.contains("--format")) {
                continue;
            }
            offering.add(command);
            String schema = help.replaceAll(".*--format=?.*?rows: ", "").replaceAll("\\(default: HH_RLHF.*", "");
            assertThat(new TreeSet<>(List.of(schema.strip().split(", "))))
                    .as(command)
                    .isEqualTo(names);
            assertThat(help).as(command).contains("--columns").contains("--duckdb");
        }
        assertThat(offering)
                .containsExactlyInAnyOrder("quickstart", "online", "data-size", "sft", "generate", "train-rm", "kl");
        assertThat(run("kl --data {set} --format KTO --model {policy} --ref-model {policy}")
                        .err())
                .contains("--format")
                .contains("CONVERSATIONS");
    }

    @Test
    void optionsOfAFileWithoutOneAreRefused() {
        for (String option : List.of("--format SHP", "--columns prompt=q")) {
            CommandRun run = run("quickstart " + option);
            assertThat(run.code()).isEqualTo(2);
            assertThat(run.err()).contains(option.split(" ")[0]).contains("nothing without --data");
        }
    }

    @Test
    void parquetIsReadByTheDriverThatIsNamed() throws IOException {
        String jar = DuckDbJar.require().toString();
        CommandRun run = run("generate --model {policy} --max-new-tokens 2 --K 1 --output-dir {chats} --data "
                + DATA.resolve("chats.parquet") + " --format ULTRAFEEDBACK_BINARIZED --duckdb " + jar);
        assertThat(run.code()).as(run.toString()).isZero();
        JsonNode written = new ObjectMapper().readTree(folder.resolve("chats").toFile());
        assertThat(written.at("/instances/0/prompt").textValue()).isEqualTo("\n\nHuman: Hi\n\nAssistant:");
        System.clearProperty(DuckDb.PROPERTY);
        CommandRun none = run(
                "kl --model {policy} --ref-model {policy} --max-new-tokens 2 --data " + DATA.resolve("chats.parquet"));
        assertThat(none.code()).isEqualTo(2);
        assertThat(none.err())
                .contains("it is a Parquet file")
                .contains("--duckdb")
                .contains(DuckDb.ARTIFACT);
        CommandRun absent = run("kl --model {policy} --ref-model {policy} --data {pairs} --duckdb {none}");
        assertThat(absent.code()).isEqualTo(2);
        assertThat(absent.err()).contains("--duckdb", "none' is no file; allowed: a jar");
    }

    /** What people call annotated rows, one a line. */
    @Test
    void annotatedLinesAreTrainedOn() throws IOException {
        Files.writeString(
                folder.resolve("lines"),
                "{\"prompt\":\"Q\",\"responses\":[\" a\",\" b\"],\"rewards\":[1,2]}\n"
                        + "{\"prompt\":\"R\",\"responses\":[\" a\",\" b\"],\"rewards\":[1,1]}\n");
        CommandRun run = run("train-dpo --model-name-or-path {policy} --ref-model {policy} --train-dir {lines}"
                + " --output-dir {dpo} --json");
        assertThat(run.code()).as(run.toString()).isZero();
        assertThat(run.json().get("pairs").intValue()).isEqualTo(1);
        assertThat(run.json().at("/rows/leftOut").toString()).isEqualTo("{\"equal rewards\":1}");
    }
}
