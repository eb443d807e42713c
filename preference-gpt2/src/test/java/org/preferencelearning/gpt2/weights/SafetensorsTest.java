package org.preferencelearning.gpt2.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.random.RandomSource;

class SafetensorsTest {
    @TempDir
    Path folder;

    @Test
    void whatIsWrittenIsReadBackToTheBit() {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        tensors.put("b.weight", Nd4j.rand(DataType.FLOAT, 3, 5));
        tensors.put("a.bias", Nd4j.createFromArray(Float.MIN_VALUE, -0f, Float.MAX_VALUE));
        Path file = folder.resolve("model.safetensors");
        SafetensorsWriter.write(file, tensors);
        try (Safetensors read = Safetensors.open(file)) {
            assertThat(read.tensors()).containsOnlyKeys("a.bias", "b.weight");
            assertThat(read.metadata()).containsEntry("format", "pt");
            tensors.forEach((name, tensor) -> {
                assertThat(read.read(name).shape()).isEqualTo(tensor.shape());
                assertThat(read.read(name).reshape(tensor.length()).toFloatVector())
                        .isEqualTo(tensor.reshape(tensor.length()).toFloatVector());
            });
        }
        assertThat(folder).isDirectoryContaining(path -> path.equals(file));
        assertThat(folder.toFile().list()).hasSize(1);
    }

    @Test
    void narrowAndWideFloatsAreDecoded() throws IOException {
        // 1.5, -2, the smallest subnormal, the largest number
        byte[] half = bytes((short) 0x3E00, (short) 0xC000, (short) 0x0001, (short) 0x7BFF);
        byte[] brain = bytes((short) 0x3FC0, (short) 0xC000, (short) 0x0001, (short) 0x7F7F);
        ByteBuffer wide = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        wide.putDouble(0.1).putDouble(-3);
        Path file = file(
                "{\"h\":{\"dtype\":\"F16\",\"shape\":[4],\"data_offsets\":[0,8]},"
                        + "\"b\":{\"dtype\":\"BF16\",\"shape\":[2,2],\"data_offsets\":[8,16]},"
                        + "\"d\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[16,32]},"
                        + "\"m\":{\"dtype\":\"BOOL\",\"shape\":[1],\"data_offsets\":[32,33]}}",
                half,
                brain,
                wide.array(),
                new byte[1]);
        try (Safetensors read = Safetensors.open(file)) {
            assertThat(read.read("h").toFloatVector()).containsExactly(1.5f, -2f, 0x1p-24f, 65504f);
            assertThat(read.read("b").reshape(4).toFloatVector())
                    .containsExactly(1.5f, -2f, Float.intBitsToFloat(0x10000), Float.intBitsToFloat(0x7F7F0000));
            assertThat(read.read("d").toFloatVector()).containsExactly(0.1f, -3f);
            assertThatThrownBy(() -> read.read("m"))
                    .isInstanceOf(WeightsFormatException.class)
                    .hasMessageContaining("'m' is BOOL");
            assertThatThrownBy(() -> read.read("absent"))
                    .isInstanceOf(WeightsFormatException.class)
                    .hasMessageContaining("no tensor 'absent'");
        }
    }

    /** The last is finite as it is written, and not as this library computes. */
    @ParameterizedTest
    @CsvSource({
        "F32, 0000803f0000807f, element 1 of 2 is Infinity",
        "F32, 000080ff0000803f, element 0 of 2 is -Infinity",
        "F32, 0000803f0100c07f, element 1 of 2 is NaN",
        "F16, 003c003c003c007c, element 3 of 4 is Infinity",
        "F16, 003c003c017e003c, element 2 of 4 is NaN",
        "BF16, 803f80ff803f803f, element 1 of 4 is -Infinity",
        "F64, 9c7500883ce4377e, element 0 of 1 is Infinity",
    })
    void aWeightThatIsNotFiniteIsNamed(String type, String values, String message) throws IOException {
        byte[] data = HexFormat.of().parseHex(values);
        int count = data.length / TensorType.valueOf(type).bytes();
        Path file = file(
                "{\"wte.weight\":{\"dtype\":\"" + type + "\",\"shape\":[" + count + "],\"data_offsets\":[0,8]}}", data);
        try (Safetensors read = Safetensors.open(file)) {
            assertThatThrownBy(() -> read.read("wte.weight"))
                    .isInstanceOf(WeightsFormatException.class)
                    .hasMessageContaining("test.safetensors: tensor 'wte.weight': " + message);
        }
    }

