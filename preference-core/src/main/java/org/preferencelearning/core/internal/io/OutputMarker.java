package org.preferencelearning.core.internal.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.preferencelearning.core.error.DataFormatException;

/**
 * The file by which a folder that this library wrote is known: it lists every file of the folder. Only what it lists is ever
 * deleted.
 */
final class OutputMarker {
    /** Name of the file. */
    static final String NAME = "preference-output.json";

    private static final String ABOUT =
            "Written by the Preference Learning library, which replaces this folder only while it"
                    + " holds nothing but the files listed here.";
    private static final int VERSION = 1;

    private OutputMarker() {}

    /** Lists all files that {@code folder} holds, relative to it and sorted, in a marker in it. */
    static void write(Path folder) throws IOException {
        SortedSet<String> files = new TreeSet<>();
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                files.add(relative(folder, file));
                return FileVisitResult.CONTINUE;
            }
        });
        files.remove(NAME);
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode marker = mapper.createObjectNode();
        marker.put("about", ABOUT);
        marker.put("version", VERSION);
        files.forEach(marker.putArray("files")::add);
        try {
            AtomicFiles.write(
                    folder.resolve(NAME),
                    mapper.writerWithDefaultPrettyPrinter().writeValueAsBytes(marker));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The files that the marker lists and the marker itself; none where there is no marker or it is not ours. */
    static Set<String> listed(Path folder) {
        Path file = folder.resolve(NAME);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return Set.of();
        }
        JsonNode marker;
        try {
            marker = JsonFiles.read(file);
        } catch (DataFormatException e) {
            return Set.of();
        }
        if (marker.path("version").asInt() != VERSION || !marker.path("files").isArray()) {
            return Set.of();
        }
        Set<String> files = new HashSet<>();
        marker.get("files").forEach(name -> files.add(name.asText()));
        files.add(NAME);
        return files;
    }

    /** Whether a folder has a marker and everything that it lists. */
    static boolean complete(Path folder) {
        Set<String> listed = listed(folder);
        return !listed.isEmpty()
                && listed.stream()
                        .allMatch(name -> Files.isRegularFile(folder.resolve(name), LinkOption.NOFOLLOW_LINKS));
    }

    /** Up to {@code most} of what a folder holds that its marker does not list; links and empty folders count. */
    static List<String> foreign(Path folder, int most) throws IOException {
        Set<String> listed = listed(folder);
        List<String> foreign = new ArrayList<>();
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                String name = relative(folder, directory) + "/";
                if (directory.equals(folder) || listed.stream().anyMatch(file -> file.startsWith(name))) {
                    return FileVisitResult.CONTINUE;
                }
                foreign.add(name);
                return foreign.size() < most ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.TERMINATE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                String name = relative(folder, file);
                if (!attributes.isRegularFile() || !listed.contains(name)) {
                    foreign.add(name);
                }
                return foreign.size() < most ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException && !file.equals(folder)) {
                    return FileVisitResult.CONTINUE; // the folder has just been replaced
                }
                throw failure;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException failure) throws IOException {
                return failure == null ? FileVisitResult.CONTINUE : visitFileFailed(directory, failure);
            }
        });
        return foreign;
    }

    static String relative(Path folder, Path file) {
        return folder.relativize(file).toString().replace('\\', '/');
    }
}
