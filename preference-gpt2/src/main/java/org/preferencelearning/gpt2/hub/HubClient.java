package org.preferencelearning.gpt2.hub;

import static java.util.Objects.requireNonNull;

import com.google.common.base.Throwables;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.preferencelearning.gpt2.hub.HubException.Reason;

/**
 * Requests to the Hub. Redirects are followed here, so that the token goes to the endpoint and nowhere else, and so that they
 * lead to HTTP alone. Every wait has an end: for an answer {@link HubSettings#timeout()}, for all of a file its deadline.
 */
final class HubClient {
    private static final int MAX_REDIRECTS = 5;
    private static final long LONGEST_WAIT_SECONDS = 120;
    /** Of a server's words, how many characters are repeated. */
    private static final int SHOWN = 100;

    private static final Pattern ETAG = Pattern.compile("[\\w-]{1,128}");
    private static final Pattern CHECKSUM = Pattern.compile("[0-9a-fA-F]{40}|[0-9a-fA-F]{64}");
    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

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
     * @param etag a name for the blob: SHA-256 of large files, git's SHA-1 of small ones, and of some servers neither
     */
    record Remote(String commit, String etag, long size) {
        /** Whether the content can be checked. */
        boolean hasChecksum() {
            return isChecksum(etag);
        }
    }

    /** Whether a blob of this name was checked when it came. */
    static boolean isChecksum(String name) {
        return CHECKSUM.matcher(name).matches();
    }

    /** The server does not send the part of the file that was asked for. */
    static final class RangeException extends IOException {
        private static final long serialVersionUID = 1L;

        RangeException(String message) {
            super(message);
        }
    }

    /** Asks for a file's commit, checksum and size, without its content; redirects to other hosts are not followed. */
    Remote describe(HubRepository repository, String file, Deadline deadline) throws IOException {
        String what = repository + " " + file;
        URI uri = uri(repository, file);
        HttpResponse<InputStream> answer =
                open("HEAD", uri, what, Map.of("Accept-Encoding", "identity"), true, deadline);
        answer.body().close();
        requireStatus(what, answer, answer.statusCode() == 200 || isRedirect(answer));
        String commit = header(answer, "X-Repo-Commit", what)
                .filter(HubRepository::isCommit)
                .orElseThrow(() -> new HubException(Reason.NETWORK, what + ": the server names no commit"));
        if (repository.isPinned() && !commit.equals(repository.revision())) {
            throw new HubException(Reason.NETWORK, what + ": the server answers with commit " + commit);
        }
        String etag = header(answer, "X-Linked-Etag", what)
                .or(() -> header(answer, "ETag", what))
                .map(HubClient::plain)
                .filter(text -> ETAG.matcher(text).matches())
                .orElseThrow(() -> new HubException(Reason.NETWORK, what + ": the server names no checksum"));
        long size = header(answer, "X-Linked-Size", what)
                .or(() -> header(answer, "Content-Length", what))
                .map(HubClient::number)
                .filter(bytes -> bytes >= 0)
                .orElseThrow(() -> new HubException(Reason.NETWORK, what + ": the server names no size"));
        return new Remote(commit, etag, size);
    }

    private URI uri(HubRepository repository, String file) {
        return URI.create(settings.endpoint() + "/" + repository.path(file));
    }

    private static String plain(String etag) {
        String text = etag.startsWith("W/") ? etag.substring(2) : etag;
        String name = text.replace("\"", "");
        return isChecksum(name) ? name.toLowerCase(Locale.ROOT) : name;
    }