    /** The first and the last of the pieces that a tensor is read in. */
    @Test
    void everyElementOfALargeTensorIsLookedAt() throws IOException {
        int length = (1 << 20) + 5;
        Path file = folder.resolve("large.safetensors");
        for (int at : new int[] {0, 3, (1 << 20) - 1, 1 << 20, length - 1}) {
            try (INDArray values = Nd4j.zeros(DataType.FLOAT, length)) {
                values.putScalar(at, Float.NaN);
                SafetensorsWriter.write(file, Map.of("a", values));
            }
            try (Safetensors read = Safetensors.open(file)) {
                assertThatThrownBy(() -> read.read("a")).hasMessageContaining("element " + at + " of " + length);
            }
        }
    }

    /** Each header is a lie about eight bytes of data. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'a':{'dtype':'F32','shape':[3],'data_offsets':[0,8]}} | takes 12 bytes, not 8",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,16]}} | within 8 bytes of data",
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}} | the last must end with the file",
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}} | neither overlap nor leave holes",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'b':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}} | neither overlap",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}} | 'data_offsets' is [8, 0]",
                "{'a':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}} | 'shape' holds -2",
                "{'a':{'dtype':'F32','shape':[4611686018427387904,4611686018427387904],'data_offsets':[0,8]}} | too large",
                "{'a':{'dtype':'F32','shape':[2.5],'data_offsets':[0,8]}} | 'shape' holds 2.5",
                "{'a':{'dtype':'F31','shape':[2],'data_offsets':[0,8]}} | unknown dtype 'F31'",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}} | Duplicate",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8],'x':1}} | unknown field 'x'",
                "{'a':{'dtype':'F32','data_offsets':[0,8]}} | is missing",
                "{'a':{'dtype':'F32','shape':[18446744073709551616],'data_offsets':[0,8]}} | within 64 bits",
                "{'a':{'dtype':32,'shape':[2],'data_offsets':[0,8]}} | unknown dtype",
                "{'a':{'dtype':'F32','shape':2,'data_offsets':[0,8]}} | 'shape' is not a list",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8,8]}} | 'data_offsets' has more than 2",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}} {} | goes on after its end",
                "{'a':[1]} | not an object",
                "{'__metadata__':{'x':1},'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}} | '__metadata__.x' is not a text",
                "[] | does not start with '{'",
                "{ | not JSON",
            })
    void aHeaderThatLiesIsRefused(String header, String message) throws IOException {
        Path file = file(header.replace('\'', '"'), new byte[8]);
        assertThatThrownBy(() -> Safetensors.open(file))
                .isInstanceOf(WeightsFormatException.class)
                .hasMessageContaining("test.safetensors")
                .hasMessageContaining(message);
    }

    @Test
    void aHeaderLongerThanTheFileIsRefusedBeforeItIsRead() throws IOException {
        for (long length : new long[] {3, Long.MAX_VALUE, -1, 200_000_000}) {
            ByteBuffer bytes = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN);
            bytes.putLong(length);
            Path file = Files.write(folder.resolve("test.safetensors"), bytes.array());
            assertThatThrownBy(() -> Safetensors.open(file))
                    .isInstanceOf(WeightsFormatException.class)
                    .hasMessageContaining("the header is said to be");
        }
        Path tiny = Files.write(folder.resolve("tiny.safetensors"), new byte[3]);
        assertThatThrownBy(() -> Safetensors.open(tiny))
                .isInstanceOf(WeightsFormatException.class)
                .hasMessageContaining("too few");
        assertThatThrownBy(() -> Safetensors.open(folder.resolve("absent")))
                .isInstanceOf(WeightsFormatException.class)
                .hasMessageContaining("no such file");
    }

    /** Bytes of header and length prefix are changed, removed or doubled at random; seeded, so a failure repeats. */
    @Test
    void tenThousandMutatedFilesEndInATypedErrorOrACorrectLoad() throws IOException {
        Path file = folder.resolve("test.safetensors");
        SafetensorsWriter.write(
                file, Map.of("a.weight", Nd4j.rand(DataType.FLOAT, 3, 5), "b.bias", Nd4j.rand(DataType.FLOAT, 7)));
        byte[] valid = Files.readAllBytes(file);
        int header = (int) ByteBuffer.wrap(valid).order(ByteOrder.LITTLE_ENDIAN).getLong() + 8;
        RandomSource random = RandomSource.of(20);
        int refused = 0;
        for (int i = 0; i < 10_000; i++) {
            Files.write(
                    file,
                    Mutations.bytes(
                            valid, 0, header, "0123456789[]{}\",:-e.".getBytes(StandardCharsets.US_ASCII), random));
            try (Safetensors read = Safetensors.open(file)) {
                for (TensorInfo info : read.tensors().values()) {
                    assertThat(info.end()).as("mutation %d", i).isLessThanOrEqualTo(Files.size(file));
                    if (info.type().isFloatingPoint()) {
                        try (INDArray tensor = read.read(info.name())) {
                            assertThat(tensor.length()).isEqualTo(info.length());
                        }
                    }
                }
            } catch (WeightsFormatException e) {
                refused++;
            }
        }
        assertThat(refused).isBetween(5_000, 9_999);
    }

