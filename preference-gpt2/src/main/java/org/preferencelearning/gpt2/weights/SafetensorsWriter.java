package org.preferencelearning.gpt2.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.preferencelearning.core.error.OutputException;
import org.preferencelearning.core.internal.io.AtomicFiles;

/** Writes FLOAT tensors as a safetensors file, sorted by name, that Python's libraries read. The file is replaced whole. */
public final class SafetensorsWriter {
    private static final int PIECE_ELEMENTS = 1 << 20;
    private static final int ALIGNMENT = 8;

    private SafetensorsWriter() {}

    /**
     * Replaces {@code file} with {@code tensors}, which must be FLOAT.
     *
     * @throws OutputException if it cannot be written
     */
    public static void write(Path file, Map<String, INDArray> tensors) {
        SortedMap<String, INDArray> sorted = new TreeMap<>(tensors);
        sorted.forEach((name, tensor) -> {
            if (tensor.dataType() != DataType.FLOAT) {
                throw new IllegalArgumentException("tensor '" + name + "' is " + tensor.dataType());
            }
        });
        AtomicFiles.write(file, channel -> {
            for (ByteBuffer start : start(sorted)) {
                write(channel, start);
            }
            for (INDArray tensor : sorted.values()) {
                write(channel, tensor);
            }
        });
    }

    /** What comes before the values of tensors in FLOAT or DOUBLE: the header and its length. */
    static List<ByteBuffer> start(SortedMap<String, INDArray> tensors) {
        byte[] header = header(tensors);
        ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        return List.of(length.putLong(header.length).flip(), ByteBuffer.wrap(header));
    }

    private static byte[] header(SortedMap<String, INDArray> tensors) {
        ObjectNode header = new ObjectMapper().createObjectNode();
        // transformers 4 refuses files that do not say which framework's layout they have
        header.putObject("__metadata__").put("format", "pt");
        long offset = 0;
        for (Map.Entry<String, INDArray> entry : tensors.entrySet()) {
            INDArray tensor = entry.getValue();
            TensorType type = TensorType.of(tensor.dataType());
            long end = offset + tensor.length() * type.bytes();
            ObjectNode node = header.putObject(entry.getKey());
            node.put("dtype", type.name());
            ArrayNode shape = node.putArray("shape");
            // ND4J's tensor of no values may have no dimension, as a scalar has none
            for (long dimension : tensor.isEmpty() && tensor.rank() == 0 ? new long[1] : tensor.shape()) {
                shape.add(dimension);
            }
            node.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        String json;
        try {
            json = new ObjectMapper().writeValueAsString(header);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
        int padding = -json.getBytes(StandardCharsets.UTF_8).length & (ALIGNMENT - 1);
        return (json + " ".repeat(padding)).getBytes(StandardCharsets.UTF_8);
    }

    private static void write(FileChannel channel, INDArray tensor) throws IOException {
        long length = tensor.length();
        INDArray flat = tensor.reshape(length);
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(length, PIECE_ELEMENTS) * Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        for (long start = 0; start < length; start += PIECE_ELEMENTS) {
            long end = Math.min(length, start + PIECE_ELEMENTS);
            bytes.clear();
            bytes.asFloatBuffer()
                    .put(flat.get(NDArrayIndex.interval(start, end)).toFloatVector());
            bytes.limit((int) (end - start) * Float.BYTES);
            write(channel, bytes);
        }
    }

    private static void write(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
