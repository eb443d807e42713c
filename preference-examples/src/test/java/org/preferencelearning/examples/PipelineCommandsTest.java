package org.preferencelearning.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.data.AnnotatedPrompt;
import org.preferencelearning.core.data.InstancesFile;

/** Every command of the online pipeline on files, each from what the one before left. */
class PipelineCommandsTest {
    private static final String TEMPLATE = "BEGINNING OF CONVERSATION: USER: %s ASSISTANT: ";

    @TempDir
    Path folder;

    @Test
    void theWholePipelineRunsOnFiles() throws IOException {
        Path pairs = pairs();
        String sft = path("sft");
        JsonNode tuned = run(
                "sft",
                "--data",
                pairs.toString(),
                "--format",
                "PROMPT_CHOSEN_REJECTED",
                "--layers",
                "1",
                "--width",
                "8",
                "--heads",
                "2",
                "--max-length",
                "64",
                "--out",
                sft,
                "--json");
        assertThat(tuned.get("pieces").intValue()).isPositive();

        String rm = path("rm");
        JsonNode trained = run(
                "train-rm",
                "--data",
                pairs.toString(),
                "--format",
                "PROMPT_CHOSEN_REJECTED",
                "--sft-model-name",
                sft,
                "--max-length",
                "64",
                "--train",
                "only:last-mlp,head",
                "--dropout",
                "0.1",
                "--output-dir",
                rm,
                "--json");
        assertThat(trained.get("accuracy").doubleValue()).isBetween(0.0, 1.0);

        JsonNode generated = run(
                "generate",
                "--data",
                pairs.toString(),
                "--format",
                "PROMPT_CHOSEN_REJECTED",
                "--model",
                sft,
                "--K",
                "3",
                "--max-new-tokens",
                "6",
                "--output-dir",
                path("responses.json"),
                "--json");
        assertThat(generated.get("prompts").intValue()).isEqualTo(20);
        assertThat(leftOut(generated, "prompt of more than 128 characters")).isEqualTo(1);

        Path promptsAlone = Files.writeString(
                folder.resolve("prompts.jsonl"), "{\"prompt\": \"hi\"}\n{\"prompt\": \"" + "x".repeat(84) + "\"}");
        JsonNode fromPrompts = run(
                "generate",
                "--prompts",
                promptsAlone.toString(),
                "--model",
                sft,
                "--max-new-tokens",
                "4",
                "--output-dir",
                path("alone.json"),
                "--json");
        assertThat(fromPrompts.get("prompts").intValue()).isEqualTo(1);
        assertThat(leftOut(fromPrompts, "prompt of more than 128 characters")).isEqualTo(1);
        assertThat(InstancesFile.read(folder.resolve("alone.json")).get(0).prompt())
                .isEqualTo("BEGINNING OF CONVERSATION: USER: hi ASSISTANT: ");

        JsonNode annotated = run(
                "annotate",
                "--reward-model",
                rm,
                "--dataset-path",
                path("responses.json"),
                "--output-dir",
                path("rewards.json"),
                "--json");
        assertThat(annotated.get("responses").intValue()).isEqualTo(60);
        List<AnnotatedPrompt> prompts = InstancesFile.read(folder.resolve("rewards.json"));
        assertThat(prompts).allMatch(prompt -> prompt.rewards().length() == 3);

        for (String command : List.of("train-dpo", "train-pg")) {
            JsonNode policy = run(
                    command,
                    "--model-name-or-path",
                    sft,
                    "--ref-model",
                    sft,
                    "--train-dir",
                    path("rewards.json"),
                    "--max-length",
                    "64",
                    "--choose-type",
                    "max_random",
                    "--batch-size",
                    "4",
                    "--learning-rate",
                    "0.01",
                    "--warmup-steps",
                    "0",
                    "--output-dir",
                    path(command),
                    "--json");
            assertThat(policy.get("pairs").intValue()).isBetween(10, 20);
            JsonNode divergence = run(
                    "kl",
                    "--data",
                    pairs.toString(),
                    "--format",
                    "PROMPT_CHOSEN_REJECTED",
                    "--data-size",
                    "10",
                    "--model",
                    path(command),
                    "--ref-model",
                    sft,
                    "--max-new-tokens",
                    "6",
                    "--json");
            assertThat(divergence.get("kl").doubleValue()).isNotZero();
        }
        JsonNode same = run(
                "kl",
                "--data",
                pairs.toString(),
                "--format",
                "PROMPT_CHOSEN_REJECTED",
                "--model",
                sft,
                "--ref-model",
                sft,
                "--max-new-tokens",
                "6",
                "--json");
        assertThat(same.get("kl").doubleValue()).isZero();

        JsonNode evaluation = run("evaluate", path("rewards.json"), "--against", path("rewards.json"), "--json");
        assertThat(evaluation.get("winRate").doubleValue()).isEqualTo(0.5);
    }

    private static int leftOut(JsonNode json, String reason) {
        return json.get("rows").get("leftOut").get(reason).intValue();
    }

    private String path(String name) {
        return folder.resolve(name).toString();
    }

    private Path pairs() throws IOException {
        List<String> rows = new ArrayList<>();
        ObjectMapper mapper = new ObjectMapper();
        for (int i = 0; i < 21; i++) {
            String question = i == 20 ? "a question ".repeat(20) : "question " + i;
            rows.add(mapper.writeValueAsString(Map.of(
                    "prompt",
                    String.format(TEMPLATE, question),
                    "chosen",
                    "yes, " + i + " is good",
                    "rejected",
                    "no")));
        }
        return Files.write(folder.resolve("pairs.jsonl"), rows);
    }

    private static JsonNode run(String... args) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int code = Preference.run(args, new PrintStream(out, true, StandardCharsets.UTF_8));
        String text = out.toString(StandardCharsets.UTF_8);
        assertThat(code).as(text).isZero();
        String[] lines = text.split("\n");
        return new ObjectMapper().readTree(lines[lines.length - 1]);
    }
}
