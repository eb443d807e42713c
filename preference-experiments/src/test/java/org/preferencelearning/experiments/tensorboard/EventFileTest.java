package org.preferencelearning.experiments.tensorboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.error.OutputException;

/** Read back by a reader of its own; Python's tensorboard 2.21.0 read such files too, with the same tags, steps and values. */
class EventFileTest {
    private static final Clock CLOCK = Clock.fixed(Instant.ofEpochMilli(1_700_000_000_500L), ZoneOffset.UTC);

    @TempDir
    Path folder;

    /** An event as it is read: fields by number. */
    record Read(double wallTime, long step, String version, Map<String, Float> values) {}

    @Test
    void eventsAreReadBack() throws IOException {
        try (EventFile file = EventFile.in(folder, CLOCK)) {
            file.add(1, values("train/loss", 0.6931, "train/rewards/margins", -0.25));
            file.add(300, values("train/loss", 0.125));
            file.add(1L << 40, values("train/grad_norm", Double.NaN));
        }
        List<Read> events = read(onlyFile(folder));
        assertThat(events)
                .containsExactly(
                        new Read(1_700_000_000.5, 0, "brain.Event:2", Map.of()),
                        new Read(
                                1_700_000_000.5, 1, "", Map.of("train/loss", 0.6931f, "train/rewards/margins", -0.25f)),
                        new Read(1_700_000_000.5, 300, "", Map.of("train/loss", 0.125f)),
                        new Read(1_700_000_000.5, 1L << 40, "", Map.of("train/grad_norm", Float.NaN)));
    }

    /** The frame of the version is as long, and so begins, as in every file of events. */
    @Test
    void theFirstFrameIsTensorFlows() throws IOException {
        try (EventFile file = EventFile.in(folder, Clock.fixed(Instant.EPOCH, ZoneOffset.UTC))) {
            file.flush();
        }
        byte[] bytes = Files.readAllBytes(onlyFile(folder));
        assertThat(bytes).hasSize(8 + 4 + 24 + 4);
        assertThat(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong())
                .isEqualTo(24);
        // 18 00 00 00 00 00 00 00 a3 7f 4b 22 begins every file of events, whatever its time
        assertThat(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(8))
                .isEqualTo(0x224b7fa3);
    }

    @Test
    void twoFilesOfTheSameSecondDoNotMeet() throws IOException {
        EventFile.in(folder, CLOCK).close();
        EventFile.in(folder, CLOCK).close();
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).hasSize(2);
        }
    }

    @Test
    void aFolderThatIsAFileIsRefusedByName() throws IOException {
        Path file = Files.writeString(folder.resolve("taken"), "x");
        assertThatThrownBy(() -> EventFile.in(file, CLOCK))
                .isInstanceOf(OutputException.class)
                .hasMessageContaining("taken");
    }

    @Test
    void tasksHaveFoldersOfTheirOwn() throws IOException {
        try (TensorBoardProgress progress = new TensorBoardProgress(folder, CLOCK)) {
            progress.metrics("train-a", 1, Map.of("loss", 0.5));
            progress.metrics("train-b", 1, Map.of("loss", 0.25));
            progress.taskDone("train-a");
            progress.metrics("train-b", 2, Map.of("loss", 0.125));
        }
        assertThat(read(onlyFile(folder.resolve("train-a"))).get(1).values()).isEqualTo(Map.of("train/loss", 0.5f));
        assertThat(read(onlyFile(folder.resolve("train-b"))))
                .extracting(Read::step)
                .containsExactly(0L, 1L, 2L);
    }

    private static Map<String, Double> values(Object... entries) {
        Map<String, Double> values = new LinkedHashMap<>();
        for (int i = 0; i < entries.length; i += 2) {
            values.put((String) entries[i], (Double) entries[i + 1]);
        }
        return values;
    }

    static Path onlyFile(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(1);
            assertThat(all.get(0).getFileName().toString()).startsWith("events.out.tfevents.");
            return all.get(0);
        }
    }

    /** Frames with both sums checked, by another implementation of CRC-32C than the writer's. */
    static List<Read> read(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<Read> events = new ArrayList<>();
        while (bytes.hasRemaining()) {
            byte[] length = new byte[8];
            bytes.get(length);
            assertThat(unmasked(bytes.getInt()))
                    .isEqualTo(Hashing.crc32c().hashBytes(length).asInt());
            byte[] message = new byte
                    [(int) ByteBuffer.wrap(length)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong()];
            bytes.get(message);
            assertThat(unmasked(bytes.getInt()))
                    .isEqualTo(Hashing.crc32c().hashBytes(message).asInt());
            events.add(event(ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN)));
        }
        return events;
    }

    private static int unmasked(int masked) {
        int rotated = masked - 0xa282ead8;
        return rotated >>> 17 | rotated << 15;
    }

    private static Read event(ByteBuffer message) {
        double wallTime = 0;
        long step = 0;
        String version = "";
        Map<String, Float> values = new LinkedHashMap<>();
        while (message.hasRemaining()) {
            int key = (int) varint(message);
            switch (key) {
                case 1 << 3 | 1 -> wallTime = message.getDouble();
                case 2 << 3 -> step = varint(message);
                case 3 << 3 | 2 ->
                    version = StandardCharsets.UTF_8.decode(part(message)).toString();
                case 5 << 3 | 2 -> {
                    ByteBuffer summary = part(message);
                    while (summary.hasRemaining()) {
                        assertThat(varint(summary)).isEqualTo(1 << 3 | 2);
                        ByteBuffer value = part(summary);
                        assertThat(varint(value)).isEqualTo(1 << 3 | 2);
                        String tag = StandardCharsets.UTF_8.decode(part(value)).toString();
                        assertThat(varint(value)).isEqualTo(2 << 3 | 5);
                        values.put(tag, value.getFloat());
                    }
                }
                default -> throw new AssertionError("field and type " + key);
            }
        }
        return new Read(wallTime, step, version, values);
    }

    private static ByteBuffer part(ByteBuffer from) {
        int length = (int) varint(from);
        ByteBuffer part = from.slice(from.position(), length).order(ByteOrder.LITTLE_ENDIAN);
        from.position(from.position() + length);
        return part;
    }

    private static long varint(ByteBuffer from) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = from.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }
}
