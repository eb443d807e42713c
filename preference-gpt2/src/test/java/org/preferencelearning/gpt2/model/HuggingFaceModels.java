package org.preferencelearning.gpt2.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.preferencelearning.core.data.TokenSequence;

/** Small models and adapters that transformers and peft wrote, and what these say of them in float64. */
final class HuggingFaceModels {
    static final Path FOLDER = Path.of("src/test/resources/models");

    private static final ObjectMapper JSON = new ObjectMapper();

    private HuggingFaceModels() {}

    static List<TokenSequence> sequences() throws IOException {
        List<TokenSequence> sequences = new ArrayList<>();
        for (JsonNode sequence : expected().get("sequences")) {
            sequences.add(new TokenSequence(
                    JSON.convertValue(sequence.get("tokens"), int[].class),
                    sequence.get("promptLength").intValue()));
        }
        return sequences;
    }

    /** @param model a model, or a base and an adapter joined by {@code " + "} */
    static double[] logProbabilities(String model) throws IOException {
        return JSON.convertValue(expected().get("log-probabilities").get(model), double[].class);
    }

    static double[] rewards(String model) throws IOException {
        return JSON.convertValue(expected().get("rewards").get(model), double[].class);
    }

    private static JsonNode expected() throws IOException {
        return JSON.readTree(FOLDER.resolve("expected.json").toFile());
    }

    /**
     * A copy of a model's or an adapter's folder in which a field is another.
     *
     * @param file the file that holds the field
     * @param value JSON
     */
    static Path with(Path folder, String name, String file, String field, String value) throws IOException {
        Path copy = Files.createDirectories(folder.resolve(name));
        try (var files = Files.list(FOLDER.resolve(name))) {
            for (Path one : files.toList()) {
                Files.write(copy.resolve(one.getFileName()), Files.readAllBytes(one));
            }
        }
        ObjectNode json = (ObjectNode) JSON.readTree(copy.resolve(file).toFile());
        json.set(field, JSON.readTree(value));
        JSON.writeValue(copy.resolve(file).toFile(), json);
        return copy;
    }
}
