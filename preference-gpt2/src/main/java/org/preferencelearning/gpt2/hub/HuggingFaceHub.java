package org.preferencelearning.gpt2.hub;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.util.concurrent.Striped;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.gpt2.hub.HubClient.Remote;
import org.preferencelearning.gpt2.hub.HubException.Reason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files of the Hugging Face Hub, in the cache that Python's libraries use. What is downloaded is checked against the size
 * and checksum that the server announces, and appears in the cache as a whole or not at all; an interrupted download is
 * resumed. Safe for use by several threads and processes.
 */
public final class HuggingFaceHub {
    private static final Logger LOG = LoggerFactory.getLogger(HuggingFaceHub.class);
    private static final int BUFFER_BYTES = 1 << 20;
    /** About how often a listener hears of one file. */
    private static final int REPORTS = 200;

    private static final int SHA256_DIGITS = 64;
    private static final int GIT_DIGITS = 40;
    private static final Striped<Lock> LOCKS = Striped.lock(64);

    private final HubSettings settings;
    private final DownloadListener listener;
    private final HubCache cache;
    private final HubClient client;

    /** A hub of the given settings. */
    public HuggingFaceHub(HubSettings settings, DownloadListener listener) {
        this(settings, listener, HuggingFaceHub::sleep);
    }

    HuggingFaceHub(HubSettings settings, DownloadListener listener, HubClient.Pause pause) {
        this.settings = settings;
        this.listener = listener;
        this.cache = new HubCache(settings.cache());
        this.client = new HubClient(settings, pause);
    }

    private static void sleep(long seconds) {
        try {
            TimeUnit.SECONDS.sleep(seconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HubException(Reason.NETWORK, "interrupted while waiting for the server", e);
        }
    }

    /**
     * A file of a repository: from the cache if the revision is pinned to a commit, if the server says that the cached one
     * is current, or if the server cannot be reached; otherwise downloaded.
     *
     * @param file its path in the repository, with {@code /}
     * @return a path that ends with that of the file
     * @throws HubException if it cannot be had
     */
    public Path file(HubRepository repository, String file) {
        SettingException.require(
                !file.isEmpty() && !file.startsWith("/") && !file.contains("\\") && isPlain(file),
                "file",
                file,
                "a path within the repository");
        try {
            Optional<Path> cached = cache.find(repository, file);
            if (cached.isPresent() && (repository.isPinned() || settings.offline())) {
                return cached.get();
            }
            if (settings.offline()) {
                throw new HubException(
                        Reason.OFFLINE,
                        repository + " " + file + ": not in " + settings.cache() + ", and HF_HUB_OFFLINE is set");
            }
            return current(repository, file, cached);
        } catch (IOException e) {
            throw new UncheckedIOException(repository + " " + file + ": " + e.getMessage(), e);
        }
    }

    private static boolean isPlain(String file) {
        for (String part : file.split("/", -1)) {
            if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                return false;
            }
        }
        return true;
    }

    private Path current(HubRepository repository, String file, Optional<Path> cached) throws IOException {
        Remote remote;
        try {
            remote = client.describe(repository, file);
        } catch (IOException e) {
            if (cached.isPresent()) {
                LOG.warn("{} {}: the server cannot be reached ({}); the cached file is used", repository, file, e);
                return cached.get();
            }
            throw new HubException(
                    Reason.NETWORK, repository + " " + file + ": the server cannot be reached: " + e.getMessage(), e);
        }
        Path blob = cache.blob(repository, remote.checksum());
        if (!Files.exists(blob)) {
            downloadOnce(repository, file, remote, blob);
        }
        return cache.link(repository, remote.commit(), file, remote.checksum());
    }

    /** As {@link #file}, or nothing if the repository has no such file. */
    public Optional<Path> findFile(HubRepository repository, String file) {
        try {
            return Optional.of(file(repository, file));
        } catch (HubException e) {
            if (e.reason() == Reason.NOT_FOUND || e.reason() == Reason.OFFLINE) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private void downloadOnce(HubRepository repository, String file, Remote remote, Path blob) throws IOException {
        Path lockFile = cache.lock(repository, remote.checksum());
        Files.createDirectories(lockFile.getParent());
        Files.createDirectories(blob.getParent());
        Lock local = LOCKS.get(lockFile);
        local.lock();
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            LOG.debug("{} holds {}", lockFile, lock);
            if (!Files.exists(blob)) {
                download(repository, file, remote, blob);
            }
        } finally {
            local.unlock();
        }
    }

    private void download(HubRepository repository, String file, Remote remote, Path blob) throws IOException {
        Path incomplete = blob.resolveSibling(remote.checksum() + ".incomplete");
        String what = repository + " " + file;
        IOException last = null;
        for (int attempt = 1; attempt <= settings.attempts(); attempt++) {
            try {
                append(repository, file, remote, incomplete);
            } catch (IOException e) {
                LOG.warn("{}: attempt {} of {} broke off: {}", what, attempt, settings.attempts(), e.toString());
                last = e;
            }
            long size = Files.exists(incomplete) ? Files.size(incomplete) : 0;
            if (size == remote.size()) {
                verify(what, remote, incomplete);
                Files.move(incomplete, blob, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                return;
            }
            if (size > remote.size()) {
                Files.delete(incomplete);
            }
        }
        throw new HubException(
                Reason.NETWORK,
                what + ": " + (Files.exists(incomplete) ? Files.size(incomplete) : 0) + " of " + remote.size()
                        + " bytes came in " + settings.attempts() + " attempts; the next call goes on from there",
                last);
    }

    private void append(HubRepository repository, String file, Remote remote, Path incomplete) throws IOException {
        long have = Files.exists(incomplete) ? Files.size(incomplete) : 0;
        if (have >= remote.size() && remote.size() > 0) {
            return;
        }
        try (HubClient.Body body = client.read(repository, file, remote.commit(), have);
                InputStream in = body.stream();
                FileChannel out = FileChannel.open(incomplete, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            out.truncate(body.start());
            out.position(body.start());
            long written = body.start();
            long reported = written;
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, count);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                written += count;
                if (written - reported >= remote.size() / REPORTS || written >= remote.size()) {
                    listener.onProgress(repository + " " + file, written, remote.size());
                    reported = written;
                }
                if (written > remote.size()) {
                    break;
                }
            }
            out.force(true);
        }
    }

    /** Deletes the file and throws unless its checksum is the announced one. */
    private static void verify(String what, Remote remote, Path file) throws IOException {
        String expected = remote.checksum();
        Hasher hasher;
        if (expected.length() == SHA256_DIGITS) {
            hasher = Hashing.sha256().newHasher();
        } else if (expected.length() == GIT_DIGITS) {
            hasher = gitHasher();
            hasher.putString("blob " + remote.size() + "\0", StandardCharsets.US_ASCII);
        } else {
            LOG.warn("{}: the server gives no checksum; its size alone was checked", what);
            return;
        }
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                hasher.putBytes(buffer, 0, count);
            }
        }
        String found = hasher.hash().toString();
        if (!found.equals(expected)) {
            Files.delete(file);
            throw new HubException(
                    Reason.CORRUPT, what + ": its checksum is " + found + "; the server announced " + expected);
        }
    }

    @SuppressWarnings("deprecation") // git names small files by SHA-1
    private static Hasher gitHasher() {
        return Hashing.sha1().newHasher();
    }
}
