package org.preferencelearning.core.data;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.ZipException;
import org.preferencelearning.core.data.ReadBudget.LimitException;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.internal.io.RegularFiles;
import org.tukaani.xz.MemoryLimitException;
import org.tukaani.xz.XZIOException;
import org.tukaani.xz.XZInputStream;

/**
 * The text of a data file: unpacked (gzip, xz, zstd) and decoded (UTF-8; UTF-16 and UTF-32 by their byte order mark or zero
 * bytes), both told by its first bytes. Other kinds of files are refused by name. Bytes and the length of rows are counted.
 */
final class DataFile implements Closeable {
    private static final int XZ_MEMORY_LIMIT_KIB = 256 << 10;
    private static final int BUFFER_BYTES = 1 << 16;
    private static final String READABLE =
            "; what can be read: JSON lines or a list of JSON objects, CSV and TSV, plain or"
                    + " packed with gzip, xz or zstd, zip archives of them, and Parquet";

    private final String name;
    private final ReadBudget budget;
    private final Reader reader;
    private final String head;
    private long sinceRow;

    private DataFile(String name, ReadBudget budget, InputStream text) throws IOException {
        this.name = name;
        this.budget = budget;
        byte[] start = peek(text, FileKind.HEAD_BYTES);
        Encoding encoding = Encoding.of(start);
        text.skipNBytes(encoding.mark());
        this.head = new String(start, encoding.mark(), start.length - encoding.mark(), encoding.charset());
        this.reader = new StrictReader(text, encoding.charset());
    }

    /**
     * Opens a file.
     *
     * @throws DataFormatException if it is not there, is no regular file, or is of a kind that is no text
     */
    static DataFile open(Path file, ReadBudget budget) {
        return open(file.toString(), RegularFiles.open(file), "", budget);
    }

    /** As {@link #open}, of a file in an archive, in which nothing is packed again. */
    static DataFile inArchive(String name, InputStream in, ReadBudget budget) {
        return open(name, in, "in a zip archive, ", budget);
    }

    private static DataFile open(String name, InputStream raw, String archive, ReadBudget budget) {
        InputStream in = new BufferedInputStream(raw, BUFFER_BYTES);
        String within = archive;
        try {
            byte[] head = peek(in, FileKind.HEAD_BYTES);
            if (archive.isEmpty() && FileKind.isGzip(head)) {
                in = WholeGzip.of(in, BUFFER_BYTES);
                within = "packed with gzip, ";
            } else if (archive.isEmpty() && FileKind.isXz(head)) {
                in = new XZInputStream(in, XZ_MEMORY_LIMIT_KIB);
                within = "packed with xz, ";
            } else if (archive.isEmpty() && FileKind.isZstd(head)) {
                in = Zstd.open(name, in);
                within = "packed with zstd, ";
            }
            in = new BufferedInputStream(new Counted(in, budget), BUFFER_BYTES);
            byte[] content = within.isEmpty() ? head : peek(in, FileKind.HEAD_BYTES);
            Optional<String> unreadable = FileKind.unreadable(content);
            if (unreadable.isEmpty() && FileKind.isPacked(content)) {
                unreadable = Optional.of("it is packed twice");
            }
            if (unreadable.isPresent()) {
                throw new DataFormatException(name, 0, within + unreadable.get() + READABLE);
            }
            return new DataFile(name, budget, in);
        } catch (IOException e) {
            close(in, e);
            throw fault(name, 0, e);
        } catch (DataFormatException e) {
            close(in, e);
            throw e;
        }
    }

    /** The first bytes of a file. */
    static byte[] head(Path file) {
        try (InputStream in = RegularFiles.open(file)) {
            return in.readNBytes(FileKind.HEAD_BYTES);
        } catch (IOException e) {
            throw RegularFiles.unreadable(file, 0, e);
        }
    }

    private static byte[] peek(InputStream in, int count) throws IOException {
        in.mark(count);
        byte[] head = in.readNBytes(count);
        in.reset();
        return head;
    }

