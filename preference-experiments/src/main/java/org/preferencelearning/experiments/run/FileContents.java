package org.preferencelearning.experiments.run;

import com.google.common.hash.Funnels;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.preferencelearning.core.data.DataFiles;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.internal.io.RegularFiles;
import org.preferencelearning.experiments.internal.tasks.Models;
import org.preferencelearning.experiments.study.Contents;
import org.preferencelearning.experiments.study.DatasetSpec;
import org.preferencelearning.experiments.study.PromptSpec;
import org.preferencelearning.experiments.task.Progress;
import org.preferencelearning.experiments.task.TaskKeys;

/** Hashes of the files that a study names, each read once; files of the Hub are downloaded first. */
final class FileContents implements Contents {
    private final Models models;
    private final Map<String, String> found = new TreeMap<>();

    FileContents(Progress progress) {
        this.models = new Models(progress);
    }

    /** Every hash that was asked for, by name. */
    Map<String, String> found() {
        return found;
    }

    @Override
    public String of(DatasetSpec dataset) {
        if (dataset instanceof DatasetSpec.World) {
            return remembered(name(dataset), () -> TaskKeys.sha256(TaskKeys.canonical(dataset)));
        }
        if (dataset instanceof DatasetSpec.Own own) {
            return remembered(
                    name(dataset),
                    () -> TaskKeys.sha256(TaskKeys.canonical(
                            List.of(own.source().pairs(), own.source().words()))));
        }
        return remembered(name(dataset), () -> data(models.file(dataset)));
    }

    @Override
    public String of(PromptSpec prompts) {
        if (prompts instanceof PromptSpec.OfData) {
            return "";
        }
        return remembered(name(prompts), () -> data(models.file(prompts)));
    }

    @Override
    public String ofModel(String source) {
        return remembered(name(source), () -> folders(models.folders(source)));
    }

    static String name(DatasetSpec dataset) {
        return "data " + dataset;
    }

    static String name(PromptSpec prompts) {
        return "prompts " + prompts;
    }

    static String name(String model) {
        return "model " + model;
    }

    private String remembered(String name, Hash hash) {
        if (!found.containsKey(name)) {
            try {
                found.put(name, hash.compute());
            } catch (IOException e) {
                throw new DataFormatException(name, 0, "cannot be read: " + e.getMessage(), e);
            }
        }
        return found.get(name);
    }

    private static String file(Path file) throws IOException {
        Hasher hasher = Hashing.sha256().newHasher();
        try (InputStream in = RegularFiles.open(file)) {
            in.transferTo(Funnels.asOutputStream(hasher));
        }
        return hasher.hash().toString();
    }

    /** A model's folder, or that of adapters and that of their model. */
    private static String folders(List<Path> folders) throws IOException {
        String own = folder(folders.get(0));
        return folders.size() == 1 ? own : TaskKeys.sha256(own + "\n" + folder(folders.get(1)));
    }

    /** A model's configuration, weights and whatever else lies beside them, but for what begins with a dot. */
    private static String folder(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(Files::isRegularFile)
                    .filter(file -> !file.getFileName().toString().startsWith("."))
                    .sorted()
                    .toList();
        }
        return files(files);
    }

    /** A file, or the names and contents of several. */
    private static String data(Path source) throws IOException {
        List<Path> files = DataFiles.of(source).files();
        return files.equals(List.of(source)) ? file(source) : files(files);
    }

    private static String files(List<Path> files) throws IOException {
        Hasher hasher = Hashing.sha256().newHasher();
        for (Path file : files) {
            hasher.putString(file.getFileName() + "\n" + file(file) + "\n", StandardCharsets.UTF_8);
        }
        return hasher.hash().toString();
    }

    /** Work that gives a hash. */
    @FunctionalInterface
    private interface Hash {
        String compute() throws IOException;
    }
}
