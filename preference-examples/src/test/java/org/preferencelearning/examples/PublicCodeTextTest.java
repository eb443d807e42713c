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
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.preferencelearning.core.data.AnnotatedPrompt;
import org.preferencelearning.core.data.InstancesFile;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.experiments.study.DatasetSpec;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.Gpt2RewardModel;

/** Commands count and strip texts as the public code does in Python, and name formats alike. */
class PublicCodeTextTest {
    private static final String SMILE = "\uD83D\uDE00";

    @TempDir
    static Path folder;

    @BeforeAll
    static void models() {
        try (Gpt2Policy policy =
                        Gpt2Policy.random(new Gpt2Config(50257, 512, 8, 1, 2, 1e-5, 50256), RandomSource.of(1));
                Gpt2RewardModel reward = Gpt2RewardModel.from(policy, RandomSource.of(2))) {
            policy.save(folder.resolve("policy"));
            reward.save(folder.resolve("reward"));
        }
    }

    @Test
    void evaluateCountsCodePoints() throws IOException {
        Path file = write(
                "lengths.json",
                List.of(
                        AnnotatedPrompt.of("a", List.of("x", "y")).withRewards(1, 2),
                        AnnotatedPrompt.of("b", List.of(SMILE, "y")).withRewards(5, 1)));
        assertThat(run("evaluate", file.toString(), "--json")
                        .get("meanCharacters")
                        .doubleValue())
                .isEqualTo(1.0);
    }

    /** The first prompt is 81 characters and 141 UTF-16 units. */
    @Test
    void generateLeavesOutPromptsByCodePoints() throws IOException {
        String prompt = "\\n\\nHuman: " + SMILE.repeat(60) + "\\n\\nAssistant:";
        Path rows = Files.writeString(
                folder.resolve("emoji.jsonl"),
                "{\"chosen\": \"%s a\", \"rejected\": \"%s b\"}\n".formatted(prompt, prompt)
                        + "{\"prompt\": 0, \"chosen\": \"\\n\\nHuman: Hi\\n\\nAssistant: a\", "
                        + "\"rejected\": \"\\n\\nHuman: Hi\\n\\nAssistant: b\"}");
        for (int limit : new int[] {81, 80}) {
            Path out = folder.resolve("responses.json");
            Files.deleteIfExists(out);
            run(
                    "generate",
                    "--data",
                    rows.toString(),
                    "--model",
                    path("policy"),
                    "--max-new-tokens",
                    "1",
                    "--max-input-length",
                    Integer.toString(limit),
                    "--output-dir",
                    out.toString(),
                    "--json");
            assertThat(InstancesFile.read(out)).hasSize(limit == 81 ? 2 : 1);
        }
    }

    @Test
    void annotateStripsAsPython() throws IOException {
        Path in = write("in.json", List.of(AnnotatedPrompt.of("Q: ", List.of("yes", "\u00a0yes\u0085", "\u200byes"))));
        Path out = folder.resolve("out.json");
        run(
                "annotate",
                "--reward-model",
                path("reward"),
                "--dataset-path",
                in.toString(),
                "--output-dir",
                out.toString(),
                "--json");
        double[] rewards = InstancesFile.read(out).get(0).rewards().toArray();
        assertThat(rewards[1]).isEqualTo(rewards[0]);
        assertThat(rewards[2]).isNotEqualTo(rewards[0]);
    }

    /** By code points the second response has the lowest penalised reward and ties with the third; by UTF-16 units the first. */
    @Test
    void theLengthPenaltyCountsCodePoints() throws IOException {
        Path in = write(
                "penalty.json",
                List.of(
                        AnnotatedPrompt.of("Q: ", List.of(SMILE + SMILE, "bbb", "c"))
                                .withRewards(0.5, 1, 1),
                        AnnotatedPrompt.of("R: ", List.of("d", "e")).withRewards(0, 1)));
        JsonNode trained = run(
                "train-dpo",
                "--model-name-or-path",
                path("policy"),
                "--ref-model",
                path("policy"),
                "--train-dir",
                in.toString(),
                "--choose-type",
                "max_min_p",
                "--length-penalty",
                "1",
                "--warmup-steps",
                "0",
                "--output-dir",
                folder.resolve("trained").toString(),
                "--json");
        assertThat(trained.get("pairs").intValue()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"quickstart", "online", "data-size", "sft", "generate", "train-rm", "kl"})
    void formatsHaveOneSetOfNames(String command) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(Preference.run(new String[] {command, "--help"}, new PrintStream(out, true, StandardCharsets.UTF_8)))
                .isZero();
        String help = out.toString(StandardCharsets.UTF_8).replaceAll("\\s+", " ");
        assertThat(help).contains("--format");
        for (DatasetSpec.Format format : DatasetSpec.Format.values()) {
            assertThat(help).contains(format.name());
        }
        assertThat(help).doesNotContain("GENERIC");
    }

    private static String path(String name) {
        return folder.resolve(name).toString();
    }

    private static Path write(String name, List<AnnotatedPrompt> prompts) {
        Path file = folder.resolve(name);
        InstancesFile.write(file, prompts);
        return file;
    }

    private static JsonNode run(String... args) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int code = Preference.run(args, new PrintStream(out, true, StandardCharsets.UTF_8));
        String text = out.toString(StandardCharsets.UTF_8);
        assertThat(code).as(text).isZero();
        List<String> lines = text.lines().toList();
        return new ObjectMapper().readTree(lines.get(lines.size() - 1));
    }
}
