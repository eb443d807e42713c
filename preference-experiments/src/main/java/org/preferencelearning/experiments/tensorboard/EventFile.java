package org.preferencelearning.experiments.tensorboard;

import static java.util.Objects.requireNonNull;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.Locale;
import java.util.Map;
import java.util.zip.CRC32C;
import org.preferencelearning.core.error.OutputException;

/**
 * A file of events as TensorBoard reads them: {@code Event} messages of TensorFlow's {@code event.proto}, of which the fields that
 * scalars need, in TFRecord frames (length, masked CRC-32C of it, message, masked CRC-32C of that; little-endian).
 */
public final class EventFile implements AutoCloseable {
    private static final int MASK = 0xa282ead8;
    private static final int VARINT = 0;
    private static final int EIGHT_BYTES = 1;
    private static final int BYTES = 2;
    private static final int FOUR_BYTES = 5;

    private final Path file;
    private final Clock clock;
    private final OutputStream out;

    private EventFile(Path file, Clock clock, OutputStream out) {
        this.file = file;
        this.clock = clock;
        this.out = out;
    }

    /**
     * Begins a file of its own name in a folder, which is made if it is missing. TensorBoard shows all files of a folder as one
     * run.
     *
     * @throws OutputException naming what cannot be written
     */
    public static EventFile in(Path folder, Clock clock) {
        requireNonNull(clock, "clock");
        try {
            Files.createDirectories(folder);
            long pid = ProcessHandle.current().pid();
            for (int i = 0; ; i++) {
                Path file = folder.resolve(String.format(
                        Locale.ROOT, "events.out.tfevents.%d.preference.%d.%d", clock.millis() / 1000, pid, i));
                if (!Files.exists(file)) {
                    OutputStream out =
                            new BufferedOutputStream(Files.newOutputStream(file, StandardOpenOption.CREATE_NEW));
                    EventFile events = new EventFile(file, clock, out);
                    events.write(new Message().text(3, "brain.Event:2"));
                    return events;
                }
            }
        } catch (IOException e) {
            throw new OutputException(folder, String.valueOf(e.getMessage()), e);
        }
    }

    /** Adds a step's values by their names; those that are not finite are shown as such. */
    public void add(long step, Map<String, Double> values) {
        Message summary = new Message();
        values.forEach(
                (tag, value) -> summary.message(1, new Message().text(1, tag).float32(2, value.floatValue())));
        write(new Message().whole(2, step).message(5, summary));
    }

    private void write(Message fields) {
        byte[] message =
                new Message().float64(1, clock.millis() / 1000.0).bytes(fields).toBytes();
        byte[] length = little(8).putLong(message.length).array();
        try {
            out.write(length);
            out.write(little(4).putInt(masked(length)).array());
            out.write(message);
            out.write(little(4).putInt(masked(message)).array());
        } catch (IOException e) {
            throw new OutputException(file, String.valueOf(e.getMessage()), e);
        }
    }

    private static int masked(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return Integer.rotateRight((int) crc.getValue(), 15) + MASK;
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Makes what was added visible to readers. */
    public void flush() {
        try {
            out.flush();
        } catch (IOException e) {
            throw new OutputException(file, String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw new OutputException(file, String.valueOf(e.getMessage()), e);
        }
    }

    /** A message of Protocol Buffers, in the making. */
    private static final class Message {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Message whole(int field, long value) {
            key(field, VARINT);
            varint(value);
            return this;
        }

        Message float64(int field, double value) {
            key(field, EIGHT_BYTES);
            bytes.writeBytes(little(8).putDouble(value).array());
            return this;
        }

        Message float32(int field, float value) {
            key(field, FOUR_BYTES);
            bytes.writeBytes(little(4).putFloat(value).array());
            return this;
        }

        Message text(int field, String value) {
            return delimited(field, value.getBytes(StandardCharsets.UTF_8));
        }

        Message message(int field, Message value) {
            return delimited(field, value.toBytes());
        }

        /** The fields of another. */
        Message bytes(Message more) {
            bytes.writeBytes(more.toBytes());
            return this;
        }

        private Message delimited(int field, byte[] value) {
            key(field, BYTES);
            varint(value.length);
            bytes.writeBytes(value);
            return this;
        }

        private void key(int field, int type) {
            varint((long) field << 3 | type);
        }

        private void varint(long value) {
            long rest = value;
            while ((rest & ~0x7fL) != 0) {
                bytes.write((int) (rest & 0x7f | 0x80));
                rest >>>= 7;
            }
            bytes.write((int) rest);
        }

        byte[] toBytes() {
            return bytes.toByteArray();
        }
    }
}
