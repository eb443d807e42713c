package org.preferencelearning.gpt2.weights;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.core.error.OutputException;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.internal.io.AtomicFiles;
import org.preferencelearning.core.internal.io.OutputFolder;

/**
 * Writes the folder that transformers' {@code from_pretrained} reads: {@code config.json}, the weights as safetensors, in
 * shards with an index where they are large, and the tokenizer. The folder is replaced as a whole,
 * where it holds nothing but what was written so.
 */
public final class ModelFolder {
    /** Largest file written, in bytes, unless told otherwise: 5 GB, as transformers' long-standing default. */
    public static final long SHARD_BYTES = 5_000_000_000L;

    private static final List<String> TOKENIZER_FILES =
            List.of("vocab.json", "merges.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json");
    private static final ObjectWriter JSON = new ObjectMapper().writerWithDefaultPrettyPrinter();

    private ModelFolder() {}

    /**
     * Replaces {@code folder}.
     *
     * @param config content of {@code config.json}
     * @param tensors FLOAT, by this library's names
     * @param tokenizer a folder whose tokenizer files are copied; without one, a file refers to GPT-2's on the Hub
     * @param shardBytes largest weights file, at least 1; a tensor larger than that gets a file of its own
     * @throws OutputException if it cannot be written, or holds what this library did not write
     */
    public static void write(
            Path folder, ObjectNode config, Map<String, INDArray> tensors, Optional<Path> tokenizer, long shardBytes) {
        SettingException.require(shardBytes >= 1, "shardBytes", shardBytes, "at least 1");
        OutputFolder.replace(folder, fresh -> {
            AtomicFiles.write(fresh.resolve("config.json"), JSON.writeValueAsBytes(config));
            writeTokenizer(fresh, tokenizer);
            writeWeights(fresh, HuggingFaceWeights.named(tensors), shardBytes);
        });
    }

    private static void writeTokenizer(Path folder, Optional<Path> source) throws IOException {
        boolean copied = false;
        if (source.isPresent()) {
            for (String name : TOKENIZER_FILES) {
                Path file = source.get().resolve(name);
                if (Files.isRegularFile(file)) {
                    AtomicFiles.write(folder.resolve(name), Files.readAllBytes(file));
                    copied = true;
                }
            }
        }
        if (!copied) {
            ObjectNode reference = new ObjectMapper().createObjectNode();
            reference.put("tokenizer_class", "GPT2Tokenizer");
            reference.put("name_or_path", "openai-community/gpt2");
            AtomicFiles.write(folder.resolve("tokenizer_config.json"), JSON.writeValueAsBytes(reference));
        }
    }

    private static void writeWeights(Path folder, Map<String, INDArray> tensors, long shardBytes) throws IOException {
        List<Map<String, INDArray>> shards = shards(tensors, shardBytes);
        if (shards.size() == 1) {
            SafetensorsWriter.write(folder.resolve(Checkpoint.SINGLE), tensors);
            return;
        }
        ObjectNode index = new ObjectMapper().createObjectNode();
        long total = tensors.values().stream().mapToLong(ModelFolder::bytes).sum();
        index.putObject("metadata").put("total_size", total);
        ObjectNode map = index.putObject("weight_map");
        Map<String, String> fileOf = new TreeMap<>();
        for (int i = 0; i < shards.size(); i++) {
            String file = String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, shards.size());
            SafetensorsWriter.write(folder.resolve(file), shards.get(i));
            shards.get(i).keySet().forEach(name -> fileOf.put(name, file));
        }
        fileOf.forEach(map::put);
        AtomicFiles.write(folder.resolve(Checkpoint.INDEX), JSON.writeValueAsBytes(index));
    }

    private static List<Map<String, INDArray>> shards(Map<String, INDArray> tensors, long shardBytes) {
        List<Map<String, INDArray>> shards = new ArrayList<>();
        Map<String, INDArray> current = new LinkedHashMap<>();
        long size = 0;
        for (Map.Entry<String, INDArray> entry : tensors.entrySet()) {
            long bytes = bytes(entry.getValue());
            if (!current.isEmpty() && size + bytes > shardBytes) {
                shards.add(current);
                current = new LinkedHashMap<>();
                size = 0;
            }
            current.put(entry.getKey(), entry.getValue());
            size += bytes;
        }
        shards.add(current);
        return shards;
    }

    private static long bytes(INDArray tensor) {
        return tensor.length() * Float.BYTES;
    }
}
