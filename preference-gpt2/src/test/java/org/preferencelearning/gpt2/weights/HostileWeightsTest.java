package org.preferencelearning.gpt2.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.random.RandomSource;

/**
 * Files made to exhaust memory or time, or to be read as what they are not. Each ends within seconds, in the heap that all
 * tests have, in a typed error that names the file, or in tensors that lie within the file.
 */
class HostileWeightsTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int MUTATIONS = 150;

    @TempDir
    Path folder;

    private int files;

    @AfterEach
    void largeFilesAreDeletedByTheFolder() {
        assertThat(files).isPositive();
    }

    // ---- pickles

    /** A byte makes an object; ninety million of them do not fit any heap. */
    @Test
    void aPickleOfOneOpcodeIsStopped() throws IOException {
        for (char opcode : new char[] {'(', ')', ']', '}', 'N', '\u0088', '\u0089'}) {
            byte[] start = {(byte) 0x80, 2};
            int count = opcode == ')' ? 90_000_000 : 1_100_000;
            refused(legacy(start, opcode, count), "makes more than 1000000 values");
            refused(zipped(start, opcode, count / 3 + 1_000_000), "makes more than 1000000 values");
        }
        refused(zipped(new byte[] {(byte) 0x80, 2}, ')', 34_000_000), "'archive/data.pkl' has 34000002 bytes");
    }

    @Test
    void aPickleThatRemembersAMillionTimesIsStopped() throws IOException {
        ByteBuffer memo = ByteBuffer.allocate(5 * 2_000_000 + 3).order(ByteOrder.LITTLE_ENDIAN);
        memo.put((byte) 0x80).put((byte) 2).put((byte) 'N');
        for (int i = 0; i < 2_000_000; i++) {
            memo.put((byte) 'r').putInt(i);
        }
        refused(zip("memo.bin", memo.array()), "makes more than 1000000 values");
    }

    /** Each level holds the one below twice: written out it would have 2^30 values. */
    @Test
    void sharedNestingIsNotWrittenOut() throws IOException {
        Pickle pickle = new Pickle().op(0x80, 2, ')');
        for (int i = 0; i < 30; i++) {
            pickle.op('q', 1, 'h', 1, 0x86);
        }
        refused(zip("laughs.bin", pickle.op('.').bytes()), "no dictionary");
        Pickle asShape = new Pickle()
                .op(0x80, 2, '}')
                .text("a")
                .global("torch._utils", "_rebuild_tensor_v2")
                .op('(');
        asShape.storage("FloatStorage", "0", 1).number(0).op(')');
        for (int i = 0; i < 30; i++) {
            asShape.op('q', 1, 'h', 1, 0x86);
        }
        asShape.op(')', 0x89, 'N', 't', 'R', 's', '.');
        refused(zip("laughing_shape.bin", asShape.bytes()), "not a number");
    }

    @Test
    void deepNestingDoesNotOverflowTheStack() throws IOException {
        Pickle pickle = new Pickle().op(0x80, 2, ')');
        for (int i = 0; i < 900_000; i++) {
            pickle.op(0x85);
        }
        refused(zip("deep.bin", pickle.op('.').bytes()), "no dictionary");
        Pickle itself = new Pickle().op(0x80, 2, ']', 'q', 0, 'h', 0, 'a', '.');
        refused(zip("itself.bin", itself.bytes()), "no dictionary");
    }

    @Test
    void sizesThatAreDeclaredAreChecked() throws IOException {
        refused(
                zip(
                        "text.bin",
                        new Pickle().op(0x80, 2, 'X', 0xFF, 0xFF, 0xFF, 0xFF).bytes()),
                "4294967295 bytes");
        refused(zip("short.bin", new Pickle().op(0x80, 2, 'X', 0xFF, 0x0F, 0, 0).bytes()), "ends early");
        refused(zip("number.bin", new Pickle().op(0x80, 2, 0x8A, 0xFF).bytes()), "ends early");
        for (long lie : new long[] {Long.MAX_VALUE, 1L << 61, -1, 5, Long.MIN_VALUE}) {
            refused(tensor("lie.bin", 4, 0, new long[] {lie}), "pickle:");
            refused(tensor("lie.bin", lie, 0, new long[] {1}), "");
        }
        open(tensor("right.bin", 4, 2, new long[] {2}));
        refused(tensor("product.bin", 4, 0, new long[] {1L << 31, 1L << 31, 1L << 31}), "too large");
        refused(tensor("offset.bin", 4, Long.MAX_VALUE, new long[] {1}), "offset");
        refused(tensor("offset.bin", 4, 4, new long[] {1}), "reaches beyond");
        long[] many = new long[33];
        Arrays.fill(many, 1);
        refused(tensor("dimensions.bin", 4, 0, many), "33 dimensions; allowed: up to 32");
        long[] tooMany = new long[100_000];
        Arrays.fill(tooMany, 1);
        refused(tensor("dimensions.bin", 4, 0, tooMany), "100000 dimensions");
    }

    /** Every one of them would be looked through again. */
    @Test
    void aLongShapeIsNotReadAMillionTimes() throws IOException {
        Pickle pickle = new Pickle().op(0x80, 2, '(');
        for (int i = 0; i < 300_000; i++) {
            pickle.number(1);
        }
        pickle.op('t', 'q', 1);
        pickle.op('(').storage("FloatStorage", "0", 1).number(0);
        pickle.op('h', 1, 'h', 1, 0x89, 'N', 't', 'q', 3);
        for (int i = 0; i < 60_000; i++) {
            pickle.global("torch._utils", "_rebuild_tensor_v2").op('h', 3, 'R');
        }
        refused(zip("again.bin", pickle.op('.').bytes()), "300000 dimensions");
    }

    // ---- zips

    @Test
    void zipsThatLieAreRefused() throws IOException {
        byte[] valid = resource("small.bin");
        int end = valid.length - 22;
        refused(patched("cut.bin", valid, valid.length - 30, ByteBuffer.allocate(0), valid.length - 30), "zip");
        for (long length : new long[] {0xFFFFFFFEL, 0x7FFFFFFF, 200L << 20}) {
            refused(patched("directory.bin", valid, end + 12, little(4, length), valid.length), "allowed: up to");
        }
        refused(patched("entries.bin", valid, end + 10, little(2, 65535), valid.length), "");
        refused(patched("comment.bin", valid, end + 20, little(2, 5), valid.length), "zip");
        // the wide record of a file that is mostly a hole: two gigabytes of directory, or as many entries
        for (long[] wide : new long[][] {{2_000_000_000L, 1}, {100, 2_000_000_000L}, {-1, 1}, {100, -1}}) {
            refused(wideZip("wide.bin", wide[0], wide[1], 2_100_000_000L), "directory is said to have");
        }
        byte[] deflated = zipBytes(Deflater.DEFLATED, Map.of("archive/data.pkl", new byte[1 << 20]));
        refused(write("deflated.bin", deflated), "compressed");
        refused(
                write(
                        "two.bin",
                        zipBytes(ZipEntry.STORED, Map.of("a/data.pkl", new byte[3], "b/data.pkl", new byte[3]))),
                "holds 2 files data.pkl");
        byte[] twice = new String(
                        zipBytes(ZipEntry.STORED, Map.of("a/data.pkl", new byte[3], "a/data.pkx", new byte[3])),
                        StandardCharsets.ISO_8859_1)
                .replace("a/data.pkx", "a/data.pkl")
                .getBytes(StandardCharsets.ISO_8859_1);
        refused(write("twice.bin", twice), "two entries of one name");
    }

    // ---- safetensors

    @Test
    void aHeaderOfSpacesIsReadInPassing() throws IOException {
        Path file = safetensors("spaces.safetensors", 99_000_000, out -> {
            out.write('{');
            repeat(out, " ".repeat(1000), 98_999);
            out.write((" ".repeat(998) + "}").getBytes(StandardCharsets.US_ASCII));
        });
        assertThatCode(() -> open(file)).doesNotThrowAnyException();
    }

    @Test
    void aHeaderOfTensorsOrTextsIsStopped() throws IOException {
        refused(
                listed("tensors.safetensors", "{", "\"%07d\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}"),
                "more than 100000");
        refused(listed("metadata.safetensors", "{\"__metadata__\":{", "\"%07d\":\"\""), "more than 100000");
        refused(listed("fields.safetensors", "{\"a\":{", "\"%07d\":0"), "unknown field '0000000'");
        refused(listed("shape.safetensors", "{\"a\":{\"shape\":[", "1"), "more than 32 numbers");
        refused(listed("nested.safetensors", "{\"a\":{\"shape\":[", "["), "'shape' holds [");
        refused(listed("array.safetensors", "{\"a\":[", "0"), "not an object");
    }

    @Test
    void oneLongTextIsStopped() throws IOException {
        for (String start :
                List.of("{\"", "{\"__metadata__\":{\"a\":\"", "{\"a\":{\"dtype\":\"", "{\"a\":{\"shape\":[1")) {
            Path file = safetensors("text.safetensors", 99_000_000, out -> {
                out.write(start.getBytes(StandardCharsets.US_ASCII));
                repeat(out, "1".repeat(1000), 98_999);
                out.write("1".repeat(1000 - start.length()).getBytes(StandardCharsets.US_ASCII));
            });
            refused(file, "not JSON");
        }
    }

    @Test
    void offsetsThatOverflowOrOverlapAreRefused() throws IOException {
        String[] lies = {
            "[0,9223372036854775807]",
            "[-8,0]",
            "[9223372036854775800,9223372036854775807]",
            "[8,0]",
            "[0,18446744073709551624]",
            "[0,8.0]",
            "[\"0\",\"8\"]",
            "[null,8]",
            "[0]",
            "[]",
            "{}"
        };
        for (String lie : lies) {
            refused(header("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":" + lie + "}}", 8), "'a'");
        }
        String[] shapes = {
            "[4294967296,4294967296]",
            "[2305843009213693954]",
            "[9223372036854775807,2]",
            "[-1,-2]",
            "[1e0,2]",
            "[[2]]",
            "[true,2]",
            "[4611686018427387904,0,2]"
        };
        for (String shape : shapes) {
            refused(header("{\"a\":{\"dtype\":\"F32\",\"shape\":" + shape + ",\"data_offsets\":[0,8]}}", 8), "'a'");
        }
        for (String type : List.of("F64", "BF16", "f32", "FLOAT", "I128", "")) {
            refused(header("{\"a\":{\"dtype\":\"" + type + "\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8), "'a'");
        }
    }

    // ---- what is no file

    @Test
    void onlyRegularFilesAreOpened() throws Exception {
        Path directory = Files.createDirectory(folder.resolve("folder.safetensors"));
        for (String name : List.of("model.safetensors", "pytorch_model.bin", "model.safetensors.index.json")) {
            Path inside = Files.createDirectories(folder.resolve("in_" + name));
            Files.createDirectory(inside.resolve(name));
            refused(inside, "not a regular file");
        }
        refused(directory, "holds none of");
        refused(Files.createSymbolicLink(folder.resolve("self.bin"), Path.of("self.bin")), "no such file");
        refused(Files.createSymbolicLink(folder.resolve("to_zero.bin"), Path.of("/dev/zero")), "not a regular file");
        refused(Files.createSymbolicLink(folder.resolve("dangling.bin"), Path.of("nowhere")), "no such file");
        for (String name : List.of("pipe.bin", "pipe.safetensors", "pipe.index.json")) {
            Path pipe = folder.resolve(name);
            Assumptions.assumeTrue(
                    new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0, "pipes can be made here");
            refused(pipe, "not a regular file");
        }
        Path file = folder.resolve("real.safetensors");
        SafetensorsWriter.write(file, Map.of("a", Nd4j.ones(DataType.FLOAT, 2)));
        open(Files.createSymbolicLink(folder.resolve("link.safetensors"), file));
    }

    @Test
    void anIndexOfAnySizeIsNotReadAsAWhole() throws IOException {
        Path index = folder.resolve("model.safetensors.index.json");
        try (OutputStream out = Files.newOutputStream(index)) {
            out.write("{\"weight_map\":{".getBytes(StandardCharsets.US_ASCII));
            repeat(out, " ".repeat(1000), 90_000);
        }
        refused(index, "allowed for an index: up to");
        StringBuilder names = new StringBuilder("{\"weight_map\":{\"a\":\"x\"");
        refused(write("deep.index.json", "[".repeat(2_000_000).getBytes(StandardCharsets.US_ASCII)), "not JSON");
        refused(write("cut.index.json", names.toString().getBytes(StandardCharsets.US_ASCII)), "not JSON");
    }

    // ---- damage

    /** Sizes, names, shapes and directories of real files, a few bytes of each changed; seeded, so a failure repeats. */
    @Test
    void damagedFilesEndInATypedErrorOrInTensorsOfTheFile() throws IOException {
        Path valid = folder.resolve("valid.safetensors");
        SafetensorsWriter.write(
                valid, Map.of("a.weight", Nd4j.rand(DataType.FLOAT, 3, 5), "b.bias", Nd4j.rand(DataType.FLOAT, 7)));
        List<byte[]> originals =
                List.of(Files.readAllBytes(valid), resource("small.bin"), resource("small.legacy.bin"));
        List<String> names = List.of("damaged.safetensors", "damaged.bin", "legacy.bin");
        byte[] likely = {0, (byte) 0xFF, 0x7F, (byte) 0x80, '(', '}', 'q', 'R', 't', 'P', 'K', '9', '-', '"'};
        RandomSource random = RandomSource.of(31);
        int refused = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] original = originals.get(i % 3);
            // the directory of a zip is at its end
            int begin = i % 6 == 1 ? original.length - 900 : 0;
            Path file = write(names.get(i % 3), Mutations.bytes(original, begin, original.length, likely, random));
            try {
                open(file);
            } catch (WeightsFormatException e) {
                assertThat(e).hasMessageContaining(file.toString());
                refused++;
            }
        }
        assertThat(refused).isBetween(MUTATIONS / 5, MUTATIONS - 1);
        assertThat(files).isGreaterThanOrEqualTo(MUTATIONS);
    }

    // ---- helpers

    private void refused(Path file, String message) {
        assertThatThrownBy(() -> open(file))
                .isInstanceOf(WeightsFormatException.class)
                .hasMessageContaining(folder.toString())
                .hasMessageContaining(message)
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(70_000));
    }

    /** Opens a file and reads every tensor that it has. */
    private void open(Path path) {
        files++;
        Assertions.assertTimeoutPreemptively(LIMIT, () -> {
            if (path.toString().endsWith(".safetensors") && Files.isRegularFile(path)) {
                read(Safetensors.open(path));
            } else if (path.toString().endsWith(".bin") && Files.isRegularFile(path)) {
                read(TorchFile.open(path));
            } else {
                Checkpoint.open(path).close();
            }
        });
    }

    private static void read(TensorSource source) {
        try (source) {
            for (TensorInfo info : source.tensors().values()) {
                assertThat(info.length()).isNotNegative();
                if (info.type().isFloatingPoint() && info.length() > 0) {
                    try (INDArray tensor = source.read(info.name())) {
                        assertThat(tensor.length()).isEqualTo(info.length());
                    }
                }
            }
        }
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = HostileWeightsTest.class.getResourceAsStream("/torch/" + name)) {
            return in.readAllBytes();
        }
    }

    private Path write(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }

    private Path zip(String name, byte[] pickle) throws IOException {
        return write(
                name, zipBytes(ZipEntry.STORED, Map.of("archive/data.pkl", pickle, "archive/data/0", new byte[16])));
    }

    private static byte[] zipBytes(int method, Map<String, byte[]> entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> each : entries.entrySet()) {
                ZipEntry entry = new ZipEntry(each.getKey());
                entry.setMethod(method);
                CRC32 sum = new CRC32();
                sum.update(each.getValue());
                entry.setSize(each.getValue().length);
                entry.setCrc(sum.getValue());
                zip.putNextEntry(entry);
                zip.write(each.getValue());
            }
        }
        return bytes.toByteArray();
    }

    private Path zipped(byte[] start, char opcode, int count) throws IOException {
        byte[] pickle = Arrays.copyOf(start, start.length + count);
        Arrays.fill(pickle, start.length, pickle.length, (byte) opcode);
        return zip("one_opcode.bin", pickle);
    }

    /** In the older layout, whose first pickle is a number. */
    private Path legacy(byte[] start, char opcode, int count) throws IOException {
        Path file = folder.resolve("one_opcode.legacy.bin");
        try (OutputStream out = Files.newOutputStream(file)) {
            out.write(start);
            byte[] block = new byte[count / 1000];
            Arrays.fill(block, (byte) opcode);
            for (int i = 0; i < 1000; i++) {
                out.write(block);
            }
        }
        return file;
    }

    /** A dictionary of one tensor. */
    private Path tensor(String name, long stored, long offset, long[] shape) throws IOException {
        Pickle pickle = new Pickle()
                .op(0x80, 2, '}')
                .text("a")
                .global("torch._utils", "_rebuild_tensor_v2")
                .op('(');
        pickle.storage("FloatStorage", "0", stored).number(offset).op('(');
        for (long size : shape) {
            pickle.number(size);
        }
        pickle.op('t', '(');
        for (int i = 0; i < shape.length; i++) {
            pickle.number(1);
        }
        return zip(name, pickle.op('t', 0x89, 'N', 't', 'R', 's', '.').bytes());
    }

    private static ByteBuffer little(int bytes, long value) {
        return ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(0, value)
                .limit(bytes);
    }

    private Path patched(String name, byte[] valid, int at, ByteBuffer patch, int length) throws IOException {
        byte[] bytes = Arrays.copyOf(valid, length);
        patch.get(bytes, Math.min(at, length), patch.remaining());
        return write(name, bytes);
    }

    /** The last records of a zip of many gigabytes, at the end of a file that is a hole before. */
    private Path wideZip(String name, long directory, long entries, long length) throws IOException {
        Path file = folder.resolve(name);
        ByteBuffer end = ByteBuffer.allocate(56 + 20 + 22).order(ByteOrder.LITTLE_ENDIAN);
        end.putInt(0x06064B50).putLong(44).putInt(0).putInt(0).putInt(0);
        end.putLong(entries).putLong(entries).putLong(directory).putLong(4);
        end.putInt(0x07064B50).putInt(0).putLong(length - end.capacity()).putInt(1);
        end.putInt(0x06054B50)
                .putInt(0)
                .putShort((short) -1)
                .putShort((short) -1)
                .putInt(-1)
                .putInt(-1)
                .putShort((short) 0);
        Files.deleteIfExists(file);
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.WRITE, StandardOpenOption.CREATE, StandardOpenOption.SPARSE)) {
            channel.write(ByteBuffer.wrap(new byte[] {'P', 'K', 3, 4}), 0);
            channel.write(end.flip(), length - end.capacity());
        }
        return file;
    }

    private interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    private Path safetensors(String name, long header, Content content) throws IOException {
        Path file = folder.resolve(name);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            out.write(little(8, header).array());
            content.writeTo(out);
        }
        assertThat(Files.size(file)).isEqualTo(8 + header);
        return file;
    }

    private Path header(String header, int data) throws IOException {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + text.length + data).order(ByteOrder.LITTLE_ENDIAN);
        return write("header.safetensors", bytes.putLong(text.length).put(text).array());
    }

    /** A header of nearly 100 MB that lists one thing two hundred thousand times, and then is a hole. */
    private Path listed(String name, String start, String item) throws IOException {
        StringBuilder list = new StringBuilder(start);
        for (int i = 0; i < 200_000; i++) {
            list.append(item.replace("%07d", Integer.toString(10_000_000 + i).substring(1)))
                    .append(',');
        }
        Path file = folder.resolve(name);
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(99_000_008);
            sparse.write(little(8, 99_000_000).array());
            sparse.write(list.toString().getBytes(StandardCharsets.US_ASCII));
        }
        return file;
    }

    private static void repeat(OutputStream out, String text, int times) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < times; i++) {
            out.write(bytes);
        }
    }

    /** Writes the opcodes of a pickle. */
    private static final class Pickle {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Pickle op(int... opcodes) {
            for (int opcode : opcodes) {
                out.write(opcode);
            }
            return this;
        }

        Pickle text(String text) {
            op('X', text.length(), 0, 0, 0);
            out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
            return this;
        }

        Pickle global(String module, String name) {
            op('c');
            out.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.US_ASCII));
            return this;
        }

        Pickle number(long value) {
            op(0x8A, 8);
            out.writeBytes(little(8, value).array());
            return this;
        }

        Pickle storage(String type, String key, long length) {
            return op('(').text("storage")
                    .global("torch", type)
                    .text(key)
                    .text("cpu")
                    .number(length)
                    .op('t', 'Q');
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }
}
