package org.preferencelearning.core.internal.io;

import static java.util.Objects.requireNonNull;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder in the making, in a hidden folder beside its target:
 *
 * <pre>
 * .TARGET.PROCESS-RANDOM.preference-writing/
 *   writer.json   locked while the writer lives
 *   new/          being filled
 *   ready/        complete; after an exchange, what the target held before
 *   old.N/        what the target held before, to be deleted
 * </pre>
 */
final class StagedFolder implements Closeable {
    static final String WRITER = "writer.json";
    static final String NEW = "new";
    static final String READY = "ready";
    static final String OLD = "old.";

    private static final Logger LOG = LoggerFactory.getLogger(StagedFolder.class);
    private static final String ABOUT =
            "{\"about\": \"A folder of the Preference Learning library in the making. It is deleted"
                    + " when it is complete, or by the next save to the same place.\"}\n";
    private static final int TRIES = 1000;
    /** How often the name may be taken and given up again by others just when it looks free. */
    private static final int GAPS = 10;

    private final Path target;
    private final Path stage;
    private final WriterLock lock;
    private int olds;
    private int gaps;
    private boolean published;

    private StagedFolder(Path target, Path stage, WriterLock lock) {
        this.target = target;
        this.stage = stage;
        this.lock = lock;
    }

    /** Begins one. */
    static StagedFolder beside(Path target) throws IOException {
        for (int i = 0; i < TRIES; i++) {
            Path stage = TemporaryName.FOLDER.beside(target);
            Files.createDirectory(stage);
            Optional<WriterLock> lock;
            try {
                lock = WriterLock.create(stage.resolve(WRITER));
            } catch (NoSuchFileException e) {
                continue; // somebody took it for a leftover
            } catch (IOException e) {
                Files.deleteIfExists(stage);
                throw e;
            }
            if (lock.isPresent()) {
                StagedFolder staged = new StagedFolder(target, stage, lock.get());
                staged.begin();
                return staged;
            }
        }
        throw new FileSystemException(target.toString(), null, "others delete what is written");
    }

    private void begin() throws IOException {
        try {
            ByteBuffer about = ByteBuffer.wrap(ABOUT.getBytes(StandardCharsets.UTF_8));
            while (about.hasRemaining()) {
                lock.channel().write(about);
            }
            Files.createDirectory(fresh());
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** Where the content goes. */
    Path fresh() {
        return stage.resolve(NEW);
    }

    /** Gives the content the target's name. */
    void publish(FolderExchange exchange) throws IOException, RefusedException {
        OutputMarker.write(fresh());
        Durability.forceTree(fresh());
        Path ready = stage.resolve(READY);
        Files.move(fresh(), ready, StandardCopyOption.ATOMIC_MOVE);
        for (int i = 0; i < TRIES; i++) {
            if (take(ready, exchange)) {
                published = true;
                Durability.forceFolder(requireNonNull(target.getParent(), "folder"));
                return;
            }
        }
        throw new FileSystemException(target.toString(), null, "others write to it all the time");
    }

    /** One try; false where another writer came in between. */
    private boolean take(Path ready, FolderExchange exchange) throws IOException, RefusedException {
        if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            try {
                Files.move(ready, target, StandardCopyOption.ATOMIC_MOVE);
                return true;
            } catch (FileSystemException e) {
                if (gaps++ < GAPS || Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
                    return false;
                }
                throw e;
            }
        }
        new Destination(target, true, requireNonNull(target.getParent(), "folder")).requireReplaceableFolder();
        Path old = stage.resolve(OLD + olds++);
        if (exchange.exchange(ready, target)) {
            Files.move(ready, old, StandardCopyOption.ATOMIC_MOVE);
            return true;
        }
        try {
            Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            LOG.debug("{} has gone", target, e);
        }
        return false;
    }

    @Override
    public void close() {
        try {
            if (!published) {
                restore();
            }
            takeAway(stage, target, lock);
        } catch (IOException e) {
            LOG.warn("{} is left over; the next save to {} will try again to delete it", stage, target, e);
        }
    }

    /** Where the new content could not follow the old one, which had already given up the name. */
    private void restore() throws IOException {
        Path last = stage.resolve(OLD + (olds - 1));
        if (Files.exists(last, LinkOption.NOFOLLOW_LINKS) && !Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            try {
                Files.move(last, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (FileSystemException e) {
                if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
                    throw e;
                }
                LOG.debug("another writer gave {} its content", target, e);
            }
        }
    }

    private static void takeAway(Path stage, Path target, WriterLock lock) throws IOException {
        try (lock) {
            for (String name : names(stage)) {
                if (name.equals(NEW)) {
                    FolderContents.deleteUnfinished(stage.resolve(name));
                } else if (!name.equals(WRITER)) {
                    FolderContents.discard(stage.resolve(name), target);
                }
            }
            Files.delete(lock.file());
        }
        Files.delete(stage);
    }

    /**
     * Takes away what a writer left behind that did not come to its end. Where it was about to give a complete folder the
     * target's name, and the target is not there, that is done first.
     *
     * @param stage a folder beside the target with a temporary name
     * @param process its writer
     * @return false where the writer lives
     */
    static boolean clean(Path stage, Path target, String process) throws IOException {
        if (!Files.isDirectory(stage, LinkOption.NOFOLLOW_LINKS)) {
            return true;
        }
        List<String> names = names(stage);
        if (names.isEmpty()) {
            Files.deleteIfExists(stage);
            return true;
        }
        if (!names.contains(WRITER) || !names.stream().allMatch(StagedFolder::isOurs)) {
            LOG.debug("{} holds what this library did not write", stage);
            return true;
        }
        Optional<WriterLock> lock = WriterLock.takeOver(stage.resolve(WRITER));
        if (lock.isEmpty()) {
            return !Files.exists(stage, LinkOption.NOFOLLOW_LINKS);
        }
        if (!saysOurs(lock.get())) {
            lock.get().close();
            return true;
        }
        Path ready = stage.resolve(READY);
        if (OutputMarker.complete(ready) && !Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            Files.move(ready, target, StandardCopyOption.ATOMIC_MOVE);
            LOG.warn("{}: a save by process {} was cut off when all was written; it is completed now", target, process);
        }
        takeAway(stage, target, lock.get());
        LOG.info("{}: removed what a save by process {} left when it was cut off", target, process);
        return true;
    }

    /** A writer may have been killed before it could say so. */
    private static boolean saysOurs(WriterLock lock) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(ABOUT.length() + 1);
        while (text.hasRemaining() && lock.channel().read(text) >= 0) {}
        return ABOUT.startsWith(new String(text.array(), 0, text.position(), StandardCharsets.UTF_8));
    }

    private static boolean isOurs(String name) {
        return name.equals(WRITER) || name.equals(NEW) || name.equals(READY) || name.startsWith(OLD);
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().collect(Collectors.toList());
        }
    }
}
