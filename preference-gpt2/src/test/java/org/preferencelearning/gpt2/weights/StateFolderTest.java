package org.preferencelearning.gpt2.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.preferencelearning.core.error.PreferenceException;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.state.StateException;
import org.preferencelearning.core.state.StateReader;
import org.preferencelearning.core.state.StateWriter;
import org.preferencelearning.core.state.Stateful;

class StateFolderTest {
    private static final int PLACES = 200;

    @TempDir
    Path folder;

    /** One of every kind of value, those among them that are easily lost. */
    private static final class Thing implements Stateful {
        long whole;
        double infinite;
        double negativeZero = 1;
        double third;
        String text = "";
        List<String> texts = List.of();
        byte[] bytes = {};
        double[] reals = {};
        final INDArray floats = Nd4j.zeros(DataType.FLOAT, 2, 3);
        final INDArray doubles = Nd4j.zeros(DataType.DOUBLE, 5);
        final INDArray transposed = Nd4j.zeros(DataType.FLOAT, 3, 2).transpose();
        final INDArray part =
                Nd4j.zeros(DataType.FLOAT, 4, 4).get(NDArrayIndex.interval(1, 3), NDArrayIndex.interval(1, 4));

        static Thing full() {
            Thing thing = new Thing();
            thing.whole = Long.MIN_VALUE;
            thing.infinite = Double.NEGATIVE_INFINITY;
            thing.negativeZero = -0.0;
            thing.third = 1 / 3.0;
            thing.text = "a line\nand \"another\" \u00e9";
            thing.texts = List.of("b", "a", "");
            thing.bytes = new byte[] {0, -1, 127, -128};
            thing.reals = new double[] {Math.PI, Double.NaN, -0.0, Double.MIN_VALUE};
            // a NaN that carries something, as two bfloat16 numbers side by side may look
            float[] values = {1, -0.0f, Float.intBitsToFloat(0x7fa12345), Float.MIN_VALUE, Float.MAX_VALUE, 0.1f};
            thing.floats.data().asNioFloat().put(values);
            thing.doubles.assign(Nd4j.createFromArray(1.0, 2.5, Math.E, -1e-300, 1e300));
            thing.transposed.assign(Nd4j.createFromArray(new float[][] {{1, 2, 3}, {4, 5, 6}}));
            thing.part.assign(Nd4j.createFromArray(new float[][] {{7, 8, 9}, {10, 11, 12}}));
            return thing;
        }

        @Override
        public void save(StateWriter writer) {
            writer.whole("whole", whole);
            writer.real("infinite", infinite);
            writer.real("zero", negativeZero);
            writer.real("third", third);
            StateWriter child = writer.child("child");
            child.text("text", text);
            child.texts("texts", texts);
            child.bytes("bytes", bytes);
            child.reals("reals", reals);
            child.tensor("floats", floats);
            child.child("of child").tensor("doubles", doubles);
            writer.tensor("transposed", transposed);
            writer.tensor("part", part);
        }

        @Override
        public void load(StateReader reader) {
            whole = reader.whole("whole");
            infinite = reader.real("infinite");
            negativeZero = reader.real("zero");
            third = reader.real("third");
            StateReader child = reader.child("child");
            text = child.text("text");
            texts = child.texts("texts");
            bytes = child.bytes("bytes");
            reals = child.reals("reals");
            child.tensor("floats", floats);
            child.child("of child").tensor("doubles", doubles);
            reader.tensor("transposed", transposed);
            reader.tensor("part", part);
        }

        void assertFull() {
            Thing full = full();
            assertThat(whole).isEqualTo(full.whole);
            assertThat(infinite).isEqualTo(full.infinite);
            assertThat(Double.doubleToRawLongBits(negativeZero)).isEqualTo(Double.doubleToRawLongBits(-0.0));
            assertThat(third).isEqualTo(full.third);
            assertThat(text).isEqualTo(full.text);
            assertThat(texts).isEqualTo(full.texts);
            assertThat(bytes).isEqualTo(full.bytes);
            assertThat(Arrays.stream(reals).mapToObj(Double::doubleToRawLongBits))
                    .containsExactlyElementsOf(Arrays.stream(full.reals)
                            .mapToObj(Double::doubleToRawLongBits)
                            .toList());
            assertThat(bits(floats)).isEqualTo(bits(full.floats));
            assertThat(doubles).isEqualTo(full.doubles);
            assertThat(transposed).isEqualTo(full.transposed);
            assertThat(part).isEqualTo(full.part);
        }

