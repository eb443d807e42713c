package org.preferencelearning.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.preferencelearning.core.data.AnnotatedPrompt;
import org.preferencelearning.core.data.InstancesFile;
import org.preferencelearning.experiments.flagship.CaseBook;
import org.preferencelearning.experiments.study.StudyJson;
import org.preferencelearning.gpt2.graph.Gpt2Config;

/**
 * What the user can mend ends in one line and exit code 2, before the work. The models here have a shape and no weights: any
 * command that begins with the work complains of those instead.
 */
class BadInputTest {
    private static final String NO_WEIGHTS = "safetensors";

    @TempDir
    static Path folder;

    @BeforeAll
    static void makeInputs() throws IOException {
        Files.createDirectory(folder.resolve("hollow"));
        Files.writeString(
                folder.resolve("hollow/config.json"),
                new Gpt2Config(50257, 64, 8, 1, 2, 1e-5, 50256).toJson().toString());
        Files.createDirectory(folder.resolve("narrow"));
        Files.writeString(
                folder.resolve("narrow/config.json"),
                new Gpt2Config(100, 64, 8, 1, 2, 1e-5, 99).toJson().toString());
        Files.writeString(
                folder.resolve("pairs"),
                "{\"prompt\": \"Q\", \"chosen\": \" yes\", \"rejected\": \" no\"}\n".repeat(4));
        Files.writeString(
                folder.resolve("long"),
                "{\"prompt\": \"%s\", \"chosen\": \" yes\", \"rejected\": \" no\"}\n".formatted("word ".repeat(80)));
        Files.writeString(
                folder.resolve("twice"),
                Files.readString(folder.resolve("long")).repeat(2));
        Files.writeString(folder.resolve("empty"), "{\"type\": \"text_only\", \"instances\": []}");
        InstancesFile.write(
                folder.resolve("rewards"),
                List.of(AnnotatedPrompt.of("Q", List.of(" yes", " no")).withRewards(1, 0)));
        InstancesFile.write(folder.resolve("bare"), List.of(AnnotatedPrompt.of("Q", List.of(" yes", " no"))));
        InstancesFile.write(
                folder.resolve("tied"),
                List.of(AnnotatedPrompt.of("Q", List.of(" yes", " no")).withRewards(1, 1)));
        InstancesFile.write(folder.resolve("lengthy"), List.of(AnnotatedPrompt.of("Q", List.of("word ".repeat(80)))));
        Files.createDirectory(folder.resolve("keep"));
        Files.writeString(folder.resolve("keep/mine.txt"), "mine");
    }

    /** Names in braces stand for files in the test's folder. */
    private static CommandRun run(String line) {
        return CommandRun.of(
                List.of(line.replaceAll("\\{(\\w*)}", folder.toString().replace("\\", "\\\\") + "/$1")
                        .split(" ")));
    }

    private static void requireOneLine(CommandRun run, String expected) {
        assertThat(run.code()).as(run.err()).isEqualTo(Failures.BAD_INPUT);
        assertThat(run.err().lines()).as(run.err()).hasSize(1);
        assertThat(run.err())
                .startsWith("preference: ")
                .contains(expected)
                .doesNotContain("fault of the library")
                .doesNotContain(NO_WEIGHTS);
        assertThat(run.out()).isEmpty();
    }

    /** There is no Spark on this program's class path. */
    @Test
    void sparkIsAskedForBeforeTheWorkAndSaidHowToHaveIt() throws IOException {
        Files.writeString(folder.resolve("study"), StudyJson.write(CaseBook.policyMisspecified(1, 0.2)));
        requireOneLine(run("run {study} --out {sparks} --spark local[2]"), "'--spark' is local[2]");
        requireOneLine(run("run {study} --out {sparks} --spark local[2]"), "SPARK_HOME");
        requireOneLine(run("run {study} --spark local[2]"), "'--out' is missing");
        assertThat(folder.resolve("sparks")).doesNotExist();
    }

