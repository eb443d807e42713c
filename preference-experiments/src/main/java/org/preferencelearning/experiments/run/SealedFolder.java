package org.preferencelearning.experiments.run;

import static java.util.Objects.requireNonNull;

import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.internal.io.Durability;

/**
 * A folder that is there as a whole or not at all: filled beside its place, sealed by the hashes of its files, forced to disk
 * and then renamed.
 */
final class SealedFolder {
    /** Lists the files; written last. The form is that of {@code sha256sum}. */
    static final String SEAL = "files.sha256";

    private final Path fresh;
    private final Path target;

    private SealedFolder(Path fresh, Path target) {
        this.fresh = fresh;
        this.target = target;
    }

    /** Fills a folder. */
    @FunctionalInterface
    interface Filler {
        void fill(Path folder) throws IOException;
    }

    /** Makes {@code target}, which must not be there; its parent must be. */
    static void create(Path target, Filler filler) throws IOException {
        fill(target, filler).publish();
    }

    /** Fills and seals what {@link #publish} makes {@code target}. */
    static SealedFolder fill(Path target, Filler filler) throws IOException {
        return fill(target, "", filler);
    }

    /** As {@link #fill(Path, Filler)}, for one of several attempts at the same target. */
    static SealedFolder fill(Path target, String attempt, Filler filler) throws IOException {
        Path fresh = unfinished(target, attempt);
        delete(fresh);
        Files.createDirectory(fresh);
        try {
            filler.fill(fresh);
            StringBuilder seal = new StringBuilder();
            hashes(fresh)
                    .forEach((name, hash) ->
                            seal.append(hash).append("  ").append(name).append('\n'));
            Files.writeString(fresh.resolve(SEAL), seal);
        } catch (IOException | RuntimeException e) {
            deleteAfter(e, fresh);
            throw e;
        }
        return new SealedFolder(fresh, target);
    }

    private static void deleteAfter(Exception problem, Path fresh) {
        try {
            delete(fresh);
        } catch (IOException e) {
            problem.addSuppressed(e);
        }
    }

    /** Gives the folder its name once it is on disk. */
    void publish() throws IOException {
        Durability.forceTree(fresh);
        Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
        Durability.forceFolder(requireNonNull(target.getParent(), "folder"));
    }

    /**
     * Gives the folder its name unless another attempt's has it, which then stands.
     *
     * @return whether this one has it
     */
    boolean publishIfFirst() throws IOException {
        try {
            publish();
            return true;
        } catch (FileSystemException e) {
            if (!Files.isDirectory(target)) {
                deleteAfter(e, fresh);
                throw e;
            }
            delete(fresh);
            return false;
        } catch (IOException e) {
            // as of a thread that was told to stop
            deleteAfter(e, fresh);
            throw e;
        }
    }

    /** Where an attempt fills what becomes {@code target}. */
    static Path unfinished(Path target, String attempt) {
        return target.resolveSibling(
                RunStore.UNFINISHED + target.getFileName() + (attempt.isEmpty() ? "" : "-" + attempt));
    }

    /** Copies the folder to a store, under the name that it is to have there, unless another attempt's has it. */
    boolean copyTo(RunStore store, String name, String attempt) throws IOException {
        return store.publish(fresh, name, attempt);
    }

    /** Deletes what was filled and not published. */
    void delete() throws IOException {
        delete(fresh);
    }

    /** Deletes what writers that are gone left in {@code parent}. */
    static void deleteUnfinished(Path parent) throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(parent, RunStore.UNFINISHED + "*")) {
            for (Path folder : left) {
                delete(folder);
            }
        }
    }

    /** Why the folder is not what was sealed, or null if it is. */
    static @Nullable String damage(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return "it is missing";
        }
        Path file = folder.resolve(SEAL);
        if (!Files.isRegularFile(file)) {
            return SEAL + " is missing";
        }
        String seal = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        if (!seal.endsWith("\n")) {
            return SEAL + " is cut off";
        }
        Map<String, String> sealed = new TreeMap<>();
        for (String line : seal.split("\n")) {
            int gap = line.indexOf("  ");
            if (gap < 0) {
                return SEAL + " has a line that is no hash and name";
            }
            sealed.put(line.substring(gap + 2), line.substring(0, gap));
        }
        Map<String, HashCode> found = hashes(folder);
        Set<String> names = new TreeSet<>(sealed.keySet());
        names.addAll(found.keySet());
        for (String name : names) {
            HashCode hash = found.get(name);
            if (hash == null) {
                return name + " is missing";
            }
            if (!hash.toString().equals(sealed.get(name))) {
                return name + " is not what was written";
            }
        }
        return null;
    }

    /** SHA-256 of every file but the seal, by its name within the folder. */
    static Map<String, HashCode> hashes(Path folder) throws IOException {
        Map<String, HashCode> hashes = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                String name = folder.relativize(file).toString().replace('\\', '/');
                if (!name.equals(SEAL) && !isHadoopChecksum(file)) {
                    hashes.put(name, MoreFiles.asByteSource(file).hash(Hashing.sha256()));
                }
            }
        }
        return hashes;
    }

    /** Hadoop's local file system leaves {@code .NAME.crc} beside what it copies. */
    private static boolean isHadoopChecksum(Path file) {
        String name = file.getFileName().toString();
        return name.startsWith(".") && name.endsWith(".crc");
    }

    /** Deletes a folder that other attempts may read or delete: they see it as a whole, or not at all. */
    static void deleteShared(Path folder, String attempt) throws IOException {
        Path gone = unfinished(folder, attempt + "-deleted");
        delete(gone);
        try {
            Files.move(folder, gone, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            return;
        }
        delete(gone);
    }

    /** Deletes a folder of the run directory; nothing if it is not there. */
    static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
        }
    }
}
