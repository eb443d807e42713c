package org.preferencelearning.experiments.run;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A store that is a folder of this machine, which runs know nothing of. */
record FolderStore(String folder) implements RunStore {
    private Path at(String name) {
        return Path.of(folder).resolve(name);
    }

    @Override
    public List<String> list(String name) throws IOException {
        if (!Files.isDirectory(at(name))) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(at(name))) {
            return all.map(path -> path.getFileName().toString()).toList();
        }
    }

    @Override
    public boolean holds(String name) {
        return Files.exists(at(name));
    }

    @Override
    public Optional<byte[]> read(String file) throws IOException {
        return holds(file) ? Optional.of(Files.readAllBytes(at(file))) : Optional.empty();
    }

    @Override
    public void write(String file, byte[] content) throws IOException {
        Files.createDirectories(at(file).getParent());
        Files.write(at(file), content);
    }

    @Override
    public void fetch(String name, Path to) throws IOException {
        copy(at(name), to);
    }

    @Override
    public boolean publish(Path from, String name, String attempt) throws IOException {
        if (holds(name)) {
            return false;
        }
        Files.createDirectories(at(name).getParent());
        Path fresh = at(name).resolveSibling(UNFINISHED + attempt);
        copy(from, fresh);
        Files.move(fresh, at(name));
        return true;
    }

    @Override
    public void move(String name, String to) throws IOException {
        if (holds(name)) {
            Files.createDirectories(at(to).getParent());
            Files.move(at(name), at(to));
        }
    }

    @Override
    public void delete(String name) throws IOException {
        if (holds(name)) {
            MoreFiles.deleteRecursively(at(name), RecursiveDeleteOption.ALLOW_INSECURE);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : (Iterable<Path>) all::iterator) {
                Files.copy(path, to.resolve(from.relativize(path).toString()));
            }
        }
    }

    @Override
    public String toString() {
        return folder;
    }
}
