package org.preferencelearning.gpt2.hub;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.google.common.base.CharMatcher;
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
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.internal.io.JsonProblems;
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

    private static final int GIT_DIGITS = 40;
    private static final JsonFactory JSON = new JsonFactory();
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
     * is current, or if the server cannot be reached; otherwise downloaded. A file for which the server named no checksum
     * is asked for again even where the revision is pinned.
     *
     * @param file its path in the repository, with {@code /}
     * @return a path that ends with that of the file
     * @throws HubException if it cannot be had
     */
    public Path file(HubRepository repository, String file) {
        SettingException.require(
                !file.isEmpty()
                        && !file.startsWith("/")
                        && !file.contains("\\")
                        && CharMatcher.javaIsoControl().matchesNoneOf(file)
                        && isPlain(file),
                "file",
                CharMatcher.javaIsoControl().replaceFrom(file, '?'),
                "a path within the repository");
        try {
            Optional<Path> cached = cache.find(repository, file);
            if (cached.isPresent()
                    && (settings.offline() || repository.isPinned() && HubCache.isChecked(cached.get()))) {
                return cached.get();
            }
            if (settings.offline()) {
                throw new HubException(
                        Reason.OFFLINE,
                        repository + " " + file + ": not in " + settings.cache() + ", and HF_HUB_OFFLINE is set");
            }
            return current(
                    repository, file, cached, new Deadline(settings.limits().deadline()));
        } catch (IOException | UncheckedIOException e) {
            throw new HubException(
                    Reason.CACHE,
                    repository + " " + file + ": the cache " + settings.cache() + " cannot be used: " + e.getMessage(),
                    e);
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

    private Path current(HubRepository repository, String file, Optional<Path> cached, Deadline deadline)
            throws IOException {
        String what = repository + " " + file;
        Remote remote;
        try {
            remote = client.describe(repository, file, deadline);
        } catch (IOException e) {
            if (cached.isPresent()) {
                LOG.warn("{}: the server cannot be reached ({}); the cached file is used", what, e.getMessage());
                return cached.get();
            }
            throw new HubException(Reason.NETWORK, what + ": the server cannot be reached: " + e.getMessage(), e);
        }
        long most = settings.limits().mostBytes(repository, file);
        if (remote.size() > most) {
            throw new HubException(
                    Reason.TOO_LARGE,
                    what + ": the server announces " + remote.size() + " bytes; at most " + most
                            + " are accepted of this kind of file (HubLimits)");
        }
        Path blob = cache.blob(repository, remote.etag());
        if (!isComplete(blob, remote)) {
            downloadOnce(repository, file, remote, blob, deadline);
        }
        return cache.link(repository, remote.commit(), file, remote.etag());
    }

    private static boolean isComplete(Path blob, Remote remote) throws IOException {
        return Files.isRegularFile(blob) && Files.size(blob) == remote.size();
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

    private void downloadOnce(HubRepository repository, String file, Remote remote, Path blob, Deadline deadline)
            throws IOException {
        cache.prepare(repository, remote.etag());
        Path lockFile = cache.lock(repository, remote.etag());
        Lock local = LOCKS.get(lockFile);
        try {
            if (!local.tryLock(deadline.left().toNanos(), TimeUnit.NANOSECONDS)) {
                deadline.check(repository + " " + file);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HubException(Reason.NETWORK, repository + " " + file + ": interrupted while waiting", e);
        }
        try (FileChannel channel = FileChannel.open(
                lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            FileLock lock = channel.tryLock();
            while (lock == null) {
                deadline.check(repository + " " + file + ", which another process downloads");
                sleep(1);
                lock = channel.tryLock();
            }
            if (!isComplete(blob, remote)) {
                download(repository, file, remote, blob, deadline);
            }
        } finally {
            local.unlock();
        }
    }

    private void download(HubRepository repository, String file, Remote remote, Path blob, Deadline deadline)
            throws IOException {
        Path incomplete = cache.incomplete(repository, remote.etag());
        String what = repository + " " + file;
        if (!remote.hasChecksum()) {
            Files.deleteIfExists(incomplete); // whether it is a part of the same content, nothing could tell
        }
        requireSpace(what, remote.size() - size(incomplete), requireNonNull(blob.getParent(), "blobs"));
        IOException last = null;
        for (int attempt = 1; attempt <= settings.attempts(); attempt++) {
            deadline.check(what);
            long begun = size(incomplete);
            try {
                append(repository, file, remote, incomplete, deadline);
            } catch (HubClient.RangeException e) {
                last = e;
                Files.deleteIfExists(incomplete);
            } catch (NetworkFailure e) {
                LOG.warn("{}: attempt {} of {} broke off: {}", what, attempt, settings.attempts(), e.getMessage());
                last = e;
            }
            long size = size(incomplete);
            if (size == remote.size() && Files.exists(incomplete)) {
                Optional<String> fault = fault(repository, file, remote, incomplete);
                if (fault.isEmpty()) {
                    Files.move(incomplete, blob, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                    return;
                }
                Files.delete(incomplete);
                last = new IOException(fault.get());
                if (begun == 0) {
                    throw new HubException(Reason.CORRUPT, what + ": " + fault.get());
                }
            } else if (size > remote.size()) {
                Files.delete(incomplete);
            }
        }
        throw new HubException(
                Reason.NETWORK,
                what + ": " + size(incomplete) + " of " + remote.size() + " bytes came in " + settings.attempts()
                        + " attempts; the next call goes on from there"
                        + (last == null ? "" : "; at last: " + last.getMessage()),
                last);
    }

    private static long size(Path file) throws IOException {
        return Files.exists(file) ? Files.size(file) : 0;
    }

    private static void requireSpace(String what, long bytes, Path folder) throws IOException {
        long free = Files.getFileStore(folder).getUsableSpace();
        if (bytes > free) {
            throw new HubException(
                    Reason.TOO_LARGE,
                    what + ": " + bytes + " bytes are missing, and " + folder + " has room for " + free);
        }
    }

    /** The server is at fault, and not the cache's disk. */
    private static final class NetworkFailure extends IOException {
        private static final long serialVersionUID = 1L;

        NetworkFailure(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    private void append(HubRepository repository, String file, Remote remote, Path incomplete, Deadline deadline)
            throws IOException {
        long have = size(incomplete);
        if (have >= remote.size() && remote.size() > 0) {
            return;
        }
        try (HubClient.Body body = body(repository, file, remote, have, deadline);
                FileChannel out = FileChannel.open(
                        incomplete, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            out.truncate(body.start());
            out.position(body.start());
            long written = body.start();
            long reported = written;
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int count = read(body, buffer); count >= 0; count = read(body, buffer)) {
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

    private HubClient.Body body(HubRepository repository, String file, Remote remote, long from, Deadline deadline)
            throws IOException {
        try {
            return client.read(repository, file, remote, from, deadline);
        } catch (HubClient.RangeException e) {
            throw e;
        } catch (IOException e) {
            throw new NetworkFailure(e);
        }
    }

    private static int read(HubClient.Body body, byte[] buffer) throws NetworkFailure {
        try {
            return body.stream().read(buffer);
        } catch (IOException e) {
            throw new NetworkFailure(e);
        }
    }

    /** What is wrong with a file that is complete: its checksum, or that a model's JSON is none. */
    private static Optional<String> fault(HubRepository repository, String file, Remote remote, Path content)
            throws IOException {
        if (remote.hasChecksum()) {
            String found = checksum(remote, content);
            if (!found.equals(remote.etag())) {
                return Optional.of("its checksum is " + found + "; the server announced " + remote.etag());
            }
        } else {
            LOG.warn("{} {}: the server gives no checksum; its size alone was checked", repository, file);
        }
        return repository.kind() == HubRepository.Kind.MODEL && file.endsWith(".json")
                ? jsonFault(content)
                : Optional.empty();
    }

    private static String checksum(Remote remote, Path content) throws IOException {
        Hasher hasher;
        if (remote.etag().length() == GIT_DIGITS) {
            hasher = gitHasher();
            hasher.putString("blob " + remote.size() + "\0", StandardCharsets.US_ASCII);
        } else {
            hasher = Hashing.sha256().newHasher();
        }
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(content)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                hasher.putBytes(buffer, 0, count);
            }
        }
        return hasher.hash().toString();
    }

    /** A page of a proxy or an error message would otherwise stay in the cache as the model's configuration. */
    private static Optional<String> jsonFault(Path content) throws IOException {
        try (JsonParser parser = JSON.createParser(content.toFile())) {
            boolean empty = parser.nextToken() == null;
            while (parser.nextToken() != null) {
                // only whether it is JSON matters
            }
            return empty ? Optional.of("it is empty, not JSON") : Optional.empty();
        } catch (JsonProcessingException e) {
            return Optional.of("it is " + JsonProblems.describe(e));
        }
    }

    @SuppressWarnings("deprecation") // git names small files by SHA-1
    private static Hasher gitHasher() {
        return Hashing.sha1().newHasher();
    }
}
