package org.preferencelearning.gpt2.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.internal.io.AtomicFiles;
import org.preferencelearning.core.state.StateWriter;

/** Collects a state for {@link StateFolder}. Tensors are not copied before they are written. */
final class StateContent implements StateWriter, AutoCloseable {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final ObjectNode values = MAPPER.createObjectNode();
    private final SortedMap<String, INDArray> tensors = new TreeMap<>();
    private final List<INDArray> own = new ArrayList<>();

    @Override
    public void whole(String name, long value) {
        requireNew(name);
        values.put(name, value);
    }

    @Override
    public void real(String name, double value) {
        requireNew(name);
        if (Double.isFinite(value)) {
            values.put(name, value);
        } else {
            values.put(name, String.valueOf(value));
        }
    }

    @Override
    public void text(String name, String value) {
        requireNew(name);
        values.put(name, value);
    }

    @Override
    public void texts(String name, List<String> texts) {
        requireNew(name);
        texts.forEach(values.putArray(name)::add);
    }

    /** As base64. */
    @Override
    public void bytes(String name, byte[] value) {
        requireNew(name);
        values.put(name, value);
    }

    /** As a tensor. */
    @Override
    public void reals(String name, double[] reals) {
        INDArray tensor = Nd4j.createFromArray(reals);
        own.add(tensor);
        tensor(name, tensor);
    }

    @Override
    public void tensor(String name, INDArray value) {
        requireNew(name);
        tensors.put(name, value);
    }

    private void requireNew(String name) {
        if (values.has(name) || tensors.containsKey(name)) {
            throw new IllegalArgumentException("'" + name + "' is written twice");
        }
    }

    /** Everything but the tensors. */
    byte[] json() {
        try {
            return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(values);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Replaces a file with the tensors; returns its SHA-256. */
    String writeTensors(Path file) {
        Hasher hasher = Hashing.sha256().newHasher();
        AtomicFiles.write(file, channel -> {
            for (ByteBuffer start : SafetensorsWriter.start(tensors)) {
                write(channel, start, hasher);
            }
            for (INDArray tensor : tensors.values()) {
                try (RawTensor raw = RawTensor.toRead(tensor)) {
                    write(channel, raw.bytes(), hasher);
                }
            }
        });
        return hasher.hash().toString();
    }

    private static void write(FileChannel channel, ByteBuffer bytes, Hasher hasher) throws IOException {
        hasher.putBytes(bytes.duplicate());
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    @Override
    public void close() {
        own.forEach(INDArray::close);
    }
}