    private static final String DPO = "train-dpo --model-name-or-path {hollow} --ref-model {hollow} --output-dir {out}";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--batch-size 0                    | '--batch-size' is 0; allowed: a whole number of at least 1",
                "--batch-size -1                   | '--batch-size' is -1",
                "--batch-size 99999999999          | --batch-size",
                "--per-device-train-batch-size 0   | '--per-device-train-batch-size' is 0",
                "--num-train-epochs 0              | '--num-train-epochs' is 0",
                "--learning-rate 0                 | '--learning-rate' is 0.0; allowed: above 0 and at most 100.0",
                "--learning-rate 101               | '--learning-rate' is 101.0; allowed: above 0 and at most 100.0",
                "--learning-rate NaN               | '--learning-rate' is NaN",
                "--learning-rate Infinity          | '--learning-rate' is Infinity",
                "--weight-decay NaN                | '--weight-decay' is NaN",
                "--warmup-steps -1                 | '--warmup-steps' is -1.0",
                "--warmup-steps NaN                | '--warmup-steps' is NaN",
                "--warmup-steps 5                  | '--warmup-steps' is 5.0; allowed: 0 to 1, below the 2 updates of 1 examples",
                "--length-penalty NaN              | '--length-penalty' is NaN",
                "--length-penalty 1                | '--length-penalty' is 1.0; allowed: nothing, unless --choose-type",
                "--beta 0                          | 'beta' is 0.0",
                "--beta NaN                        | 'beta' is NaN",
                "--loss-type mine                  | 'loss' is mine; allowed: sigmoid",
                "--train nothing-known             | nothing-known",
                "--max-length 65                   | '--max-length' is 65; allowed: 2 to 64, the model's n_positions",
                "--max-length 1                    | '--max-length' is 1",
            })
    void trainingSettingsAreCheckedBeforeTheModelIsLoaded(String options, String expected) {
        requireOneLine(run(DPO + " --train-dir {rewards} " + options), expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--K 0                       | '--K' is 0",
                "--K 2147483647              | '--K' is 2147483647",
                "--max-new-tokens 0          | '--max-new-tokens' is 0",
                "--max-new-tokens 64         | '--max-new-tokens' is 64; allowed: 1 to 63, the model's n_positions",
                "--max-new-tokens 2147483647 | '--max-new-tokens' is 2147483647; allowed: 1 to 63",
                "--max-input-length 0        | '--max-input-length' is 0",
                "--temperature NaN           | '--temperature' is NaN",
                "--temperature -1            | '--temperature' is -1.0",
                "--top-p 0                   | '--top-p' is 0.0",
                "--top-p NaN                 | '--top-p' is NaN",
                "--top-k -1                  | '--top-k' is -1",
                "--data-size 0               | '--data-size' is 0",
                "--max-new-tokens 60 --data {long} | no prompt that can be used; rows: 0 used, 1 left out (prompt of more than",
            })
    void samplingSettingsAreCheckedBeforeTheModelIsLoaded(String options, String expected) {
        String data = options.contains("--data ") ? "" : " --data {pairs}";
        requireOneLine(
                run("generate --format PROMPT_CHOSEN_REJECTED --model {hollow} --output-dir {out} " + options + data),
                expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kl --model {hollow} --ref-model {hollow} --data {pairs} --format PROMPT_CHOSEN_REJECTED --max-new-tokens 99"
                        + " | '--max-new-tokens' is 99; allowed: 1 to 63",
                "kl --model {hollow} --ref-model {hollow} --data {long} --format PROMPT_CHOSEN_REJECTED --max-new-tokens 9"
                        + " | no prompt that can be used; rows: 0 used, 1 left out (prompt of more than 55 tokens: 1)",
                "kl --model {narrow} --ref-model {hollow} --data {pairs} --format PROMPT_CHOSEN_REJECTED"
                        + " | 100 tokens; allowed: a model of at least the tokenizer's 50257 tokens",
                "annotate --reward-model {hollow} --dataset-path {lengthy} --output-dir {out}"
                        + " | no usable prompt; rows: 0 used, 1 left out (a text that is empty or of more than 64 tokens: 1)",
                "annotate --reward-model {hollow} --dataset-path {empty} --output-dir {out} | 'instances' is empty",
                "evaluate {empty} | 'instances' is empty",
                "evaluate {bare} | instances[0] has no rewards; allowed: a file that 'annotate' wrote",
                "evaluate {rewards} --against {tied} --json --nothing | Unknown option: '--nothing'",
                "train-rm --sft-model-name {hollow} --data {long} --format PROMPT_CHOSEN_REJECTED --output-dir {out}"
                        + " | one usable pair; at least 2 are needed",
                "train-rm --sft-model-name {hollow} --data {pairs} --format PROMPT_CHOSEN_REJECTED --output-dir {out}"
                        + " --dropout 1 | '--dropout' is 1.0",
                "train-rm --sft-model-name {hollow} --data {twice} --format PROMPT_CHOSEN_REJECTED --output-dir {out}"
                        + " | left to train on; rows: 0 used, 2 left out (longer than 64 tokens: 2)",
                "sft --data {pairs} --format PROMPT_CHOSEN_REJECTED --out {out}"
                        + " | '--max-length' is 256; allowed: at most 12: so many tokens the 4 texts have together",
                "sft --data {pairs} --format PROMPT_CHOSEN_REJECTED --out {out} --model {hollow} --layers 2"
                        + " | '--layers' is 2; allowed: nothing beside --model",
                "sft --data {pairs} --format PROMPT_CHOSEN_REJECTED --out {out} --size huge | '--size' is huge",
                "sft --data {pairs} --format PROMPT_CHOSEN_REJECTED --out {out} --width 2147483647 | '--width' is",
                "sft --data {pairs} --format PROMPT_CHOSEN_REJECTED --out {out} --max-length 2147483647 | '--max-length' is",
                "quickstart --seeds 0 | '--seeds' is 0; allowed: 1 to 1000",
                "quickstart --seeds 2147483647 | '--seeds' is 2147483647",
                "quickstart --format PKU_SAFER | '--format' is PKU_SAFER; allowed: nothing without --data",
                "online --format PKU_SAFER | '--format' is PKU_SAFER; allowed: nothing without --data",
                "sparse --seeds -1 | '--seeds' is -1",
                "sparse --dimension 2147483647 | '--dimension' is 2147483647",
                "sparse --sparsity 61 | '--sparsity' is 61; allowed: 1 to 60",
                "sparse --sizes 1 | '--sizes' is 1",
                "online --world TEXT --scale NaN | '--scale' is NaN",
                "online --scale 0.5 | '--scale' is 0.5; allowed: not set, except with --world TEXT",
                "online --iterations 3 | '--iterations' is 3; allowed: not set, except with --world TEXT",
                "online --model nano | '--model' is nano; allowed: not set, except with --world TEXT",
                "online --preset published --world EXACT | '--world' is EXACT; allowed: TEXT",
                "online --conditions BOHT | '--conditions' is BOHT; allowed: of [NONE, POLICY",
                "online --world TEXT --iterations 0 | '--iterations' is 0",
                "data-size --data {pairs} --scale 2 | '--scale' is 2.0",
                "plan --gflops 0 | '--gflops' is 0.0",
                "plan --gflops NaN | '--gflops' is NaN",
                "bench dpo --repeats 0 | '--repeats' is 0",
                "bench dpo --length 2147483647 | '--length' is 2147483647",
                "conformance {hollow} | golden.json",
                "conformance {pairs} | golden.json",
                "conformance {hollow} --precision FLOAT64 | --precision",
                "kl --model {pairs} --ref-model {hollow} --data {pairs} | {pairs}",
                "quickstart --data {keep} | keep",
                "quickstart --data {nothing} | no such file",
                "evaluate {keep} | keep",
                "generate --output-dir {out} --model {hollow} | --prompts",
                "quikstart | did you mean quickstart",
                "sft | Missing required options",
            })
    void whatTheUserCanMendIsSaidInOneLine(String line, String expected) {
        requireOneLine(
                run(line), expected.replace("{pairs}", folder.resolve("pairs").toString()));
    }

    /** Folders are refused before the model, of which even the shape is wrong, is looked at; what is in them is untouched. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "train-dpo --model-name-or-path {narrow} --ref-model {narrow} --train-dir {rewards} --output-dir | --output-dir",
                "train-rm --sft-model-name {narrow} --data {pairs} --format PROMPT_CHOSEN_REJECTED --output-dir  | --output-dir",
                "sft --data {pairs} --format PROMPT_CHOSEN_REJECTED --model {narrow} --out                      | --out",
            })
    void foldersThatCannotBeWrittenAreRefusedBeforeTheWork(String line, String option) throws IOException {
        for (String bad : List.of("{keep}", "{pairs}", "{pairs}/below", "{hollow}", "/", ".", "..")) {
            requireOneLine(run(line + " " + bad), "'" + option + "' is ");
        }
        requireOneLine(CommandRun.of(with(line, "")), "'" + option + "' is ''");
        assertThat(Files.readString(folder.resolve("keep/mine.txt"))).isEqualTo("mine");
        assertThat(folder.resolve("hollow/config.json")).exists();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "generate --data {pairs} --format PROMPT_CHOSEN_REJECTED --model {hollow} --output-dir | pairs",
                "annotate --reward-model {hollow} --dataset-path {bare} --output-dir | bare",
            })
    void filesThatCannotBeWrittenAreRefusedBeforeTheWork(String line, String input) throws IOException {
        for (String bad : List.of("{keep}", "{pairs}/below", "/", ".")) {
            requireOneLine(run(line + " " + bad), "'--output-dir' is ");
        }
        requireOneLine(CommandRun.of(with(line, "")), "'--output-dir' is ''");
        byte[] before = Files.readAllBytes(folder.resolve(input));
        requireOneLine(run(line + " {" + input + "}"), "allowed: another place than the input");
        assertThat(Files.readAllBytes(folder.resolve(input))).isEqualTo(before);
    }

    private static List<String> with(String line, String last) {
        List<String> arguments = new java.util.ArrayList<>(
                List.of(line.replaceAll("\\{(\\w*)}", folder + "/$1").split(" ")));
        arguments.add(last);
        return arguments;
    }

    @Test
    void verboseShowsTheTrace() {
        CommandRun run = run("evaluate {empty} --verbose");
        assertThat(run.code()).isEqualTo(Failures.BAD_INPUT);
        assertThat(run.err()).startsWith("preference: ").contains("\tat org.preferencelearning.");
    }
}
