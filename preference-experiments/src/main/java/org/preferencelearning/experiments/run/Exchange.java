package org.preferencelearning.experiments.run;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Copies folders of a run between this process's own folder and the {@link RunStore} through which its processes exchange them.
 * Without a store the folder itself is shared, and there is nothing to do.
 */
final class Exchange {
    private final Optional<RunStore> store;
    private final Path root;
    private final String attempt;

    /**
     * @param root this process's folder
     * @param attempt tells this one from others that copy into {@code root} or the store
     */
    Exchange(Optional<RunStore> store, Path root, String attempt) {
        this.store = store;
        this.root = root;
        this.attempt = attempt;
    }

    /** Where the folder itself is shared. */
    static Exchange none(Path root) {
        return new Exchange(Optional.empty(), root, "");
    }

    /** Whether there is a store. */
    boolean shared() {
        return store.isPresent();
    }

    /** Copies a folder from the store if it is there and not here. */
    void bring(Path folder) throws IOException {
        if (store.isEmpty() || Files.isDirectory(folder) || !store.get().holds(name(folder))) {
            return;
        }
        Files.createDirectories(folder.getParent());
        Path fresh = SealedFolder.unfinished(folder, attempt + "-brought");
        SealedFolder.delete(fresh);
        store.get().fetch(name(folder), fresh);
        try {
            Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            if (!Files.isDirectory(folder)) {
                throw e;
            }
            // another thread was faster
            SealedFolder.delete(fresh);
        }
    }

    /** Copies all folders of {@code parent} whose names begin so. */
    void bringAll(Path parent, String prefix) throws IOException {
        for (String name : names(parent)) {
            if (name.startsWith(prefix)) {
                bring(parent.resolve(name));
            }
        }
    }

    /**
     * Makes a filled folder that of its name where all see it, unless that of another attempt is.
     *
     * @return whether this one is
     */
    boolean publish(SealedFolder filled, Path folder) throws IOException {
        if (store.isEmpty()) {
            return filled.publishIfFirst();
        }
        try {
            return filled.copyTo(store.get(), name(folder), attempt);
        } finally {
            filled.delete();
        }
    }

    /** Copies a folder that is here to the store, unless it is there. */
    void give(Path folder) throws IOException {
        if (store.isPresent() && Files.isDirectory(folder) && !store.get().holds(name(folder))) {
            store.get().publish(folder, name(folder), attempt);
        }
    }

    /** Whether a folder is where all see it. */
    boolean holds(Path folder) throws IOException {
        return store.isPresent() ? store.get().holds(name(folder)) : Files.isDirectory(folder);
    }

    /** Names in a folder of the store, but those of folders that are being filled. */
    List<String> names(Path folder) throws IOException {
        if (store.isEmpty()) {
            return List.of();
        }
        List<String> names = new ArrayList<>(store.get().list(name(folder)));
        names.removeIf(name -> name.startsWith("."));
        return names;
    }

    /** Deletes a folder from the store. */
    void delete(Path folder) throws IOException {
        if (store.isPresent()) {
            store.get().delete(name(folder));
        }
    }

    /** Deletes from a folder of the store what attempts that came to nothing left. */
    void deleteUnfinished(Path parent) throws IOException {
        if (store.isPresent()) {
            for (String name : store.get().list(name(parent))) {
                if (name.startsWith(RunStore.UNFINISHED)) {
                    store.get().delete(name(parent) + "/" + name);
                }
            }
        }
    }

    /** Gives a folder of the store another name. */
    void move(Path folder, Path to) throws IOException {
        if (store.isPresent()) {
            store.get().move(name(folder), name(to));
        }
    }

    private String name(Path path) {
        return root.relativize(path).toString().replace('\\', '/');
    }
}
