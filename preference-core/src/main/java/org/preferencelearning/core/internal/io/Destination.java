package org.preferencelearning.core.internal.io;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where an output goes, links resolved.
 *
 * @param path absolute, without links
 * @param exists whether something is there
 * @param ancestor the nearest folder above {@code path} that exists
 */
record Destination(Path path, boolean exists, Path ancestor) {
    private static final int NAMED = 3;
    private static final long MEGABYTE = 1_000_000;

    /** Where {@code given} leads to. */
    static Destination of(Path given) throws RefusedException {
        if (given.toString().isEmpty()) {
            throw new RefusedException("it is empty");
        }
        Path absolute = given.toAbsolutePath();
        Path present = absolute;
        while (!Files.exists(present, LinkOption.NOFOLLOW_LINKS)) {
            present = present.getParent();
            if (present == null) {
                throw new RefusedException("its root does not exist");
            }
        }
        Path real;
        try {
            real = present.toRealPath();
        } catch (NoSuchFileException e) {
            if (Files.isSymbolicLink(present)) {
                throw new RefusedException(present + " is a link to something that does not exist");
            }
            return of(given); // another writer is just replacing it
        } catch (IOException e) {
            throw new RefusedException(Problems.words(e));
        }
        boolean exists = present.equals(absolute);
        if (exists) {
            return new Destination(real, true, real.getParent() == null ? real : real.getParent());
        }
        if (!Files.isDirectory(real)) {
            throw new RefusedException(present + " is not a folder");
        }
        Path missing = present.relativize(absolute).normalize();
        if (missing.toString().isEmpty() || missing.startsWith("..")) {
            throw new RefusedException("it goes back out of a folder that does not exist");
        }
        requireNamesFit(real, missing);
        return new Destination(real.resolve(missing), false, real);
    }

    private static void requireNamesFit(Path folder, Path missing) throws RefusedException {
        for (Path name : missing) {
            lookUp(folder.resolve(name));
        }
        lookUp(folder.resolve(missing));
    }

    /** Fails where the system does not take the name. */
    private static void lookUp(Path path) throws RefusedException {
        try {
            Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            // what is to be written does not exist yet
        } catch (IOException e) {
            throw new RefusedException(Problems.words(e));
        }
    }

    /** Refuses what no folder of ours may take the place of. */
    void requireReplaceableFolder() throws RefusedException {
        Object looked = key();
        while (looked != null) {
            try {
                requirePresentReplaceable();
                return;
            } catch (RefusedException e) {
                // the marker of one folder says nothing of another that another writer has just put in its place
                Object now = key();
                if (looked.equals(now)) {
                    throw e;
                }
                looked = now;
            }
        }
    }

    /** What is there now, or null. */
    private @Nullable Object key() throws RefusedException {
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return attributes.fileKey() == null ? attributes.creationTime() : attributes.fileKey();
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw new RefusedException(Problems.words(e));
        }
    }

    private void requirePresentReplaceable() throws RefusedException {
        if (!Files.isDirectory(path)) {
            throw new RefusedException("it is not a folder");
        }
        if (path.getParent() == null) {
            throw new RefusedException("it is the root");
        }
        requireNotAbove(Path.of(""), "it is or contains the current folder");
        requireNotAbove(Path.of(System.getProperty("user.home", "")), "it is or contains your home folder");
        List<String> foreign;
        try {
            foreign = OutputMarker.foreign(path, NAMED + 1);
        } catch (IOException e) {
            throw new RefusedException(Problems.words(e));
        }
        if (!foreign.isEmpty()) {
            throw new RefusedException("it holds what this library did not write: "
                    + String.join(", ", foreign.subList(0, Math.min(NAMED, foreign.size())))
                    + (foreign.size() > NAMED ? " and more" : ""));
        }
        if (MountPoints.contains(path)) {
            throw new RefusedException("it is a mount point, which cannot be replaced: name a folder in it");
        }
        if (!Files.isWritable(path)) {
            throw new RefusedException("it is write-protected");
        }
    }

    private void requireNotAbove(Path place, String problem) throws RefusedException {
        try {
            if (place.toRealPath().startsWith(path)) {
                throw new RefusedException(problem);
            }
        } catch (IOException e) {
            // a place that does not exist is in no folder
        }
    }

    /** Refuses what no file of ours may take the place of. */
    void requireReplaceableFile() throws RefusedException {
        if (!exists) {
            return;
        }
        if (Files.isDirectory(path)) {
            throw new RefusedException("it is a folder");
        }
        if (!Files.isRegularFile(path)) {
            throw new RefusedException("it is not a regular file");
        }
        if (!Files.isWritable(path)) {
            throw new RefusedException("it is write-protected");
        }
    }

    /** Refuses where nothing can be written beside the path, which is tried, or too little. */
    void requireRoom(long plannedBytes) throws RefusedException {
        try (WriterLock trial = WriterLock.beside(ancestor.resolve(path.getFileName()))) {
            Files.delete(trial.file());
            FileStore store = Files.getFileStore(ancestor);
            // some network file systems do not know their size
            if (store.getTotalSpace() > 0 && store.getUsableSpace() < plannedBytes) {
                throw new RefusedException("it takes " + (plannedBytes + MEGABYTE - 1) / MEGABYTE + " MB, and "
                        + store.getUsableSpace() / MEGABYTE + " MB are free");
            }
        } catch (IOException e) {
            throw new RefusedException(Problems.words(e));
        }
    }
}
