package org.preferencelearning.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.error.OutputException;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.ParameterSelection;

class OutputsTest {
    private static final Output OUTPUT = new Output(new PrintStream(PrintStream.nullOutputStream()));

    @TempDir
    Path folder;

    @Test
    void aModelWhoseFolderGotOtherFilesDuringTheTrainingIsSavedBesideIt() throws IOException {
        Path out = folder.resolve("out");
        try (Gpt2Policy policy = Gpt2Policy.random(new Gpt2Config(10, 8, 8, 1, 2, 1e-5, 9), RandomSource.of(1))) {
            assertThat(Outputs.save(out, policy::save, OUTPUT)).isEqualTo(out);
            Outputs.checkFolder("--out", out);
            Files.writeString(out.resolve("mine.txt"), "mine");
            Files.createDirectory(folder.resolve("out-2"));
            Path saved = Outputs.save(out, policy::save, OUTPUT);
            assertThat(saved).isEqualTo(folder.resolve("out-3"));
            assertThat(out.resolve("mine.txt")).hasContent("mine");
            try (Gpt2Policy read = Gpt2Policy.load(saved, ParameterSelection.none())) {
                assertThat(read.parameters().fingerprint())
                        .isEqualTo(policy.parameters().fingerprint());
            }
        }
    }

    @Test
    void aFileThatIsThereIsReplacedOnlyIfThatWasAskedForAndNeverAnInput() throws IOException {
        Path mine = Files.writeString(folder.resolve("mine.jsonl"), "mine");
        Path model = Files.createDirectory(folder.resolve("model"));
        Path config = Files.writeString(model.resolve("config.json"), "{}");
        Outputs.checkFile("--metrics", folder.resolve("new"), false, mine, model);
        Outputs.checkFile("--metrics", model.resolve("new"), false, mine, model);
        assertThatThrownBy(() -> Outputs.checkFile("--metrics", mine, false))
                .isInstanceOf(SettingException.class)
                .hasMessage(
                        "setting '--metrics' is " + mine
                                + ", which is there already; allowed: a file that is new, or with --overwrite one that is replaced");
        Outputs.checkFile("--metrics", mine, true, model, null, "openai-community/gpt2");
        assertThatThrownBy(() -> Outputs.checkFile("--metrics", mine, true, model, mine))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("another place than the input " + mine);
        assertThatThrownBy(() -> Outputs.checkFile("--metrics", config, true, mine, model))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("within the input " + model);
        assertThat(mine).hasContent("mine");
    }

    @Test
    void whatCanBeSavedNowhereFailsAsItDidAtFirst() {
        assertThatThrownBy(() -> Outputs.save(
                        folder.resolve("out"),
                        place -> {
                            throw new OutputException(place, "full", null);
                        },
                        OUTPUT))
                .isInstanceOf(OutputException.class)
                .hasMessageContaining(folder.resolve("out") + ":")
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
    }
}
