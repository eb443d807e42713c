package org.preferencelearning.gpt2.hub;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.internal.io.JsonFiles;
import org.preferencelearning.gpt2.hub.HubException.Reason;

/** A model's folder: a local one as it is, or a repository of the Hub, whose files are downloaded if they are missing. */
public final class ModelSource {
    private static final String CONFIG = "config.json";
    private static final List<String> TOKENIZER =
            List.of("tokenizer_config.json", "tokenizer.json", "vocab.json", "merges.txt", "special_tokens_map.json");
    private static final List<String> WEIGHTS = List.of(
            "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json");

    private static final Pattern SHARD = Pattern.compile("[\\w.-]{1,200}\\.(safetensors|bin)");

    private ModelSource() {}

    /**
     * The folder of a model.
     *
     * @param source a folder, or {@code owner/name} or {@code owner/name@revision} on the Hub
     * @return a folder with {@code config.json}, weights and what tokenizer files there are
     * @throws SettingException if it is neither
     * @throws HubException if a file cannot be had; the message says, too, that there is no such folder
     */
    public static Path folder(String source, HuggingFaceHub hub) {
        Path local = localFolder(source);
        if (local != null) {
            return local;
        }
        SettingException.require(
                HubRepository.isName(source), "model", source, "a folder that exists, or owner/name on the Hub");
        HubRepository repository = HubRepository.model(source);
        Path config;
        try {
            config = hub.file(repository, CONFIG);
        } catch (HubException e) {
            throw new HubException(
                    e.reason(),
                    "there is no folder '" + source + "' (" + Path.of(source).toAbsolutePath()
                            + "); it was then looked for on the Hub: " + e.getMessage(),
                    e);
        }
        // the files of one model must be of one commit, though a branch may move meanwhile
        Path folder = requireNonNull(config.getParent(), "folder");
        HubRepository pinned = new HubRepository(
                repository.kind(), repository.name(), folder.getFileName().toString());
        Path weights = WEIGHTS.stream()
                .map(name -> hub.findFile(pinned, name))
                .flatMap(Optional::stream)
                .findFirst()
                .orElseThrow(() -> new HubException(Reason.NOT_FOUND, repository + ": it has none of " + WEIGHTS));
        if (weights.toString().endsWith(".index.json")) {
            shards(weights).forEach(name -> hub.file(pinned, name));
        }
        TOKENIZER.forEach(name -> hub.findFile(pinned, name));
        return folder;
    }

    private static @Nullable Path localFolder(String source) {
        Path path;
        try {
            path = Path.of(source);
        } catch (InvalidPathException e) {
            return null;
        }
        SettingException.require(
                !Files.exists(path) || Files.isDirectory(path),
                "model",
                source + ", a file",
                "a folder that exists, or owner/name on the Hub");
        return Files.isDirectory(path) && !source.isEmpty() ? path : null;
    }

    /** The files that an index names. */
    private static Iterable<String> shards(Path index) {
        JsonNode map = JsonFiles.read(index).path("weight_map");
        TreeSet<String> names = new TreeSet<>();
        map.properties().forEach(entry -> {
            String name = entry.getValue().asText();
            if (!entry.getValue().isTextual() || !SHARD.matcher(name).matches()) {
                throw new DataFormatException(
                        index.toString(),
                        0,
                        "weight_map." + entry.getKey() + " is " + entry.getValue()
                                + "; allowed: the name of a .safetensors or .bin file beside the index");
            }
            names.add(name);
        });
        if (names.isEmpty()) {
            throw new DataFormatException(index.toString(), 0, "weight_map is missing or names no file");
        }
        return names;
    }
}
