package org.preferencelearning.gpt2.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The tensors of a model: one safetensors file, an index of several, or a folder that holds either, searched in the order
 * that transformers uses.
 */
final class Checkpoint implements AutoCloseable {
    private static final String SINGLE = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";

    /** A file beside the index, and no way out of its folder. */
    private static final Pattern SHARD_NAME = Pattern.compile("\\w[\\w.-]*");

    private final Map<String, Safetensors> files = new LinkedHashMap<>();
    private final Map<String, Safetensors> byTensor = new LinkedHashMap<>();

    private Checkpoint() {}

    /**
     * Opens a file, an index or a folder.
     *
     * @throws WeightsFormatException if there is nothing to open, or an index contradicts its files
     */
    static Checkpoint open(Path path) {
        Path file = path;
        if (Files.isDirectory(path)) {
            file = Files.exists(path.resolve(SINGLE)) ? path.resolve(SINGLE) : path.resolve(INDEX);
            if (!Files.exists(file)) {
                throw new WeightsFormatException(path.toString(), "holds neither " + SINGLE + " nor " + INDEX);
            }
        }
        Checkpoint checkpoint = new Checkpoint();
        try {
            if (file.getFileName().toString().endsWith(".index.json")) {
                checkpoint.addIndex(file);
            } else {
                Safetensors single = checkpoint.file(file);
                single.tensors().keySet().forEach(name -> checkpoint.byTensor.put(name, single));
            }
            return checkpoint;
        } catch (RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }

    private Safetensors file(Path path) {
        return files.computeIfAbsent(path.toString(), name -> Safetensors.open(path));
    }

    private void addIndex(Path index) {
        JsonNode map = json(index).path("weight_map");
        if (!map.isObject() || map.isEmpty()) {
            throw new WeightsFormatException(index.toString(), "field 'weight_map' is missing, empty or not an object");
        }
        map.properties().forEach(entry -> {
            String shard = entry.getValue().textValue();
            if (shard == null || !SHARD_NAME.matcher(shard).matches()) {
                throw new WeightsFormatException(
                        index.toString(),
                        "tensor '" + entry.getKey() + "' is in " + entry.getValue()
                                + "; allowed: the name of a file beside the index");
            }
            Safetensors file = file(index.resolveSibling(shard));
            if (!file.tensors().containsKey(entry.getKey())) {
                throw new WeightsFormatException(
                        index.toString(), "tensor '" + entry.getKey() + "' is not in " + shard + ", as it says");
            }
            byTensor.put(entry.getKey(), file);
        });
    }

    private static JsonNode json(Path index) {
        try {
            return new ObjectMapper().readTree(Files.readAllBytes(index));
        } catch (NoSuchFileException e) {
            throw new WeightsFormatException(index.toString(), "no such file", e);
        } catch (JsonProcessingException e) {
            throw new WeightsFormatException(index.toString(), "not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(index + ": " + e.getMessage(), e);
        }
    }

    /** Where the tensor of that name lies, if there is one. */
    Optional<TensorInfo> info(String name) {
        Safetensors file = byTensor.get(name);
        return file == null ? Optional.empty() : Optional.of(file.tensors().get(name));
    }

    /** Reads a tensor as FLOAT; a new array, the caller's. */
    INDArray read(String name) {
        return byTensor.get(name).read(name);
    }

    @Override
    public void close() {
        files.values().forEach(Safetensors::close);
        files.clear();
    }
}
