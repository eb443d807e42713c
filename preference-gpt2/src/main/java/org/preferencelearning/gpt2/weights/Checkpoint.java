package org.preferencelearning.gpt2.weights;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The tensors of a model: one file (safetensors, or PyTorch's pickle), an index of several, or a folder that holds either,
 * searched in the order that transformers uses. What wrappers of a model put before its names, as {@code
 * DistributedDataParallel} and {@code torch.compile} do, is left out of them.
 */
final class Checkpoint implements AutoCloseable {
    static final String SINGLE = "model.safetensors";
    static final String INDEX = "model.safetensors.index.json";
    private static final List<String> NAMES =
            List.of(SINGLE, INDEX, "pytorch_model.bin", "pytorch_model.bin.index.json");

    private static final long MAX_INDEX_BYTES = 16L << 20;

    /** A file beside the index, and no way out of its folder. */
    private static final Pattern SHARD_NAME = Pattern.compile("\\w[\\w.-]*");

    private static final Pattern WRAPPERS = Pattern.compile("^(?:module\\.|_orig_mod\\.)+");

    private final Map<String, TensorSource> files = new LinkedHashMap<>();
    private final Map<String, TensorSource> byTensor = new LinkedHashMap<>();
    private final Map<String, String> inFile = new LinkedHashMap<>();

    private Checkpoint() {}

    /** The file or index that a folder is read from. */
    static Optional<Path> in(Path folder) {
        return NAMES.stream().map(folder::resolve).filter(Files::exists).findFirst();
    }

    /**
     * Opens a file, an index or a folder.
     *
     * @throws WeightsFormatException if there is nothing to open, or an index contradicts its files
     */
    static Checkpoint open(Path path) {
        Path file = path;
        if (Files.isDirectory(path)) {
            file = in(path).orElseThrow(() -> new WeightsFormatException(path.toString(), "holds none of " + NAMES));
        }
        Checkpoint checkpoint = new Checkpoint();
        try {
            if (file.getFileName().toString().endsWith(".index.json")) {
                checkpoint.addIndex(file);
            } else {
                checkpoint.addAll(file);
            }
            return checkpoint;
        } catch (RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }

    private void addAll(Path path) {
        TensorSource single = file(path);
        single.tensors().keySet().forEach(name -> add(path, name, single));
    }

    private void add(Path source, String name, TensorSource file) {
        String own = WRAPPERS.matcher(name).replaceFirst("");
        String before = inFile.put(own, name);
        if (before != null) {
            throw new WeightsFormatException(
                    source.toString(),
                    "tensors '" + before + "' and '" + name + "' are both '" + own + "' without what wrappers add");
        }
        byTensor.put(own, file);
    }

    private TensorSource file(Path path) {
        return files.computeIfAbsent(path.toString(), name -> TensorSource.open(path));
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
            TensorSource file = file(index.resolveSibling(shard));
            if (!file.tensors().containsKey(entry.getKey())) {
                throw new WeightsFormatException(
                        index.toString(), "tensor '" + entry.getKey() + "' is not in " + shard + ", as it says");
            }
            add(index, entry.getKey(), file);
        });
    }

    private static JsonNode json(Path index) {
        TensorSource.requireRegular(index);
        try {
            if (Files.size(index) > MAX_INDEX_BYTES) {
                throw new WeightsFormatException(
                        index.toString(),
                        "it has " + Files.size(index) + " bytes; allowed for an index: up to " + MAX_INDEX_BYTES);
            }
            return new ObjectMapper().readTree(Files.readAllBytes(index));
        } catch (JsonProcessingException e) {
            throw new WeightsFormatException(index.toString(), "not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw WeightsFormatException.unreadable(index.toString(), e);
        }
    }

    /** The names of all tensors, without what wrappers add. */
    Set<String> names() {
        return byTensor.keySet();
    }

    /** Where the tensor of that name lies, if there is one. */
    Optional<TensorInfo> info(String name) {
        TensorSource file = byTensor.get(name);
        return file == null
                ? Optional.empty()
                : Optional.of(requireNonNull(file.tensors().get(inFile.get(name)), name));
    }

    /** Reads a tensor as FLOAT; a new array, the caller's. */
    INDArray read(String name) {
        return requireNonNull(byTensor.get(name), name).read(requireNonNull(inFile.get(name), name));
    }

    @Override
    public void close() {
        files.values().forEach(TensorSource::close);
        files.clear();
    }
}
