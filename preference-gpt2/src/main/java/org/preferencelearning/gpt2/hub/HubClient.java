package org.preferencelearning.gpt2.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.preferencelearning.gpt2.hub.HubException.Reason;

/**
 * Requests to the Hub. Redirects are followed here, so that the token goes to the endpoint and nowhere else. The JDK's older
 * client is used because it can give up on a body whose bytes stop coming.
 */
final class HubClient {
    private static final int MAX_REDIRECTS = 5;
    private static final long LONGEST_WAIT_SECONDS = 120;
    private static final Pattern CHECKSUM = Pattern.compile("[\\w-]{1,128}");

    private final HubSettings settings;
    private final Pause pause;

    /** Waits between attempts. */
    @FunctionalInterface
    interface Pause {
        void seconds(long seconds);
    }

    HubClient(HubSettings settings, Pause pause) {
        this.settings = settings;
        this.pause = pause;
    }

    /**
     * What the server says of a file.
     *
     * @param checksum SHA-256 of large files, git's SHA-1 of small ones; a name for the blob
     */
    record Remote(String commit, String checksum, long size) {}

    /** Asks for a file's commit, checksum and size, without its content; redirects to other hosts are not followed. */
    Remote describe(HubRepository repository, String file) throws IOException {
        URI uri = settings.endpoint().resolve("/" + repository.path(file));
        String what = repository + " " + file;
        HttpURLConnection answer = open("HEAD", uri, what, Map.of("Accept-Encoding", "identity"), true);
        try {
            String commit = header(answer, "X-Repo-Commit")
                    .filter(HubRepository::isCommit)
                    .orElseThrow(() -> new HubException(Reason.NETWORK, what + ": the server names no commit"));
            String checksum = header(answer, "X-Linked-Etag")
                    .or(() -> header(answer, "ETag"))
                    .map(HubClient::plain)
                    .filter(text -> CHECKSUM.matcher(text).matches())
                    .orElseThrow(() -> new HubException(Reason.NETWORK, what + ": the server names no checksum"));
            long size = header(answer, "X-Linked-Size")
                    .or(() -> header(answer, "Content-Length"))
                    .map(HubClient::size)
                    .filter(bytes -> bytes >= 0)
                    .orElseThrow(() -> new HubException(Reason.NETWORK, what + ": the server names no size"));
            return new Remote(commit, checksum, size);
        } finally {
            answer.disconnect();
        }
    }

    private static String plain(String etag) {
        String text = etag.startsWith("W/") ? etag.substring(2) : etag;
        return text.replace("\"", "");
    }

    private static long size(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** An open body; {@code start} is the first byte of it, which may be before what was asked for. */
    record Body(HttpURLConnection connection, long start) implements AutoCloseable {
        InputStream stream() throws IOException {
            return connection.getInputStream();
        }

        @Override
        public void close() {
            connection.disconnect();
        }
    }

    /** Asks for a file from a byte on. */
    Body read(HubRepository repository, String file, String commit, long from) throws IOException {
        HubRepository pinned = new HubRepository(repository.kind(), repository.name(), commit);
        URI uri = settings.endpoint().resolve("/" + pinned.path(file));
        Map<String, String> headers = from > 0
                ? Map.of("Accept-Encoding", "identity", "Range", "bytes=" + from + "-")
                : Map.of("Accept-Encoding", "identity");
        HttpURLConnection answer = open("GET", uri, repository + " " + file, headers, false);
        boolean partial = answer.getResponseCode() == HttpURLConnection.HTTP_PARTIAL
                && header(answer, "Content-Range")
                        .filter(range -> range.startsWith("bytes " + from + "-"))
                        .isPresent();
        return new Body(answer, partial ? from : 0);
    }

    /** An answer of success, or for HEAD a redirect to another origin, after waiting as often as the server asks. */
    private HttpURLConnection open(
            String method, URI uri, String what, Map<String, String> headers, boolean stopAtOrigin) throws IOException {
        for (int attempt = 1; ; attempt++) {
            HttpURLConnection answer = follow(method, uri, what, headers, stopAtOrigin);
            int status = answer.getResponseCode();
            if (status < 400) {
                return answer;
            }
            Optional<Long> wait =
                    header(answer, "Retry-After").map(HubClient::size).filter(seconds -> seconds >= 0);
            Optional<String> code = header(answer, "X-Error-Code");
            answer.disconnect();
            boolean later = status == 429 || status >= 500;
            long seconds = wait.orElse(1L << Math.min(attempt, 5));
            if (!later || attempt == settings.attempts() || seconds > LONGEST_WAIT_SECONDS) {
                throw refusal(status, what, code, wait);
            }
            pause.seconds(seconds);
        }
    }

    private HttpURLConnection follow(
            String method, URI start, String what, Map<String, String> headers, boolean stopAtOrigin)
            throws IOException {
        URI uri = start;
        for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
            HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
            connection.setRequestMethod(method);
            connection.setInstanceFollowRedirects(false);
            connection.setConnectTimeout((int) settings.timeout().toMillis());
            connection.setReadTimeout((int) settings.timeout().toMillis());
            connection.setRequestProperty("User-Agent", "preference-learning");
            headers.forEach(connection::setRequestProperty);
            if (sameOrigin(uri, settings.endpoint())) {
                settings.token().ifPresent(token -> connection.setRequestProperty("Authorization", "Bearer " + token));
            }
            int status = connection.getResponseCode();
            Optional<String> location = header(connection, "Location");
            if (status < 300 || status >= 400 || status == HttpURLConnection.HTTP_NOT_MODIFIED || location.isEmpty()) {
                return connection;
            }
            URI next = uri.resolve(location.get());
            if (stopAtOrigin && !sameOrigin(next, uri)) {
                return connection;
            }
            connection.disconnect();
            uri = next;
        }
        throw new HubException(Reason.NETWORK, what + ": more than " + MAX_REDIRECTS + " redirects");
    }

    private static boolean sameOrigin(URI one, URI other) {
        return one.getScheme().equalsIgnoreCase(other.getScheme())
                && one.getHost().equalsIgnoreCase(other.getHost())
                && one.getPort() == other.getPort();
    }

    private HubException refusal(int status, String what, Optional<String> code, Optional<Long> wait) {
        String token = settings.token().isPresent() ? "the token has no access" : "set HF_TOKEN";
        String detail = code.map(text -> " (" + text + ")").orElse("");
        return switch (status) {
            case 401, 403 ->
                new HubException(
                        Reason.UNAUTHORIZED,
                        what + ": status " + status + detail + ": it does not exist or is not public; " + token);
            case 404 -> new HubException(Reason.NOT_FOUND, what + ": not on " + settings.endpoint() + detail);
            case 429 ->
                new HubException(
                        Reason.RATE_LIMITED,
                        what + ": too many requests"
                                + wait.map(s -> "; again in " + s + " s").orElse(""));
            default -> new HubException(Reason.NETWORK, what + ": status " + status + detail);
        };
    }

    private static Optional<String> header(HttpURLConnection answer, String name) {
        return Optional.ofNullable(answer.getHeaderField(name));
    }
}
