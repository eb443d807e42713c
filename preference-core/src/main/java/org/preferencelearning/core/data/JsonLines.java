package org.preferencelearning.core.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.internal.io.JsonProblems;

/** Rows of a text: JSON objects, one a line, or the elements of one list, which may be on many lines. Blank lines are skipped. */
final class JsonLines {
    /** Reads the data files of this package; a row's length is limited by {@link ReadLimits} alone. */
    static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .build();

    private static final int BUFFER_CHARACTERS = 1 << 16;

    private final DataFile file;
    private final RowFiles.RowConsumer consumer;
    private long line;

    private JsonLines(DataFile file, RowFiles.RowConsumer consumer) {
        this.file = file;
        this.consumer = consumer;
    }

    /** Whether a text that begins so is JSON, or empty; white space before it is left out. */
    static boolean isOne(String head) {
        return head.isEmpty() || head.startsWith("{") || head.startsWith("[") || head.startsWith("\uFEFF");
    }

    /** Gives every row of a file that begins as JSON does to {@code consumer}, in order. */
    static void read(DataFile file, RowFiles.RowConsumer consumer) {
        JsonLines reader = new JsonLines(file, consumer);
        try {
            reader.read();
        } catch (JsonProcessingException e) {
            throw reader.fault(JsonProblems.describe(e), e);
        } catch (IOException e) {
            throw file.fault(reader.line, e);
        }
    }

    private void read() throws IOException {
        String head = file.head().strip();
        if (InstancesFile.isOne(head)) {
            throw new DataFormatException(file.name(), 0, InstancesFile.WHERE_ROWS_ARE_WANTED);
        }
        if (head.startsWith("[")) {
            readList();
        } else {
            readLines();
        }
    }

    private void readList() throws IOException {
        try (JsonParser parser = MAPPER.createParser(file.reader())) {
            line = 1;
            try {
                parser.nextToken();
                for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
                    line = parser.currentTokenLocation().getLineNr();
                    long start = parser.currentTokenLocation().getCharOffset();
                    file.row();
                    JsonNode row = MAPPER.readTree(parser);
                    file.requireLength(parser.currentLocation().getCharOffset() - start);
                    accept(row);
                }
                if (parser.nextToken() != null) {
                    line = parser.currentTokenLocation().getLineNr();
                    throw fault("something follows the list", null);
                }
            } catch (JsonProcessingException e) {
                line = e.getLocation() == null ? line : e.getLocation().getLineNr();
                throw e;
            }
        }
    }

    private void readLines() throws IOException {
        char[] buffer = new char[BUFFER_CHARACTERS];
        int start = 0; // of the line that is read
        int scanned = 0;
        int end = 0; // of what is in the buffer
        for (line = 1; ; ) {
            while (scanned < end && buffer[scanned] != '\n') {
                scanned++;
            }
            if (scanned < end) {
                accept(buffer, start, scanned);
                line++;
                scanned++;
                start = scanned;
                continue;
            }
            if (start > 0) {
                System.arraycopy(buffer, start, buffer, 0, end - start);
                end -= start;
                scanned = end;
                start = 0;
            }
            if (end == buffer.length) {
                buffer = Arrays.copyOf(buffer, (int) Math.min(Integer.MAX_VALUE - 8, 2L * buffer.length));
            }
            int count = file.read(buffer, end, Math.min(BUFFER_CHARACTERS, buffer.length - end));
            if (count < 0) {
                if (end > 0) {
                    accept(buffer, 0, end);
                }
                return;
            }
            end += count;
        }
    }

    private void accept(char[] text, int from, int to) throws IOException {
        file.row();
        file.requireLength(to - from);
        int start = from;
        while (start < to && (Character.isWhitespace(text[start]) || text[start] == '\uFEFF')) {
            start++; // a mark within is left by whoever joined files
        }
        if (start == to) {
            return;
        }
        try (JsonParser parser = MAPPER.createParser(text, start, to - start)) {
            JsonNode row = MAPPER.readTree(parser);
            if (parser.nextToken() != null) {
                throw fault("not JSON: something follows the value on its line", null);
            }
            accept(row);
        } catch (JsonProcessingException e) {
            if (JsonProblems.endsInside(e)) {
                throw fault("not JSON: the line ends inside a value; a row is one line, or an element of one list", e);
            }
            throw e;
        }
    }

    private void accept(JsonNode row) {
        if (!row.isObject()) {
            throw fault("expected a JSON object, found " + row.getNodeType(), null);
        }
        consumer.accept(new JsonRow(file.name(), line, row, false));
    }

    private DataFormatException fault(String problem, @Nullable Exception cause) {
        return new DataFormatException(file.name(), line, problem, cause);
    }
}
