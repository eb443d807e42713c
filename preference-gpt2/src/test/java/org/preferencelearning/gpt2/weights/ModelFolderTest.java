package org.preferencelearning.gpt2.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.error.OutputException;
import org.preferencelearning.core.internal.io.OutputFolder;

class ModelFolderTest {
    @TempDir
    Path folder;

    @Test
    void aSaveReplacesAnEarlierOneWithAllItsShards() {
        Path out = folder.resolve("out");
        write(out, 1);
        assertThat(out.toFile().list())
                .containsExactlyInAnyOrder(
                        "config.json",
                        "model-00001-of-00002.safetensors",
                        "model-00002-of-00002.safetensors",
                        "model.safetensors.index.json",
                        "preference-output.json",
                        "tokenizer_config.json");
        OutputFolder.check("--out", out, 1000);
        write(out, ModelFolder.SHARD_BYTES);
        assertThat(out.toFile().list())
                .containsExactlyInAnyOrder(
                        "config.json", "model.safetensors", "preference-output.json", "tokenizer_config.json");
        assertThat(folder.toFile().list()).containsExactly("out");
    }

    @Test
    void aModelThatWasNotSavedHereIsNotReplaced() throws IOException {
        Path model = Files.createDirectory(folder.resolve("model"));
        Files.writeString(model.resolve("config.json"), "{}");
        Files.writeString(model.resolve("model.safetensors"), "theirs");
        assertThatThrownBy(() -> write(model, ModelFolder.SHARD_BYTES))
                .isInstanceOf(OutputException.class)
                .hasMessageStartingWith(model + ": cannot be written: it holds what this library did not write: ")
                .hasMessageContaining("model.safetensors");
        assertThat(model.resolve("model.safetensors")).hasContent("theirs");
    }

    @Test
    void aFileOfTheUserInASavedModelIsNotDeleted() throws IOException {
        Path out = folder.resolve("out");
        write(out, ModelFolder.SHARD_BYTES);
        Files.writeString(out.resolve("README.md"), "mine");
        assertThatThrownBy(() -> write(out, ModelFolder.SHARD_BYTES))
                .isInstanceOf(OutputException.class)
                .hasMessageContaining("README.md");
        assertThat(out.resolve("README.md")).hasContent("mine");
    }

    private static void write(Path out, long shardBytes) {
        try (INDArray one = Nd4j.ones(DataType.FLOAT, 2);
                INDArray two = Nd4j.ones(DataType.FLOAT, 3)) {
            ModelFolder.write(
                    out,
                    new ObjectMapper().createObjectNode().put("n_layer", 1),
                    Map.of("wte.weight", one, "wpe.weight", two),
                    Optional.empty(),
                    shardBytes);
        }
    }
}