    private static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** A body; {@code start} is the first byte of it, which may be before what was asked for. */
    record Body(InputStream stream, long start) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            stream.close();
        }
    }

    /**
     * Asks for a file from a byte on.
     *
     * @throws RangeException if the server cannot go on from there
     */
    Body read(HubRepository repository, String file, Remote remote, long from, Deadline deadline) throws IOException {
        String what = repository + " " + file;
        HubRepository pinned = new HubRepository(repository.kind(), repository.name(), remote.commit());
        Map<String, String> headers = from > 0
                ? Map.of("Accept-Encoding", "identity", "Range", "bytes=" + from + "-")
                : Map.of("Accept-Encoding", "identity");
        HttpResponse<InputStream> answer = open("GET", uri(pinned, file), what, headers, false, deadline);
        try {
            boolean partial = answer.statusCode() == 206;
            requireStatus(what, answer, answer.statusCode() == 200 || partial && from > 0);
            if (partial
                    && header(answer, "Content-Range", what)
                            .filter(range -> range.startsWith("bytes " + from + "-"))
                            .isEmpty()) {
                throw new RangeException("another range came than was asked for");
            }
            Optional<String> encoding =
                    header(answer, "Content-Encoding", what).filter(name -> !name.equalsIgnoreCase("identity"));
            if (encoding.isPresent()) {
                throw new HubException(
                        Reason.NETWORK,
                        what + ": it comes encoded (" + safe(encoding.get()) + "), though it was asked for as it is");
            }
            long start = partial ? from : 0;
            Optional<Long> length = header(answer, "Content-Length", what).map(HubClient::number);
            if (length.isPresent() && length.get() != remote.size() - start) {
                throw new IOException("the server sends " + length.get() + " bytes where " + (remote.size() - start)
                        + " of " + remote.size() + " are missing");
            }
            Duration window = settings.timeout();
            long least = settings.limits().leastBytesPerSecond() * window.toMillis() / 1000;
            return new Body(new WatchedStream(answer.body(), Math.max(1, least), window, deadline.left()), start);
        } catch (IOException | HubException e) {
            answer.body().close();
            throw e;
        }
    }

    private void requireStatus(String what, HttpResponse<InputStream> answer, boolean good) throws IOException {
        if (!good) {
            answer.body().close();
            throw new HubException(
                    Reason.NETWORK, what + ": the server answers with status " + answer.statusCode() + ", not 200");
        }
    }

    /** An answer below 400, after waiting as often as the server asks; for HEAD perhaps a redirect to another origin. */
    private HttpResponse<InputStream> open(
            String method, URI uri, String what, Map<String, String> headers, boolean stopAtOrigin, Deadline deadline)
            throws IOException {
        for (int attempt = 1; ; attempt++) {
            HttpResponse<InputStream> answer = follow(method, uri, what, headers, stopAtOrigin, deadline);
            int status = answer.statusCode();
            if (status < 400) {
                return answer;
            }
            answer.body().close();
            if (status == 416 && headers.containsKey("Range")) {
                throw new RangeException("the server refuses the range (status 416)");
            }
            Optional<Long> wait =
                    header(answer, "Retry-After", what).map(HubClient::number).filter(seconds -> seconds >= 0);
            Optional<String> code = header(answer, "X-Error-Code", what).map(this::safe);
            boolean later = status == 429 || status >= 500;
            long seconds = wait.orElse(1L << Math.min(attempt, 5));
            if (!later
                    || attempt >= settings.attempts()
                    || seconds > LONGEST_WAIT_SECONDS
                    || seconds > deadline.left().toSeconds()) {
                throw refusal(status, what, code, wait);
            }
            pause.seconds(seconds);
        }
    }

    private HttpResponse<InputStream> follow(
            String method, URI start, String what, Map<String, String> headers, boolean stopAtOrigin, Deadline deadline)
            throws IOException {
        URI uri = start;
        for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
            HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                    .method(method, HttpRequest.BodyPublishers.noBody())
                    .header("User-Agent", "preference-learning");
            headers.forEach(request::header);
            if (sameOrigin(uri, settings.endpoint())) {
                settings.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
            }
            HttpResponse<InputStream> answer = send(request.build(), what, deadline);
            if (!isRedirect(answer)) {
                return answer;
            }
            URI next;
            try {
                next = next(uri, header(answer, "Location", what).orElse(""), what);
            } catch (HubException e) {
                answer.body().close();
                throw e;
            }
            if (stopAtOrigin && !sameOrigin(next, uri)) {
                return answer;
            }
            answer.body().close();
            uri = next;
        }
        throw new HubException(Reason.NETWORK, what + ": more than " + MAX_REDIRECTS + " redirects");
    }

    private HttpResponse<InputStream> send(HttpRequest request, String what, Deadline deadline) throws IOException {
        deadline.check(what);
        Duration wait = deadline.within(settings.timeout());
        CompletableFuture<HttpResponse<InputStream>> answer =
                HTTP.sendAsync(request, HttpResponse.BodyHandlers.ofInputStream());
        try {
            return answer.get(wait.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new IOException("no answer within " + Deadline.words(wait), e);
        } catch (ExecutionException e) {
            Throwable cause = requireNonNull(e.getCause(), "cause");
            throw new IOException(words(cause), repeatsToken(cause) ? null : cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HubException(Reason.NETWORK, what + ": interrupted while waiting for the server", e);
        } finally {
            answer.cancel(true); // which does nothing to one that is complete
        }
    }

    private boolean repeatsToken(Throwable failure) {
        return settings.token()
                .filter(Throwables.getStackTraceAsString(failure)::contains)
                .isPresent();
    }

    private String words(Throwable failure) {
        if (failure instanceof ConnectException) {
            return "no connection" + (failure.getMessage() == null ? "" : ": " + safe(failure.getMessage()));
        }
        if (failure instanceof UnknownHostException) {
            return "unknown host";
        }
        if (!(failure instanceof IOException)) {
            return "its answer is malformed";
        }
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : safe(failure.getMessage());
    }

    private static boolean isRedirect(HttpResponse<?> answer) {
        return switch (answer.statusCode()) {
            case 301, 302, 303, 307, 308 -> true;
            default -> false;
        };
    }

    /** Where a redirect leads: to HTTP or HTTPS, never from HTTPS to HTTP, and never with the token in it. */
    URI next(URI from, String location, String what) {
        URI next;
        try {
            next = from.resolve(new URI(location));
        } catch (URISyntaxException e) {
            throw refused(what, "an address that is none");
        }
        String scheme = next.getScheme();
        if (scheme == null || !scheme.equalsIgnoreCase("https") && !scheme.equalsIgnoreCase("http")) {
            throw refused(what, "'" + safe(String.valueOf(scheme)) + ":'; only http and https are followed");
        }
        if (location.isEmpty() || next.getHost() == null || next.getUserInfo() != null) {
            throw refused(what, "an address without a plain host");
        }
        if (from.getScheme().equalsIgnoreCase("https") && !scheme.equalsIgnoreCase("https")) {
            throw refused(what, "http, away from https");
        }
        if (settings.token().filter(location::contains).isPresent()) {
            throw refused(what, "an address that repeats the token");
        }
        return next;
    }

    private static HubException refused(String what, String where) {
        return new HubException(Reason.NETWORK, what + ": the server redirects to " + where);
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

    /** A server's words, short, without control characters, and without the token that it knows. */
    private String safe(String text) {
        String hidden =
                settings.token().map(token -> text.replace(token, "(token)")).orElse(text);
        String cut = hidden.length() > SHOWN ? hidden.substring(0, SHOWN) + "..." : hidden;
        return cut.replaceAll("\\p{Cntrl}", "?");
    }

    /** The value of a header that is given once. */
    private static Optional<String> header(HttpResponse<?> answer, String name, String what) {
        List<String> values =
                answer.headers().allValues(name).stream().distinct().toList();
        if (values.size() > 1) {
            throw new HubException(Reason.NETWORK, what + ": the server gives header " + name + " in several ways");
        }
        return values.stream().findFirst();
    }
}
