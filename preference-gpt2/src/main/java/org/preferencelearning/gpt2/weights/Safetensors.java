package org.preferencelearning.gpt2.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A safetensors file opened for reading. Opening checks the whole header, as the format's specification asks: its length
 * against the file before anything is allocated, duplicate names, types, and that the tensors cover the data exactly,
 * without holes or overlaps. Tensors of any size are read in pieces.
 */
public final class Safetensors implements TensorSource {
    /** Longest accepted header, in bytes; the specification's limit. */
    public static final long MAX_HEADER_BYTES = 100_000_000;

    private static final int LENGTH_BYTES = 8;
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final String file;
    private final FileChannel channel;
    private final Map<String, TensorInfo> tensors;
    private final Map<String, String> metadata;

    private Safetensors(
            String file, FileChannel channel, Map<String, TensorInfo> tensors, Map<String, String> metadata) {
        this.file = file;
        this.channel = channel;
        this.tensors = tensors;
        this.metadata = metadata;
    }

    /**
     * Opens a file and checks its header.
     *
     * @throws WeightsFormatException if the file does not exist or breaks a rule of the format
     */
    public static Safetensors open(Path path) {
        String file = path.toString();
        FileChannel channel = null;
        try {
            channel = FileChannel.open(path, StandardOpenOption.READ);
            JsonNode header = readHeader(file, channel);
            long dataStart = LENGTH_BYTES + headerLength(file, channel);
            Map<String, String> metadata = metadata(file, header);
            Map<String, TensorInfo> tensors = tensors(file, header, dataStart, channel.size());
            return new Safetensors(file, channel, tensors, metadata);
        } catch (NoSuchFileException e) {
            throw new WeightsFormatException(file, "no such file", e);
        } catch (IOException e) {
            closeQuietly(channel, e);
            throw new UncheckedIOException(file + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            closeQuietly(channel, e);
            throw e;
        }
    }

    private static void closeQuietly(FileChannel channel, Exception cause) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                cause.addSuppressed(e);
            }
        }
    }

    /** The tensors by name, in the order of the header. */
    @Override
    public Map<String, TensorInfo> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    /** The file's {@code __metadata__}. */
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(metadata);
    }

    /**
     * Reads a tensor as FLOAT.
     *
     * @return a new array, the caller's
     * @throws WeightsFormatException if there is no such tensor or it does not hold floating-point numbers
     */
    @Override
    public INDArray read(String name) {
        TensorInfo info = readable(name);
        try {
            return TensorReader.read(info, (bytes, offset) -> readFully(bytes, info.begin() + offset));
        } catch (EOFException e) {
            throw new WeightsFormatException(file, "tensor '" + name + "': " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": tensor '" + name + "': " + e.getMessage(), e);
        }
    }

    /**
     * Reads a tensor of a known shape as FLOAT.
     *
     * @return a new array, the caller's
     * @throws WeightsFormatException also if it has another shape
     */
    public INDArray read(String name, long[] shape) {
        TensorSource.requireShape(file, readable(name), shape);
        return read(name);
    }

    @Override
    public String file() {
        return file;
    }

    private void readFully(ByteBuffer bytes, long position) throws IOException {
        long next = position;
        while (bytes.hasRemaining()) {
            int read = channel.read(bytes, next);
            if (read < 0) {
                throw new EOFException("the file became shorter while it was read");
            }
            next += read;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": " + e.getMessage(), e);
        }
    }

    private static long headerLength(String file, FileChannel channel) throws IOException {
        long size = channel.size();
        if (size < LENGTH_BYTES) {
            throw new WeightsFormatException(file, "it has " + size + " bytes, too few for a header");
        }
        ByteBuffer bytes = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        fill(file, channel, bytes, 0);
        long length = bytes.getLong(0);
        long most = Math.min(MAX_HEADER_BYTES, size - LENGTH_BYTES);
        if (length < 0 || length > most) {
            throw new WeightsFormatException(
                    file,
                    "the header is said to be " + Long.toUnsignedString(length) + " bytes long; allowed: 0 to " + most);
        }
        return length;
    }

    private static JsonNode readHeader(String file, FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) headerLength(file, channel));
        fill(file, channel, bytes, LENGTH_BYTES);
        bytes.flip();
        JsonNode header;
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
            if (!text.startsWith("{")) {
                throw new WeightsFormatException(file, "the header does not start with '{'");
            }
            header = MAPPER.readTree(text);
        } catch (CharacterCodingException e) {
            throw new WeightsFormatException(file, "the header is not valid UTF-8", e);
        } catch (JsonProcessingException e) {
            throw new WeightsFormatException(file, "the header is not JSON: " + e.getOriginalMessage(), e);
        }
        return header;
    }

    private static void fill(String file, FileChannel channel, ByteBuffer bytes, long position) throws IOException {
        long next = position;
        while (bytes.hasRemaining()) {
            int read = channel.read(bytes, next);
            if (read < 0) {
                throw new WeightsFormatException(file, "the file ends inside its header");
            }
            next += read;
        }
    }

    private static Map<String, String> metadata(String file, JsonNode header) {
        Map<String, String> metadata = new LinkedHashMap<>();
        JsonNode node = header.get("__metadata__");
        if (node == null) {
            return metadata;
        }
        if (!node.isObject()) {
            throw new WeightsFormatException(file, "'__metadata__' is " + node.getNodeType() + ", not an object");
        }
        node.properties().forEach(entry -> {
            if (!entry.getValue().isTextual()) {
                throw new WeightsFormatException(file, "'__metadata__." + entry.getKey() + "' is not a text");
            }
            metadata.put(entry.getKey(), entry.getValue().textValue());
        });
        return metadata;
    }

    private static Map<String, TensorInfo> tensors(String file, JsonNode header, long dataStart, long size) {
        Map<String, TensorInfo> tensors = new LinkedHashMap<>();
        header.properties().forEach(entry -> {
            if (!entry.getKey().equals("__metadata__")) {
                tensors.put(entry.getKey(), tensor(file, entry.getKey(), entry.getValue(), dataStart, size));
            }
        });
        List<TensorInfo> byOffset = new ArrayList<>(tensors.values());
        byOffset.sort(Comparator.comparingLong(TensorInfo::begin).thenComparingLong(TensorInfo::end));
        long next = dataStart;
        for (TensorInfo info : byOffset) {
            if (info.begin() != next) {
                throw new WeightsFormatException(
                        file,
                        "tensor '" + info.name() + "' starts at " + (info.begin() - dataStart) + "; expected "
                                + (next - dataStart) + ": tensors may neither overlap nor leave holes");
            }
            next = info.end();
        }
        if (next != size) {
            throw new WeightsFormatException(
                    file, "the tensors end at byte " + next + " of " + size + "; the last must end with the file");
        }
        return tensors;
    }

    private static TensorInfo tensor(String file, String name, JsonNode node, long dataStart, long size) {
        String where = "tensor '" + name + "': ";
        if (!node.isObject()) {
            throw new WeightsFormatException(file, where + "not an object");
        }
        TensorType type = type(file, where, node.path("dtype").asText());
        long[] shape = naturals(file, where + "'shape'", node.path("shape"));
        long[] offsets = naturals(file, where + "'data_offsets'", node.path("data_offsets"));
        if (offsets.length != 2 || offsets[0] > offsets[1] || offsets[1] > size - dataStart) {
            throw new WeightsFormatException(
                    file,
                    where + "'data_offsets' is " + node.path("data_offsets") + "; allowed: [begin, end] within "
                            + (size - dataStart) + " bytes of data");
        }
        long bytes = type.bytes();
        try {
            for (long dimension : shape) {
                bytes = Math.multiplyExact(bytes, dimension);
            }
        } catch (ArithmeticException e) {
            throw new WeightsFormatException(file, where + "the shape " + node.path("shape") + " is too large", e);
        }
        if (bytes != offsets[1] - offsets[0]) {
            throw new WeightsFormatException(
                    file,
                    where + "shape " + node.path("shape") + " of " + type + " takes " + bytes + " bytes, not "
                            + (offsets[1] - offsets[0]));
        }
        return new TensorInfo(name, type, shape, dataStart + offsets[0], dataStart + offsets[1]);
    }

    private static TensorType type(String file, String where, String name) {
        try {
            return TensorType.valueOf(name);
        } catch (IllegalArgumentException e) {
            throw new WeightsFormatException(file, where + "unknown dtype '" + name + "'", e);
        }
    }

    private static long[] naturals(String file, String what, JsonNode node) {
        if (!node.isArray()) {
            throw new WeightsFormatException(file, what + " is " + node + ", not a list");
        }
        long[] numbers = new long[node.size()];
        for (int i = 0; i < numbers.length; i++) {
            JsonNode number = node.get(i);
            if (!number.isIntegralNumber() || !number.canConvertToLong() || number.longValue() < 0) {
                throw new WeightsFormatException(file, what + " holds " + number + "; allowed: whole numbers from 0");
            }
            numbers[i] = number.longValue();
        }
        return numbers;
    }
}
