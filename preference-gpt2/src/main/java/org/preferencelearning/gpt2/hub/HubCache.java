package org.preferencelearning.gpt2.hub;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.preferencelearning.core.io.AtomicFiles;

/**
 * The cache that Python's huggingface_hub lays out: {@code blobs} by checksum, {@code refs} from branches and tags to
 * commits, and {@code snapshots} of links to blobs.
 */
final class HubCache {
    private final Path root;

    HubCache(Path root) {
        this.root = root;
    }

    /** The file at the repository's revision as last seen, if it is there. */
    Optional<Path> find(HubRepository repository, String file) throws IOException {
        Optional<String> commit = commit(repository);
        return commit.map(id -> snapshot(repository, id).resolve(file)).filter(Files::exists);
    }

    /** The commit that the revision last stood for. */
    Optional<String> commit(HubRepository repository) throws IOException {
        if (repository.isPinned()) {
            return Optional.of(repository.revision());
        }
        Path reference = reference(repository);
        return Files.isRegularFile(reference)
                ? Optional.of(Files.readString(reference).strip()).filter(HubRepository::isCommit)
                : Optional.empty();
    }

    /** Where a commit's files are. */
    Path snapshot(HubRepository repository, String commit) {
        return folder(repository).resolve("snapshots").resolve(commit);
    }

    Path blob(HubRepository repository, String checksum) {
        return folder(repository).resolve("blobs").resolve(checksum);
    }

    Path lock(HubRepository repository, String checksum) {
        return root.resolve(".locks").resolve(repository.folder()).resolve(checksum + ".lock");
    }

    /** Makes a blob the content of a file at a commit. */
    Path link(HubRepository repository, String commit, String file, String checksum) throws IOException {
        if (!repository.isPinned() && !commit(repository).equals(Optional.of(commit))) {
            AtomicFiles.write(reference(repository), commit.getBytes(StandardCharsets.US_ASCII));
        }
        Path target = snapshot(repository, commit).resolve(file);
        if (Files.exists(target)) {
            return target;
        }
        Files.createDirectories(target.getParent());
        Files.deleteIfExists(target); // a link to nothing
        Path blob = blob(repository, checksum);
        try {
            Files.createSymbolicLink(target, target.getParent().relativize(blob));
        } catch (UnsupportedOperationException | FileSystemException e) {
            if (!Files.exists(target)) {
                // where links are not allowed Python, too, puts the file itself there
                Files.copy(blob, target, StandardCopyOption.REPLACE_EXISTING);
            }
        }
        return target;
    }

    private Path reference(HubRepository repository) {
        return folder(repository).resolve("refs").resolve(repository.revision());
    }

    private Path folder(HubRepository repository) {
        return root.resolve(repository.folder());
    }
}