        private static int[] bits(INDArray array) {
            int[] bits = new int[(int) array.length()];
            array.data().asNio().order(ByteOrder.nativeOrder()).asIntBuffer().get(bits);
            return bits;
        }
    }

    @Test
    void everyKindOfValueComesBackToTheBit() {
        assertThat(StateFolder.exists(folder)).isFalse();
        StateFolder.write(folder.resolve("state"), Thing.full());
        assertThat(StateFolder.exists(folder.resolve("state"))).isTrue();
        Thing thing = new Thing();
        StateFolder.read(folder.resolve("state"), thing);
        thing.assertFull();
    }

    @Test
    void nothingComesBackAsNothing() {
        StateFolder.write(folder, new Thing());
        Thing thing = Thing.full();
        StateFolder.read(folder, thing);
        assertThat(thing.whole).isZero();
        assertThat(thing.texts).isEmpty();
        assertThat(thing.bytes).isEmpty();
        assertThat(thing.reals).isEmpty();
        assertThat(thing.floats.sumNumber().doubleValue()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"files.sha256", "state-0.json", "tensors-0.safetensors"})
    void aDamagedFileIsNoState(String name) throws IOException {
        StateFolder.write(folder, Thing.full());
        byte[] valid = Files.readAllBytes(folder.resolve(name));
        RandomSource random = RandomSource.of(9).stream(name);
        for (int place = 0; place < PLACES; place++) {
            byte[] shorter = Arrays.copyOf(valid, random.nextInt(valid.length));
            refused(name, shorter);
            byte[] changed = valid.clone();
            changed[random.nextInt(valid.length)] += (byte) (1 + random.nextInt(255));
            refused(name, changed);
            refused(name, Arrays.copyOf(valid, valid.length + 1 + random.nextInt(9)));
        }
        Files.write(folder.resolve(name), valid);
        Thing thing = new Thing();
        StateFolder.read(folder, thing);
        thing.assertFull();
    }

    private void refused(String name, byte[] content) throws IOException {
        Files.write(folder.resolve(name), content);
        Thing thing = new Thing();
        assertThatThrownBy(() -> StateFolder.read(folder, thing))
                .isInstanceOf(PreferenceException.class)
                .hasMessageContaining(folder.toString());
        assertThat(thing.whole).as("nothing is loaded").isZero();
        assertThat(thing.floats.sumNumber().doubleValue()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"files.sha256", "state-0.json", "tensors-0.safetensors"})
    void aMissingFileIsNamed(String name) throws IOException {
        StateFolder.write(folder, Thing.full());
        Files.delete(folder.resolve(name));
        assertThatThrownBy(() -> StateFolder.read(folder, new Thing()))
                .isInstanceOf(StateException.class)
                .hasMessageContaining(name);
        Files.createDirectory(folder.resolve(name));
        assertThatThrownBy(() -> StateFolder.read(folder, new Thing()))
                .isInstanceOf(StateException.class)
                .hasMessageContaining(name);
    }

    @Test
    void aStateReplacesTheOneBeforeAndLeavesOtherFilesAlone() throws IOException {
        Files.writeString(folder.resolve("mine.txt"), "mine");
        for (int save = 0; save < 5; save++) {
            Thing thing = Thing.full();
            thing.whole = save;
            StateFolder.write(folder, thing);
            String number = String.valueOf(save % 2);
            assertThat(names())
                    .containsExactlyInAnyOrder(
                            "files.sha256",
                            "mine.txt",
                            "state-" + number + ".json",
                            "tensors-" + number + ".safetensors");
            Thing read = new Thing();
            StateFolder.read(folder, read);
            assertThat(read.whole).isEqualTo(save);
        }
    }

