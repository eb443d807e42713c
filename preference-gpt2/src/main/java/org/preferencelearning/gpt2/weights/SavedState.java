package org.preferencelearning.gpt2.weights;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.internal.io.JsonFiles;
import org.preferencelearning.core.state.StateException;
import org.preferencelearning.core.state.StateReader;

/** Reads what {@link StateContent} wrote. */
final class SavedState implements StateReader, AutoCloseable {
    private final Path jsonFile;
    private final JsonNode values;
    private final Path tensorFile;
    private final Map<String, TensorInfo> tensors;
    private final FileChannel channel;
    private final Set<String> left = new TreeSet<>();

    private SavedState(
            Path jsonFile, JsonNode values, Path tensorFile, Map<String, TensorInfo> tensors, FileChannel channel) {
        this.jsonFile = jsonFile;
        this.values = values;
        this.tensorFile = tensorFile;
        this.tensors = tensors;
        this.channel = channel;
        values.fieldNames().forEachRemaining(left::add);
        left.addAll(tensors.keySet());
    }

    static SavedState open(Path json, Path tensors) {
        JsonNode values = JsonFiles.read(json);
        if (!values.isObject()) {
            throw new StateException(json.toString(), "it is " + values.getNodeType() + ", not an object");
        }
        try (Safetensors header = Safetensors.open(tensors)) {
            return new SavedState(
                    json,
                    values,
                    tensors,
                    Map.copyOf(header.tensors()),
                    FileChannel.open(tensors, StandardOpenOption.READ));
        } catch (IOException e) {
            throw new UncheckedIOException(tensors + ": " + e.getMessage(), e);
        }
    }

    /** Throws, naming the folder, if a value has not been asked for. */
    void requireAllRead(Path folder) {
        if (!left.isEmpty()) {
            throw new StateException(
                    folder.toString(), "the state has what this run has not: " + String.join(", ", left));
        }
    }

    @Override
    public long whole(String name) {
        return get(name, "a whole number", value -> value.isIntegralNumber() && value.canConvertToLong())
                .longValue();
    }

    @Override
    public double real(String name) {
        JsonNode value = get(name, "a number", node -> node.isFloatingPointNumber() || isSpecial(node.asText()));
        return value.isTextual() ? Double.parseDouble(value.textValue()) : value.doubleValue();
    }

    private static boolean isSpecial(String text) {
        return List.of("NaN", "Infinity", "-Infinity").contains(text);
    }

    @Override
    public String text(String name) {
        return get(name, "text", JsonNode::isTextual).textValue();
    }

    @Override
    public List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        for (JsonNode text : get(name, "a list of texts", JsonNode::isArray)) {
            if (!text.isTextual()) {
                throw fault(name, "it holds " + text + ", which is no text");
            }
            texts.add(text.textValue());
        }
        return texts;
    }

    @Override
    public byte[] bytes(String name) {
        try {
            return get(name, "bytes as base64", JsonNode::isTextual).binaryValue();
        } catch (IOException e) {
            throw fault(name, "it is not base64: " + e.getMessage());
        }
    }

    private JsonNode get(String name, String kind, Predicate<JsonNode> isKind) {
        JsonNode value = values.get(name);
        if (value == null) {
            throw fault(name, "it is missing");
        }
        if (!isKind.test(value)) {
            throw fault(name, "it is " + value + ", not " + kind);
        }
        left.remove(name);
        return value;
    }

    @Override
    public double[] reals(String name) {
        long[] shape = info(name).shape();
        if (shape.length != 1) {
            throw fault(name, "it has shape " + Arrays.toString(shape) + ", not that of a list");
        }
        if (shape[0] == 0) {
            left.remove(name);
            return new double[0];
        }
        try (INDArray values = Nd4j.createFromArray(new double[Math.toIntExact(shape[0])])) {
            tensor(name, values);
            return values.toDoubleVector();
        }
    }

    @Override
    public void tensor(String name, INDArray into) {
        TensorInfo info = info(name);
        TensorType type = TensorType.of(into.dataType());
        if (info.type() != type || !Arrays.equals(info.shape(), into.shape())) {
            throw fault(
                    name,
                    "it is " + info.type() + " of shape " + Arrays.toString(info.shape()) + ", not " + type + " of "
                            + Arrays.toString(into.shape()));
        }
        try (RawTensor raw = RawTensor.toWrite(into)) {
            fill(raw.bytes(), info);
        } catch (IOException e) {
            throw new UncheckedIOException(tensorFile + ": tensor '" + name + "': " + e.getMessage(), e);
        }
        left.remove(name);
    }

    private void fill(ByteBuffer bytes, TensorInfo info) throws IOException {
        long next = info.begin();
        while (bytes.hasRemaining()) {
            int read = channel.read(bytes, next);
            if (read < 0) {
                throw fault(info.name(), "the file became shorter while it was read");
            }
            next += read;
        }
    }

    private TensorInfo info(String name) {
        TensorInfo info = tensors.get(name);
        if (info == null) {
            throw fault(name, "it is missing");
        }
        return info;
    }

    @Override
    public StateException fault(String name, String problem) {
        Path file = tensors.containsKey(name) ? tensorFile : jsonFile;
        return new StateException(file.toString(), "'" + name + "': " + problem);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(tensorFile + ": " + e.getMessage(), e);
        }
    }
}
