package org.preferencelearning.spark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What is in a run. */
final class RunFiles {
    private RunFiles() {}

    /**
     * A hash of each file of each finished task, by its name; without wall times, and without the hashes that count them. Folders
     * that are no tasks' are among them.
     */
    static Map<String, Integer> of(Path run) throws IOException {
        Map<String, Integer> hashes = new TreeMap<>();
        Path tasks = run.resolve("tasks");
        try (Stream<Path> files = Files.walk(tasks)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                if (!file.endsWith("files.sha256")) {
                    byte[] bytes = Files.readAllBytes(file);
                    if (file.endsWith("result.json")) {
                        bytes = new String(bytes, StandardCharsets.UTF_8)
                                .replaceAll("\"seconds\" : [0-9.E-]+", "")
                                .getBytes(StandardCharsets.UTF_8);
                    }
                    hashes.put(tasks.relativize(file).toString(), Arrays.hashCode(bytes));
                }
            }
        }
        return hashes;
    }
}