    /** What a save leaves that ends before its last file: the state before is still the state. */
    @Test
    void aSaveThatDidNotEndIsNoState() throws IOException {
        Thing first = Thing.full();
        first.whole = 1;
        StateFolder.write(folder, first);
        Path later = folder.resolve("later");
        Files.createDirectory(later);
        for (String name : List.of("files.sha256", "state-0.json", "tensors-0.safetensors")) {
            Files.copy(folder.resolve(name), later.resolve(name));
        }
        Thing second = Thing.full();
        second.whole = 2;
        StateFolder.write(later, second);
        for (String name : List.of("state-1.json", "tensors-1.safetensors")) {
            Files.copy(later.resolve(name), folder.resolve(name));
            Thing read = new Thing();
            StateFolder.read(folder, read);
            assertThat(read.whole).isEqualTo(1);
        }
        StateFolder.write(folder, second);
        Thing read = new Thing();
        StateFolder.read(folder, read);
        assertThat(read.whole).isEqualTo(2);
        assertThat(names()).contains("state-1.json").doesNotContain("state-0.json", "tensors-0.safetensors");
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    @Test
    void whatIsNoStateIsNotReplaced() throws IOException {
        Files.writeString(folder.resolve("files.sha256"), "a list of somebody else's\n");
        assertThatThrownBy(() -> StateFolder.write(folder, Thing.full()))
                .isInstanceOf(StateException.class)
                .hasMessageContaining("files.sha256");
        assertThat(names()).containsExactly("files.sha256");
    }

    @Test
    void namesShapesAndTypesMustBeThoseWritten() {
        fault(writer -> writer.whole("a", 1), reader -> reader.whole("b"), "'b'", "missing");
        fault(writer -> writer.whole("a", 1), reader -> {}, "has what this run has not", "a");
        fault(writer -> writer.whole("a", 1), reader -> reader.real("a"), "'a'", "1", "a number");
        fault(writer -> writer.real("a", 1), reader -> reader.whole("a"), "'a'", "1.0", "a whole number");
        fault(writer -> writer.text("a", "x"), reader -> reader.real("a"), "'a'", "x");
        fault(writer -> writer.text("a", "?"), reader -> reader.bytes("a"), "'a'", "base64");
        fault(writer -> writer.whole("a", 1), reader -> reader.text("a"), "'a'", "1", "text");
        fault(writer -> writer.text("a", "x"), reader -> reader.texts("a"), "'a'", "list");
        Consumer<StateWriter> tensor = writer -> writer.tensor("t", Nd4j.zeros(DataType.FLOAT, 2, 3));
        fault(tensor, reader -> reader.tensor("u", Nd4j.zeros(DataType.FLOAT, 2, 3)), "'u'", "missing");
        fault(tensor, reader -> reader.tensor("t", Nd4j.zeros(DataType.FLOAT, 3, 2)), "'t'", "[2, 3]", "[3, 2]");
        fault(tensor, reader -> reader.tensor("t", Nd4j.zeros(DataType.DOUBLE, 2, 3)), "'t'", "F32", "F64");
        fault(tensor, reader -> reader.reals("t"), "'t'", "[2, 3]");
        fault(tensor, reader -> {}, "has what this run has not", "t");
    }

    private void fault(Consumer<StateWriter> save, Consumer<StateReader> load, String... message) {
        Stateful state = new Stateful() {
            @Override
            public void save(StateWriter writer) {
                save.accept(writer);
            }

            @Override
            public void load(StateReader reader) {
                load.accept(reader);
            }
        };
        StateFolder.write(folder, state);
        assertThatThrownBy(() -> StateFolder.read(folder, state))
                .isInstanceOf(StateException.class)
                .hasMessageContaining(folder.toString())
                .hasMessageContainingAll(message);
    }

    /** As the current one has none where it is named as nothing. */
    @Test
    void aFolderWithoutAParentIsRefusedLikeAnyOther(@TempDir Path elsewhere) throws IOException {
        StateFolder.write(folder, Thing.full());
        try (FileSystem other = FileSystems.newFileSystem(elsewhere.resolve("copy.zip"), Map.of("create", "true"));
                Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.copy(file, other.getPath(file.getFileName().toString()));
            }
            assertThatThrownBy(() -> StateFolder.read(other.getPath(""), Stateful.none()))
                    .isInstanceOf(StateException.class)
                    .hasMessageContaining("the state has what this run has not: ");
        }
    }

    @Test
    void aNameIsWrittenOnce() {
        Throwable twice = catchThrowable(() -> fault(
                writer -> {
                    writer.whole("a/b", 1);
                    writer.child("a").tensor("b", Nd4j.zeros(1));
                },
                reader -> {}));
        assertThat(twice).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("a/b");
    }
}
