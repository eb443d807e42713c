package org.preferencelearning.gpt2.hub;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.UUID;
import org.preferencelearning.core.internal.io.AtomicFiles;
import org.preferencelearning.gpt2.hub.HubException.Reason;

/**
 * The cache that Python's huggingface_hub lays out: {@code blobs} by checksum, {@code refs} from branches and tags to
 * commits, and {@code snapshots} of links to blobs.
 */
final class HubCache {
    private static final int MAX_REFERENCE_BYTES = 100;

    private final Path root;

    HubCache(Path root) {
        this.root = root;
    }

    /** The file at the repository's revision as last seen, if it is there. */
    Optional<Path> find(HubRepository repository, String file) throws IOException {
        Optional<String> commit = commit(repository);
        return commit.map(id -> snapshot(repository, id).resolve(file)).filter(Files::isRegularFile);
    }

    /** Whether a file of a snapshot was checked against a checksum when it came: its blob is named by that. */
    static boolean isChecked(Path file) throws IOException {
        return Files.isSymbolicLink(file)
                && HubClient.isChecksum(
                        Files.readSymbolicLink(file).getFileName().toString());
    }

    /** The commit that the revision last stood for. */
    Optional<String> commit(HubRepository repository) throws IOException {
        if (repository.isPinned()) {
            return Optional.of(repository.revision());
        }
        Path reference = reference(repository);
        return Files.isRegularFile(reference) && Files.size(reference) <= MAX_REFERENCE_BYTES
                ? Optional.of(Files.readString(reference).strip()).filter(HubRepository::isCommit)
                : Optional.empty();
    }

    /** Where a commit's files are. */
    Path snapshot(HubRepository repository, String commit) {
        return folder(repository).resolve("snapshots").resolve(commit);
    }

    Path blob(HubRepository repository, String etag) {
        return folder(repository).resolve("blobs").resolve(etag);
    }

    Path lock(HubRepository repository, String etag) {
        return locks(repository).resolve(etag + ".lock");
    }

    /** What is there of a blob that is not complete, ready to be written. */
    Path incomplete(HubRepository repository, String etag) throws IOException {
        Path file = blob(repository, etag + ".incomplete");
        requireOwn(folder(repository), file);
        return file;
    }

    /** Makes the folders of a blob and of its lock, which is then safe to open. */
    void prepare(HubRepository repository, String etag) throws IOException {
        Path lock = lock(repository, etag);
        requireOwn(locks(repository), lock);
        Files.createDirectories(lock.getParent());
        Path blobs = requireNonNull(blob(repository, etag).getParent(), "blobs");
        requireOwn(folder(repository), blobs);
        Files.createDirectories(blobs);
    }

    /**
     * Refuses to write what lies beyond a link, or what is a link, a pipe or another file's name too: such things were put
     * there by somebody else. The folder itself may be a link, as caches are moved to other disks.
     */
    private static void requireOwn(Path folder, Path file) throws IOException {
        Path at = folder;
        for (Path part : folder.relativize(file)) {
            at = at.resolve(part);
            if (Files.isSymbolicLink(at)) {
                throw foreign(at, "a link");
            }
        }
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS) || Files.isDirectory(file)) {
            return;
        }
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw foreign(file, "no regular file");
        }
        if (file.getFileSystem().supportedFileAttributeViews().contains("unix")
                && (int) Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS) > 1) {
            throw foreign(file, "another name of a file");
        }
    }

    private static HubException foreign(Path path, String kind) {
        return new HubException(
                Reason.CACHE, path + " is " + kind + ", which the cache never makes; nothing is written through it");
    }

    /** Makes a blob the content of a file at a commit, whatever was that before. */
    Path link(HubRepository repository, String commit, String file, String etag) throws IOException {
        if (!repository.isPinned() && !commit(repository).equals(Optional.of(commit))) {
            requireOwn(folder(repository), reference(repository));
            AtomicFiles.write(reference(repository), commit.getBytes(StandardCharsets.US_ASCII));
        }
        Path target = snapshot(repository, commit).resolve(file);
        Path folder = requireNonNull(target.getParent(), "folder");
        requireOwn(folder(repository), folder);
        Path blob = blob(repository, etag);
        Path way = folder.relativize(blob);
        if (isSame(target, blob, way)) {
            return target;
        }
        Files.createDirectories(folder);
        Path fresh = target.resolveSibling("." + UUID.randomUUID() + ".link");
        try {
            try {
                Files.createSymbolicLink(fresh, way);
            } catch (UnsupportedOperationException | FileSystemException e) {
                // where links are not allowed Python, too, puts the file itself there
                Files.copy(blob, fresh);
            }
            Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
        return target;
    }

    private static boolean isSame(Path target, Path blob, Path way) throws IOException {
        if (Files.isSymbolicLink(target)) {
            return Files.readSymbolicLink(target).equals(way);
        }
        return Files.isRegularFile(target) && Files.mismatch(target, blob) < 0;
    }

    private Path reference(HubRepository repository) {
        return folder(repository).resolve("refs").resolve(repository.revision());
    }

    private Path locks(HubRepository repository) {
        return root.resolve(".locks").resolve(repository.folder());
    }

    private Path folder(HubRepository repository) {
        return root.resolve(repository.folder());
    }
}
