package org.preferencelearning.core.internal.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.io.ByteStreams;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.preferencelearning.core.error.DataFormatException;

/** Files that hold one JSON value, such as a model's configuration. */
public final class JsonFiles {
    /** Largest accepted file, in bytes. */
    public static final int MAX_BYTES = 256 << 20;

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private JsonFiles() {}

    /**
     * Reads a file.
     *
     * @throws DataFormatException if it does not exist, is no regular file or longer than {@link #MAX_BYTES}, cannot be
     *     read, is not JSON, names a field twice or holds more than one value
     */
    public static JsonNode read(Path file) {
        String name = file.toString();
        try (InputStream in = RegularFiles.open(file)) {
            if (Files.size(file) > MAX_BYTES) {
                throw new DataFormatException(name, 0, "it is longer than " + MAX_BYTES + " bytes");
            }
            return MAPPER.readTree(ByteStreams.limit(in, MAX_BYTES));
        } catch (JsonProcessingException e) {
            long line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            throw new DataFormatException(name, Math.max(0, line), JsonProblems.describe(e), e);
        } catch (IOException e) {
            throw RegularFiles.unreadable(file, 0, e);
        }
    }
}
