package org.preferencelearning.gpt2.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.core.random.RandomSource;

/** The files were written by PyTorch 1.13, from tensors of a few elements. */
class TorchFileTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"small.bin", "small.legacy.bin"})
    void bothLayoutsHoldWhatPyTorchSaved(String name) throws IOException {
        try (TorchFile file = TorchFile.open(copy(name))) {
            assertThat(file.tensors())
                    .containsOnlyKeys(
                            "a", "half", "brain", "wide", "mask", "tied", "row", "scalar", "empty", "parameter");
            assertThat(read(file, "a")).containsExactly(-0.5f, -0.25f, 0, 0.25f, 0.5f, 0.75f);
            assertThat(file.tensors().get("a").shape()).containsExactly(2, 3);
            assertThat(read(file, "half")).containsExactly(1.5f, -0.25f, 65504);
            assertThat(read(file, "brain")).containsExactly(1.5f, -2.75f);
            assertThatThrownBy(() -> file.read("wide"))
                    .isInstanceOf(WeightsFormatException.class)
                    .hasMessageContaining("tensor 'wide': element 1 of 2 is Infinity; allowed: finite numbers");
            assertThat(read(file, "tied")).containsExactly(read(file, "a"));
            assertThat(read(file, "row")).containsExactly(0.25f, 0.5f, 0.75f);
            assertThat(read(file, "scalar")).containsExactly(7);
            assertThat(read(file, "parameter")).containsExactly(3);
            assertThat(file.tensors().get("empty").length()).isZero();
            assertThatThrownBy(() -> file.read("mask"))
                    .isInstanceOf(WeightsFormatException.class)
                    .hasMessageContaining("'mask' is BOOL");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "calls_print.bin|names 'builtins.print'",
                "transposed.bin|strides [1, 3], which are not row-major",
            })
    void whatIsNotAPlainTensorIsRefused(String name, String message) throws IOException {
        Path file = copy(name);
        assertThatThrownBy(() -> TorchFile.open(file))
                .isInstanceOf(WeightsFormatException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(message);
    }

    @Test
    void anEmptyFileAndNoFileAreRefused() throws IOException {
        Path empty = Files.createFile(folder.resolve("empty.bin"));
        assertThatThrownBy(() -> TorchFile.open(empty)).isInstanceOf(WeightsFormatException.class);
        assertThatThrownBy(() -> TorchFile.open(folder.resolve("none.bin")))
                .isInstanceOf(WeightsFormatException.class)
                .hasMessageContaining("no such file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"small.bin", "small.legacy.bin"})
    void tenThousandMutatedFilesEndInATypedErrorOrACorrectLoad(String name) throws IOException {
        byte[] valid = Files.readAllBytes(copy(name));
        byte[] likely = ".()]}t\u0085\u0086\u0087NJKMXqrhjcRbQaesu".getBytes(StandardCharsets.ISO_8859_1);
        RandomSource random = RandomSource.of(21);
        Path file = folder.resolve("mutated.bin");
        int refused = 0;
        for (int i = 0; i < 10_000; i++) {
            Files.write(file, Mutations.bytes(valid, 0, valid.length, likely, random));
            long size = Files.size(file);
            try (TorchFile read = TorchFile.open(file)) {
                for (TensorInfo info : read.tensors().values()) {
                    assertThat(info.end() - info.begin()).as("mutation %d", i).isBetween(0L, size);
                    if (info.type().isFloatingPoint() && info.length() > 0) {
                        try (INDArray tensor = read.read(info.name())) {
                            assertThat(tensor.length()).isEqualTo(info.length());
                        }
                    }
                }
            } catch (WeightsFormatException e) {
                refused++;
            }
        }
        // the rest hit padding, names or numbers
        assertThat(refused).isBetween(4_000, 9_999);
    }

    private static float[] read(TorchFile file, String name) {
        try (INDArray tensor = file.read(name)) {
            return tensor.reshape(tensor.length()).toFloatVector();
        }
    }

    private Path copy(String name) throws IOException {
        Path file = folder.resolve(name);
        try (InputStream in = TorchFileTest.class.getResourceAsStream("/torch/" + name)) {
            Files.write(file, in.readAllBytes());
        }
        return file;
    }
}
