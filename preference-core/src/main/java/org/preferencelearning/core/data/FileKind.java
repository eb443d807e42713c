package org.preferencelearning.core.data;

import com.google.common.io.BaseEncoding;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a file is by its first bytes, where that is neither text nor what this library unpacks. */
final class FileKind {
    /** First bytes that are looked at. */
    static final int HEAD_BYTES = 4096;

    /** {@code bytes} at {@code offset} make a file {@code name}. */
    private record Magic(String name, int offset, byte[] bytes) {
        static Magic text(String name, String text) {
            return new Magic(name, 0, text.getBytes(StandardCharsets.US_ASCII));
        }

        static Magic hex(String name, String hex) {
            return new Magic(name, 0, BaseEncoding.base16().decode(hex));
        }

        boolean matches(byte[] head) {
            int end = offset + bytes.length;
            return head.length >= end && Arrays.equals(head, offset, end, bytes, 0, bytes.length);
        }
    }

    private static final Magic GZIP = Magic.hex("packed with gzip", "1F8B");
    private static final Magic XZ = Magic.hex("packed with xz", "FD377A585A00");
    private static final Magic ZSTD = Magic.hex("packed with zstd", "28B52FFD");
    private static final Magic ZIP = Magic.hex("a zip archive", "504B0304");
    private static final Magic EMPTY_ZIP = Magic.hex("an empty zip archive", "504B0506");
    private static final Magic PARQUET = Magic.text("a Parquet file", "PAR1");

    private static final List<Magic> KNOWN = List.of(
            Magic.text("an encrypted Parquet file", "PARE"),
            Magic.text("an Arrow (Feather) file", "ARROW1"),
            Magic.text("a Feather file", "FEA1"),
            Magic.hex("an Arrow stream", "FFFFFFFF"),
            Magic.text("an ORC file", "ORC"),
            Magic.hex("an Avro file", "4F626A01"),
            Magic.hex("a part of a zip archive", "504B0708"),
            Magic.text("packed with bzip2", "BZh"),
            Magic.hex("a 7z archive", "377ABCAF271C"),
            Magic.hex("a rar archive", "526172211A07"),
            Magic.hex("packed with lz4", "04224D18"),
            Magic.hex("packed with compress", "1F9D"),
            Magic.hex("packed with lzma", "5D000080"),
            Magic.hex("packed with lzma", "5D000000"),
            // within something packed, or where one text is wanted
            PARQUET,
            ZIP,
            EMPTY_ZIP,
            new Magic("a tar archive", 257, "ustar".getBytes(StandardCharsets.US_ASCII)),
            Magic.text("an SQLite database", "SQLite format 3"),
            Magic.hex("an HDF5 file", "894844460D0A1A0A"),
            Magic.hex("a NumPy array", "934E554D5059"),
            Magic.hex("a Python pickle", "8002"),
            Magic.hex("a Python pickle", "8003"),
            Magic.hex("a Python pickle", "8004"),
            Magic.hex("a Python pickle", "8005"),
            Magic.text("a PDF document", "%PDF-"),
            Magic.text(
                    "a git-lfs pointer, which stands for the file ('git lfs pull' fetches it)",
                    "version https://git-lfs.github.com/spec/"));

    private FileKind() {}

    static boolean isGzip(byte[] head) {
        return GZIP.matches(head);
    }

    static boolean isXz(byte[] head) {
        return XZ.matches(head);
    }

    static boolean isZstd(byte[] head) {
        return ZSTD.matches(head);
    }

    static boolean isPacked(byte[] head) {
        return isGzip(head) || isXz(head) || isZstd(head);
    }

    static boolean isZip(byte[] head) {
        return ZIP.matches(head) || EMPTY_ZIP.matches(head);
    }

    static boolean isParquet(byte[] head) {
        return PARQUET.matches(head);
    }

    /** Says what is no text; empty for what is packed and what may be text. */
    static Optional<String> unreadable(byte[] head) {
        for (Magic magic : KNOWN) {
            if (magic.matches(head)) {
                return Optional.of("it is " + magic.name());
            }
        }
        String start = new String(head, StandardCharsets.ISO_8859_1).strip().toLowerCase(Locale.ROOT);
        if (start.startsWith("<!doctype html") || start.startsWith("<html") || start.startsWith("<head")) {
            return Optional.of("it is a web page (HTML), perhaps a server's message instead of the file");
        }
        return start.startsWith("<?xml") ? Optional.of("it is an XML file") : Optional.empty();
    }
}