    @Test
    void aTensorOfAnotherShapeOrNoneIsNamed() {
        Path file = folder.resolve("model.safetensors");
        SafetensorsWriter.write(file, Map.of("transformer.wte.weight", Nd4j.create(DataType.FLOAT, 3, 5)));
        assertThatThrownBy(() -> HuggingFaceWeights.read(file, Map.of("wte.weight", new long[] {3, 4})))
                .isInstanceOf(WeightsFormatException.class)
                .hasMessageContaining("'transformer.wte.weight' has shape [3, 5]")
                .hasMessageContaining("[3, 4]");
        assertThatThrownBy(() -> HuggingFaceWeights.read(file, Map.of("wpe.weight", new long[] {3, 4})))
                .isInstanceOf(WeightsFormatException.class)
                .hasMessageContaining("no tensor 'wpe.weight'");
    }

    @Test
    void anIndexIsReadAndItsLiesAreRefused() throws IOException {
        SafetensorsWriter.write(folder.resolve("one.safetensors"), Map.of("wte.weight", Nd4j.ones(DataType.FLOAT, 2)));
        SafetensorsWriter.write(folder.resolve("two.safetensors"), Map.of("wpe.weight", Nd4j.ones(DataType.FLOAT, 3)));
        Path index = folder.resolve("model.safetensors.index.json");
        Map<String, long[]> shapes = Map.of("wte.weight", new long[] {2}, "wpe.weight", new long[] {3});
        Files.writeString(
                index, "{\"weight_map\":{\"wte.weight\":\"one.safetensors\",\"wpe.weight\":\"two.safetensors\"}}");
        assertThat(HuggingFaceWeights.read(folder, shapes)).hasSize(2);
        assertThat(HuggingFaceWeights.read(index, shapes)).hasSize(2);

        refused(
                index,
                "{\"weight_map\":{\"wte.weight\":\"two.safetensors\"}}",
                "'wte.weight' is not in two.safetensors");
        refused(index, "{\"weight_map\":{\"wte.weight\":\"../one.safetensors\"}}", "a file beside the index");
        refused(index, "{\"weight_map\":{\"wte.weight\":\"..\"}}", "a file beside the index");
        refused(index, "{\"weight_map\":{\"wte.weight\":3}}", "a file beside the index");
        refused(index, "{\"weight_map\":{\"wte.weight\":\"three.safetensors\"}}", "three.safetensors: no such file");
        refused(index, "{}", "'weight_map' is missing");
        refused(index, "{", "not JSON");
        Files.delete(index);
        assertThatThrownBy(() -> HuggingFaceWeights.read(folder, shapes))
                .isInstanceOf(WeightsFormatException.class)
                .hasMessageContaining(
                        "holds none of [model.safetensors, model.safetensors.index.json, pytorch_model.bin");
    }

    private static void refused(Path index, String content, String message) throws IOException {
        Files.writeString(index, content);
        assertThatThrownBy(() -> HuggingFaceWeights.read(index, Map.of("wte.weight", new long[] {2})))
                .isInstanceOf(WeightsFormatException.class)
                .hasMessageContaining(message);
    }

    private Path file(String header, byte[]... data) throws IOException {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        int size = 8 + text.length;
        for (byte[] part : data) {
            size += part.length;
        }
        ByteBuffer bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(text.length).put(text);
        for (byte[] part : data) {
            bytes.put(part);
        }
        return Files.write(folder.resolve("test.safetensors"), bytes.array());
    }

    private static byte[] bytes(short... values) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (short value : values) {
            bytes.putShort(value);
        }
        return bytes.array();
    }
}
