package org.preferencelearning.core.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.preferencelearning.core.error.DataFormatException;
import org.tukaani.xz.XZIOException;
import org.tukaani.xz.XZInputStream;

/**
 * Reads a file of JSON objects, one a line, a row at a time; plain, gzip or xz, told apart by their first bytes. Blank
 * lines are skipped.
 */
public final class JsonLines {
    /** Longest accepted line, in bytes. */
    public static final int MAX_LINE_BYTES = 32 << 20;

    private static final int XZ_MEMORY_LIMIT_KIB = 256 << 10;
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private JsonLines() {}

    /** What is done with each row. */
    @FunctionalInterface
    public interface RowConsumer {
        void accept(JsonRow row);
    }

    /**
     * Gives every row of {@code file} to {@code consumer}, in order.
     *
     * @throws DataFormatException if the file does not exist, is damaged or cut short, holds bytes that are not UTF-8,
     *     or a line that is not one JSON object
     * @throws UncheckedIOException if reading fails for another reason
     */
    public static void read(Path file, RowConsumer consumer) {
        String name = file.toString();
        long line = 0;
        try (InputStream in = open(file)) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            boolean more = true;
            while (more) {
                line++;
                more = readLine(in, bytes, name, line);
                String text = decode(bytes, name, line);
                if (!text.isBlank()) {
                    consumer.accept(new JsonRow(name, line, parse(text, name, line)));
                }
            }
        } catch (NoSuchFileException e) {
            throw new DataFormatException(name, 0, "no such file", e);
        } catch (EOFException e) {
            throw new DataFormatException(name, line, "the compressed file ends early: it is cut short", e);
        } catch (ZipException | XZIOException e) {
            throw new DataFormatException(name, line, "the compressed file is damaged: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(name + ": " + e.getMessage(), e);
        }
    }

    private static InputStream open(Path file) throws IOException {
        InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        try {
            in.mark(6);
            byte[] magic = in.readNBytes(6);
            in.reset();
            if (magic.length >= 2 && (magic[0] & 0xFF) == 0x1F && (magic[1] & 0xFF) == 0x8B) {
                return new BufferedInputStream(new GZIPInputStream(in, 1 << 16), 1 << 16);
            }
            if (magic.length == 6 && (magic[0] & 0xFF) == 0xFD && magic[1] == '7' && magic[2] == 'z') {
                return new BufferedInputStream(new XZInputStream(in, XZ_MEMORY_LIMIT_KIB), 1 << 16);
            }
            return in;
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    /** Fills {@code bytes} with the next line without its end; false if the file ended. */
    private static boolean readLine(InputStream in, ByteArrayOutputStream bytes, String name, long line)
            throws IOException {
        bytes.reset();
        for (int b = in.read(); b >= 0; b = in.read()) {
            if (b == '\n') {
                return true;
            }
            if (bytes.size() == MAX_LINE_BYTES) {
                throw new DataFormatException(name, line, "the line is longer than " + MAX_LINE_BYTES + " bytes");
            }
            bytes.write(b);
        }
        return false;
    }

    private static String decode(ByteArrayOutputStream bytes, String name, long line) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new DataFormatException(name, line, "the line is not valid UTF-8", e);
        }
    }

    private static JsonNode parse(String text, String name, long line) {
        JsonNode node;
        try {
            node = MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new DataFormatException(name, line, "not JSON: " + e.getOriginalMessage(), e);
        }
        if (!node.isObject()) {
            throw new DataFormatException(name, line, "expected a JSON object, found " + node.getNodeType());
        }
        return node;
    }
}
