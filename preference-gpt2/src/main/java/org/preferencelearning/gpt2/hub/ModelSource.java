package org.preferencelearning.gpt2.hub;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.io.JsonFiles;
import org.preferencelearning.gpt2.hub.HubException.Reason;

/** A model's folder: a local one as it is, or a repository of the Hub, whose files are downloaded if they are missing. */
public final class ModelSource {
    private static final String CONFIG = "config.json";
    private static final List<String> TOKENIZER =
            List.of("tokenizer_config.json", "tokenizer.json", "vocab.json", "merges.txt", "special_tokens_map.json");
    private static final List<String> WEIGHTS = List.of(
            "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json");

    private ModelSource() {}

    /**
     * The folder of a model.
     *
     * @param source a folder, or {@code owner/name} or {@code owner/name@revision} on the Hub
     * @return a folder with {@code config.json}, weights and what tokenizer files there are
     * @throws SettingException if it is neither
     * @throws HubException if a file cannot be had
     */
    public static Path folder(String source, HuggingFaceHub hub) {
        Path local = localFolder(source);
        if (local != null) {
            return local;
        }
        SettingException.require(
                HubRepository.isName(source), "model", source, "a folder that exists, or owner/name on the Hub");
        HubRepository repository = HubRepository.model(source);
        Path config = hub.file(repository, CONFIG);
        // the files of one model must be of one commit, though a branch may move meanwhile
        HubRepository pinned = new HubRepository(
                repository.kind(),
                repository.name(),
                config.getParent().getFileName().toString());
        Path weights = WEIGHTS.stream()
                .map(name -> hub.findFile(pinned, name))
                .flatMap(Optional::stream)
                .findFirst()
                .orElseThrow(() -> new HubException(Reason.NOT_FOUND, repository + ": it has none of " + WEIGHTS));
        if (weights.toString().endsWith(".index.json")) {
            shards(weights).forEach(name -> hub.file(pinned, name));
        }
        TOKENIZER.forEach(name -> hub.findFile(pinned, name));
        return config.getParent();
    }

    private static Path localFolder(String source) {
        try {
            Path path = Path.of(source);
            return Files.isDirectory(path) ? path : null;
        } catch (InvalidPathException e) {
            return null;
        }
    }

    private static Iterable<String> shards(Path index) {
        JsonNode map = JsonFiles.read(index).path("weight_map");
        TreeSet<String> names = new TreeSet<>();
        map.forEach(name -> names.add(name.asText()));
        return names;
    }
}
