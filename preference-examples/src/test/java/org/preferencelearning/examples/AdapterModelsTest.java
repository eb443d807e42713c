package org.preferencelearning.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.LoraSettings;
import org.preferencelearning.gpt2.graph.Projection;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.ParameterSelection;

/** A folder of adapters stands where a model does, by the model that it names or that is named for it. */
class AdapterModelsTest {
    @TempDir
    static Path folder;

    @BeforeAll
    static void models() throws IOException {
        Files.writeString(folder.resolve("pairs"), "{\"prompt\":\"Q\",\"chosen\":\" yes\",\"rejected\":\" no\"}");
        Gpt2Config config = new Gpt2Config(50257, 32, 8, 1, 2, 1e-5, 50256);
        try (Gpt2Policy policy = Gpt2Policy.random(config, RandomSource.of(1));
                Gpt2Policy adapted =
                        policy.withLora(LoraSettings.of(2, 2, Projection.ATTENTION_INPUT), RandomSource.of(2))) {
            adapted.parameters()
                    .trained()
                    .forEach(parameter -> parameter.value().addi(0.3));
            policy.save(folder.resolve("policy"));
            adapted.saveAdapter(folder.resolve("adapter"));
            try (Gpt2Policy merged = adapted.copy(ParameterSelection.none())) {
                merged.save(folder.resolve("merged"));
            }
        }
    }

    private static CommandRun run(String line) {
        return CommandRun.of(
                List.of(line.replaceAll("\\{(\\w*)}", folder.toString().replace("\\", "\\\\") + "/$1")
                        .split(" ")));
    }

    private static double divergence(String models) {
        CommandRun run = run("kl --data {pairs} --format PROMPT_CHOSEN_REJECTED --max-new-tokens 4 --json " + models);
        assertThat(run.code()).as(run.toString()).isZero();
        return run.json().get("kl").doubleValue();
    }

    @Test
    void adaptersAreMergedIntoTheModelThatIsNamedForThem() throws IOException {
        assertThat(divergence("--model {adapter} --base {policy} --ref-model {merged}"))
                .isZero();
        assertThat(divergence("--model {adapter} --base {policy} --ref-model {policy}"))
                .isNotZero();
        CommandRun none = run("kl --data {pairs} --model {adapter} --ref-model {policy}");
        assertThat(none.code()).isEqualTo(2);
        assertThat(none.err())
                .contains("--model")
                .contains("adapters that do not say which model")
                .contains("--base");
        // as peft writes it
        Path config = folder.resolve("adapter/adapter_config.json");
        ObjectNode json = (ObjectNode) new ObjectMapper().readTree(config.toFile());
        json.put("base_model_name_or_path", folder.resolve("policy").toString());
        new ObjectMapper().writeValue(config.toFile(), json);
        assertThat(divergence("--model {adapter} --ref-model {merged}")).isZero();
        assertThat(divergence("--model {adapter} --base {merged} --ref-model {merged}"))
                .isNotZero();
    }
}
