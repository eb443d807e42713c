package org.preferencelearning.examples;

import static java.util.Comparator.reverseOrder;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.preferencelearning.core.data.AnnotatedPrompt;
import org.preferencelearning.core.data.InstancesFile;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.testkit.SharedFiles;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.Gpt2RewardModel;

/** What commands tell of rows that they leave out, of trainings that move nothing and of models with broken weights. */
class RowsOfFilesTest {
    private static final Gpt2Config CONFIG = new Gpt2Config(50257, 64, 8, 1, 2, 1e-5, 50256);

    @TempDir
    static Path folder;

    @BeforeAll
    static void models() throws IOException {
        try (Gpt2Policy policy = Gpt2Policy.random(CONFIG, RandomSource.of(1));
                Gpt2RewardModel reward = Gpt2RewardModel.from(policy, RandomSource.of(2))) {
            policy.save(folder.resolve("policy"));
            policy.save(folder.resolve("broken"));
            reward.save(folder.resolve("reward"));
            reward.save(folder.resolve("brokenReward"));
        }
        for (String broken : List.of("broken", "brokenReward")) {
            Path weights = folder.resolve(broken).resolve("model.safetensors");
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(weights)).order(ByteOrder.LITTLE_ENDIAN);
            bytes.putFloat(bytes.capacity() - Float.BYTES, Float.NaN);
            Files.write(weights, bytes.array());
        }
        Files.writeString(folder.resolve("one"), "{\"prompt\": \"Q\", \"chosen\": \" yes\", \"rejected\": \" no\"}");
        InstancesFile.write(folder.resolve("responses"), List.of(AnnotatedPrompt.of("Q", List.of(" yes", " no"))));
    }

    private static CommandRun run(String line) {
        return CommandRun.of(
                List.of(line.replaceAll("\\{(\\w*)}", folder.toString().replace("\\", "\\\\") + "/$1")
                        .split(" ")));
    }

    private static Map<String, Integer> leftOut(JsonNode rows) {
        return new ObjectMapper().convertValue(rows.get("leftOut"), new TypeReference<>() {});
    }

    /** A tie, an empty response, and two that can be used. */
    @ParameterizedTest
    @ValueSource(strings = {"train-dpo", "train-pg"})
    void tiesAndEmptyResponsesAreCounted(String command) throws IOException {
        Path file = folder.resolve("ties");
        InstancesFile.write(
                file,
                List.of(
                        AnnotatedPrompt.of("a", List.of(" x", " y")).withRewards(1, 1),
                        AnnotatedPrompt.of("b", List.of(" x", " yy")).withRewards(1, 2),
                        AnnotatedPrompt.of("c", List.of("", " y")).withRewards(3, 2),
                        AnnotatedPrompt.of("d", List.of(" z", " z")).withRewards(1, 2),
                        AnnotatedPrompt.of("e", List.of(" alone")).withRewards(1)));
        CommandRun run = run(command + " --model-name-or-path {policy} --ref-model {policy} --train-dir {ties}"
                + " --output-dir {" + command.replace("-", "") + "} --json");
        JsonNode json = run.json();
        assertThat(json.at("/rows/used").intValue()).isEqualTo(2);
        assertThat(leftOut(json.get("rows")))
                .isEqualTo(Map.of("equal rewards", 1, "empty response", 1, "fewer than two responses", 1));
        assertThat(json.get("pairs").intValue()).isEqualTo(2);
        assertThat(run.out())
                .contains(
                        "rows: 2 used, 3 left out (empty response: 1, equal rewards: 1, fewer than two responses: 1)");
        // the usual warm-up of 100 updates would last both that there are
        assertThat(run.err()).contains("warning: the usual warm-up of 100 updates would last all 2 updates");
        assertThat(json.at("/training/steps").intValue()).isEqualTo(2);
        assertThat(json.at("/training/warmupSteps").doubleValue()).isZero();
        assertThat(json.at("/training/moved").booleanValue()).isTrue();
        assertThat(json.at("/training/last/loss").isDouble()).isTrue();
    }

    @Test
    void theSharedFileOfTiesAndEmptyResponsesIsCounted() {
        Path file = SharedFiles.require("field/ties_and_empty.json");
        JsonNode rows = run("train-dpo --model-name-or-path {policy} --ref-model {policy} --output-dir {shared} --json"
                        + " --train-dir " + file)
                .json()
                .get("rows");
        assertThat(rows.get("used").intValue()).isEqualTo(2);
        assertThat(leftOut(rows)).isEqualTo(Map.of("equal rewards", 1, "empty response", 1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sft --model {policy} --max-length 32 --out {sftOut}",
                "train-rm --sft-model-name {policy} --output-dir {rmOut}",
                "generate --model {policy} --max-new-tokens 2 --output-dir {generateOut}",
                "kl --model {policy} --ref-model {policy} --max-new-tokens 2"
            })
    void rowsOfTheSharedFileThatCannotBeUsedAreCounted(String line) {
        Path file = SharedFiles.require("field/hh_four_rows_unusable.jsonl");
        CommandRun run = run(line + " --json --data " + file);
        assertThat(run.code()).as(run.err()).isZero();
        JsonNode rows = run.json().get("rows");
        assertThat(rows.get("used").intValue()).isEqualTo(4);
        assertThat(leftOut(rows)).isEqualTo(Map.of("prompts differ", 4));
    }

    /** Of 20 pairs, one in 18 to train on and one of 2 held out, or two to train on, are too long. */
    @Test
    void pairsThatAreTooLongForARewardModelAreCounted() throws IOException {
        List<String> pairs = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            pairs.add("{\"prompt\": \"Q%d\", \"chosen\": \" yes%s\", \"rejected\": \" no\"}"
                    .formatted(i, i < 2 ? " word".repeat(70) : ""));
        }
        Files.write(folder.resolve("some"), pairs);
        JsonNode json = run("train-rm --sft-model-name {policy} --data {some} --format PROMPT_CHOSEN_REJECTED"
                        + " --output-dir {someOut} --data-size 19 --json")
                .json();
        assertThat(leftOut(json.get("rows"))).isEqualTo(Map.of("longer than 64 tokens", 2, "after the first 19", 1));
        assertThat(json.at("/rows/used").intValue()).isEqualTo(17);
        assertThat(json.get("pairs").intValue() + json.get("heldOut").intValue())
                .isEqualTo(17);
    }

    @Test
    void aTrainingThatMovesNothingSaysSo() {
        CommandRun run = run("sft --data {one} --format PROMPT_CHOSEN_REJECTED --model {policy} --max-length 3"
                + " --learning-rate 1e-60 --out {unmoved} --json");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.json().at("/training/moved").booleanValue()).isFalse();
        assertThat(run.err()).contains("warning: no weight changed in 1 updates");
    }

    @Test
    void metricsOfEveryUpdateGoToAFile() throws IOException {
        CommandRun run = run("sft --data {one} --format PROMPT_CHOSEN_REJECTED --model {policy} --max-length 3"
                + " --num-train-epochs 3 --metrics {metrics} --out {measured} --json");
        assertThat(run.code()).as(run.err()).isZero();
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve("metrics"))) {
            lines.add(new ObjectMapper().readTree(line));
        }
        assertThat(lines.stream().map(line -> line.get("step").intValue())).containsExactly(1, 2, 3);
        assertThat(lines.stream().map(line -> line.get("loss").doubleValue())).isSortedAccordingTo(reverseOrder());
        ((ObjectNode) lines.get(2)).remove("step");
        assertThat(lines.get(2)).isEqualTo(run.json().at("/training/last"));
        // what takes time is computed where it is logged; it changes nothing
        JsonNode plain = run("sft --data {one} --format PROMPT_CHOSEN_REJECTED --model {policy} --max-length 3"
                        + " --num-train-epochs 3 --out {plain} --json")
                .json()
                .at("/training/last");
        assertThat(lines.get(2).has("entropy")).isTrue();
        assertThat(lines.get(2).has("mean_token_accuracy")).isTrue();
        assertThat(plain.has("entropy")).isFalse();
        assertThat(plain.get("loss")).isEqualTo(lines.get(2).get("loss"));
        assertThat(run("sft --data {one} --format PROMPT_CHOSEN_REJECTED --model {policy} --max-length 3"
                                + " --metrics {policy} --out {none}")
                        .err())
                .contains("setting '--metrics' is ");
    }

    /** An empty response, a column that nothing is made of, and four responses to two prompts. */
    @Test
    void unpairedRowsAreCountedAndTrainedOn() throws IOException {
        Files.writeString(folder.resolve("unpaired"), """
                {"prompt": "a", "completion": " x", "label": true, "source": "s"}
                {"prompt": "a", "completion": " y", "label": false}
                {"prompt": "a", "completion": "", "label": false}
                {"prompt": "b", "completion": " x y", "label": false}
                {"prompt": "b", "completion": " z", "label": true}
                """);
        String line = "train-kto --model-name-or-path {policy} --ref-model {policy} --data {unpaired} --batch-size 2"
                + " --learning-rate 0.01 --json";
        for (String loss : List.of("kto", "kto_1.33_1.0", "apo_zero_unpaired", "bco")) {
            CommandRun run = run(line + " --loss-type " + loss + " --output-dir {" + loss.replace(".", "") + "}");
            assertThat(run.code()).as(run.err()).isZero();
            JsonNode json = run.json();
            assertThat(json.at("/rows/used").intValue()).isEqualTo(4);
            assertThat(leftOut(json.get("rows"))).isEqualTo(Map.of("empty response", 1));
            assertThat(json.at("/rows/unusedFields/source").intValue()).isEqualTo(1);
            assertThat(json.get("responses").intValue()).isEqualTo(4);
            assertThat(json.get("desirable").intValue()).isEqualTo(2);
            assertThat(json.get("lossName").textValue()).isEqualTo(loss);
            assertThat(json.at("/training/steps").intValue()).isEqualTo(2);
            assertThat(json.at("/training/moved").booleanValue()).isTrue();
            assertThat(json.at("/training/last").has("kl")).isEqualTo(loss.startsWith("kto"));
            assertThat(json.at("/training/last").has("delta")).isEqualTo(loss.equals("bco"));
        }
        assertThat(run(line + " --per-device-train-batch-size 1 --output-dir {none}")
                        .err())
                .contains(
                        "setting '--per-device-train-batch-size' is 1; allowed: 2, as --batch-size: 'kto' estimates over"
                                + " a batch");
        assertThat(run(line + " --loss-type dpo --output-dir {none}").err())
                .contains("setting 'loss' is dpo; allowed: kto");
    }

    @Test
    void aBatchAsLargeAsCanBeIsOneUpdate() {
        CommandRun run = run("sft --data {one} --format PROMPT_CHOSEN_REJECTED --model {policy} --max-length 3"
                + " --batch-size 2147483647 --per-device-train-batch-size 2147483647 --out {batch} --json");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.json().at("/training/steps").intValue()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "generate --data {one} --format PROMPT_CHOSEN_REJECTED --model {broken} --max-new-tokens 2 --output-dir {none}",
                "kl --data {one} --format PROMPT_CHOSEN_REJECTED --model {broken} --ref-model {policy} --max-new-tokens 2",
                "kl --data {one} --format PROMPT_CHOSEN_REJECTED --model {policy} --ref-model {broken} --max-new-tokens 2",
                "annotate --reward-model {brokenReward} --dataset-path {responses} --output-dir {none}",
                "sft --data {one} --format PROMPT_CHOSEN_REJECTED --model {broken} --max-length 3 --out {none}",
            })
    void weightsThatAreNotFiniteEndInAnErrorAndNothingWritten(String line) {
        for (String json : List.of("", " --json")) {
            CommandRun run = run(line + json);
            assertThat(run.code()).as(run.toString()).isEqualTo(Failures.BAD_INPUT);
            assertThat(run.err()).contains("preference: ").contains("finite").doesNotContain("fault of the library");
            assertThat(run.out()).isEmpty();
            assertThat(folder.resolve("none")).doesNotExist();
        }
    }
}
