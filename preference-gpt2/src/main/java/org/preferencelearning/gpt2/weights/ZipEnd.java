package org.preferencelearning.gpt2.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The last record of a zip. {@link java.util.zip.ZipFile} takes memory for as long a directory as it speaks of, so that is
 * looked at first. Field positions are those of PKWARE's APPNOTE, 4.3.14 to 4.3.16.
 */
final class ZipEnd {
    private static final int MAX_ENTRIES = 1_000_000;
    private static final long MAX_DIRECTORY_BYTES = 128L << 20;

    private static final int END_BYTES = 22;
    private static final int END_MAGIC = 0x06054B50;
    private static final int LOCATOR_BYTES = 20;
    private static final int LOCATOR_MAGIC = 0x07064B50;
    private static final int WIDE_END_BYTES = 56;
    /** Written for a length that the wide record holds. */
    private static final long ELSEWHERE = 0xFFFFFFFFL;

    private ZipEnd() {}

    /**
     * Throws if the file does not end as a zip without a comment does, or its directory is too long.
     *
     * @throws WeightsFormatException naming both figures
     */
    static void check(Path path) throws IOException {
        String file = path.toString();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long start = channel.size() - END_BYTES;
            ByteBuffer end = record(channel, start, END_BYTES);
            if (start < 0 || end.getInt(0) != END_MAGIC || end.getShort(20) != 0) {
                throw new WeightsFormatException(
                        file, "not a readable zip: it does not end with a zip's directory, or is cut off");
            }
            long bytes = end.getInt(12) & ELSEWHERE;
            if (bytes != ELSEWHERE) {
                require(file, bytes, end.getShort(10) & 0xFFFF);
            }
            ByteBuffer locator = record(channel, start - LOCATOR_BYTES, LOCATOR_BYTES);
            if (locator.getInt(0) == LOCATOR_MAGIC) {
                ByteBuffer wide = record(channel, locator.getLong(8), WIDE_END_BYTES);
                require(file, wide.getLong(40), wide.getLong(32));
            }
        }
    }

    private static void require(String file, long bytes, long entries) {
        if (bytes < 0 || bytes > MAX_DIRECTORY_BYTES || entries < 0 || entries > MAX_ENTRIES) {
            throw new WeightsFormatException(
                    file,
                    "its zip's directory is said to have " + Long.toUnsignedString(entries) + " entries in "
                            + Long.toUnsignedString(bytes) + " bytes; allowed: up to " + MAX_ENTRIES + " in "
                            + MAX_DIRECTORY_BYTES);
        }
    }

    /** The bytes from a position on; zeros for what is outside the file. */
    private static ByteBuffer record(FileChannel channel, long position, int bytes) throws IOException {
        ByteBuffer record = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (position >= 0 && position <= channel.size() - bytes) {
            while (record.hasRemaining() && channel.read(record, position + record.position()) >= 0) {
                // until it is full
            }
        }
        return record;
    }
}