    private static void close(InputStream in, Exception cause) {
        try {
            in.close();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    String name() {
        return name;
    }

    /** The first characters, without a byte order mark; they are read again by {@link #read}. */
    String head() {
        return head;
    }

    /** Characters, as {@link Reader#read(char[], int, int)}; about as many as a row may have until the next row is counted. */
    int read(char[] target, int offset, int length) throws IOException {
        int count = reader.read(target, offset, length);
        sinceRow += Math.max(0, count);
        // what one read took beyond the end of the row before does not count
        if (sinceRow - length > budget.limits().rowLength()) {
            throw budget.tooLong();
        }
        return count;
    }

    ReadBudget budget() {
        return budget;
    }

    /** Refuses a row of more characters than are allowed. */
    void requireLength(long length) throws LimitException {
        budget.requireLength(length);
    }

    /** All characters, for a parser. */
    Reader reader() {
        return new Reader() {
            @Override
            public int read(char[] target, int offset, int length) throws IOException {
                return DataFile.this.read(target, offset, length);
            }

            @Override
            public void close() {
                // the file is closed by whoever opened it
            }
        };
    }

    /** Counts a row, before the next is read. */
    void row() throws LimitException {
        sinceRow = 0;
        budget.row();
    }

    /** What {@code failure} to read means to the user. */
    DataFormatException fault(long line, IOException failure) {
        return fault(name, line, failure);
    }

    static DataFormatException fault(String name, long line, IOException failure) {
        String problem;
        if (failure instanceof LimitException) {
            problem = String.valueOf(failure.getMessage());
        } else if (failure instanceof CharacterCodingException) {
            problem = "the text is not valid UTF-8 (nor UTF-16 or UTF-32 by its first bytes)";
        } else if (failure instanceof EOFException) {
            problem = "the compressed file ends early: it is cut short";
        } else if (failure instanceof MemoryLimitException) {
            problem = "unpacking it takes more than " + (XZ_MEMORY_LIMIT_KIB >> 10) + " MiB of memory";
        } else if (failure instanceof ZipException || failure instanceof XZIOException || Zstd.isFault(failure)) {
            problem = "the compressed file is damaged: " + failure.getMessage();
        } else {
            return RegularFiles.unreadable(Path.of(name), line, failure);
        }
        return new DataFormatException(name, line, problem, failure);
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }

    /** A text's encoding, and how many bytes its byte order mark has. */
    private record Encoding(Charset charset, int mark) {
        /** As in RFC 4627: JSON begins with two ASCII characters, so that zero bytes tell the encoding. */
        static Encoding of(byte[] head) {
            int[] b = new int[4];
            Arrays.setAll(b, i -> i < head.length ? head[i] & 0xFF : 1);
            if (b[0] == 0xEF && b[1] == 0xBB && b[2] == 0xBF) {
                return new Encoding(StandardCharsets.UTF_8, 3);
            }
            if (b[0] == 0xFF && b[1] == 0xFE) {
                boolean wide = b[2] == 0 && b[3] == 0;
                return wide ? new Encoding(Charset.forName("UTF-32LE"), 4) : new Encoding(StandardCharsets.UTF_16LE, 2);
            }
            if (b[0] == 0xFE && b[1] == 0xFF) {
                return new Encoding(StandardCharsets.UTF_16BE, 2);
            }
            if (b[0] == 0 && b[1] == 0) {
                boolean marked = b[2] == 0xFE && b[3] == 0xFF;
                return new Encoding(Charset.forName("UTF-32BE"), marked ? 4 : 0);
            }
            if (b[0] == 0) {
                return new Encoding(StandardCharsets.UTF_16BE, 0);
            }
            if (b[1] == 0) {
                boolean wide = b[2] == 0 && b[3] == 0;
                return new Encoding(wide ? Charset.forName("UTF-32LE") : StandardCharsets.UTF_16LE, 0);
            }
            return new Encoding(StandardCharsets.UTF_8, 0);
        }
    }

    /** Refuses more bytes than are allowed. */
    private static final class Counted extends FilterInputStream {
        private final ReadBudget budget;

        Counted(InputStream in, ReadBudget budget) {
            super(in);
            this.budget = budget;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int read = in.read(target, offset, length);
            budget.bytes(Math.max(0, read));
            return read;
        }

        @Override
        public long skip(long bytes) throws IOException {
            return read(new byte[(int) Math.min(bytes, BUFFER_BYTES)]);
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }
}
