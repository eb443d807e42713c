package org.preferencelearning.gpt2.weights;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * GPT-2 tensors under Hugging Face's names. Files name the body's tensors with the prefix {@code transformer.} or, in older
 * ones, without; this library's names have none.
 */
public final class HuggingFaceWeights {
    private static final String PREFIX = "transformer.";
    private static final String SCORE = "score.weight";

    private HuggingFaceWeights() {}

    /**
     * Reads the tensors of the given names and shapes; others are left alone.
     *
     * @param file a safetensors file, the index of a sharded one, or a folder that holds either
     * @return new FLOAT arrays, the caller's, in the order of {@code shapes}
     * @throws WeightsFormatException if one is missing or of another shape
     */
    public static Map<String, INDArray> read(Path file, Map<String, long[]> shapes) {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        try (Checkpoint source = Checkpoint.open(file)) {
            Map<String, String> names = new LinkedHashMap<>();
            shapes.forEach((name, shape) -> names.put(name, find(file, source, name, shape)));
            names.forEach((name, inFile) -> tensors.put(name, source.read(inFile)));
            return tensors;
        } catch (RuntimeException e) {
            tensors.values().forEach(INDArray::close);
            throw e;
        }
    }

    private static String find(Path file, Checkpoint source, String name, long[] shape) {
        String prefixed = PREFIX + name;
        TensorInfo info = source.info(prefixed)
                .or(() -> source.info(name))
                .orElseThrow(() -> new WeightsFormatException(
                        file.toString(), "no tensor '" + name + "', with or without '" + PREFIX + "' before it"));
        TensorSource.requireShape(file.toString(), info, shape);
        return info.name();
    }

    /** Writes tensors to one file under the names that {@code from_pretrained} expects; the tied head is not repeated. */
    public static void write(Path file, Map<String, INDArray> tensors) {
        SafetensorsWriter.write(file, named(tensors));
    }

    /** The tensors under the names that {@code from_pretrained} expects. */
    static Map<String, INDArray> named(Map<String, INDArray> tensors) {
        Map<String, INDArray> named = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> named.put(name.equals(SCORE) ? name : PREFIX + name, tensor));
        return named;
    }
}
