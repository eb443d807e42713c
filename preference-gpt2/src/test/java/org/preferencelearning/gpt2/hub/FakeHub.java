package org.preferencelearning.gpt2.hub;

import com.google.common.hash.Hashing;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A server that speaks the Hub's protocol on this machine, and misbehaves as it is told. */
final class FakeHub implements AutoCloseable {
    static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    /** What is done with one request for content, instead of answering it well. */
    interface Misbehaviour {
        void answer(HttpExchange exchange, byte[] content) throws IOException;
    }

    private final HttpServer server;
    private final Map<String, byte[]> files = new HashMap<>();
    private final Map<String, String> checksums = new HashMap<>();
    private final Deque<Misbehaviour> next = new ArrayDeque<>();
    /** Method, path, authorisation and range of every request. */
    final List<String> requests = new ArrayList<>();

    private FakeHub redirectTo;
    private int status = 200;
    private String errorCode;
    private String retryAfter;

    FakeHub() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.start();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Offers a file at {@code path} after the revision, as a large file with a SHA-256. */
    void offer(String path, byte[] content) {
        files.put(path, content);
        checksums.put(path, Hashing.sha256().hashBytes(content).toString());
    }

    void announce(String path, String checksum) {
        checksums.put(path, checksum);
    }

    /** The next requests for content are answered so, in turn. */
    void misbehave(Misbehaviour... misbehaviours) {
        next.addAll(Arrays.asList(misbehaviours));
    }

    /** Content is served by another server. */
    void redirectContentTo(FakeHub other) {
        redirectTo = other;
        other.files.putAll(files);
        other.checksums.putAll(checksums);
    }

    void refuseAllWith(int status, String errorCode, String retryAfter) {
        this.status = status;
        this.errorCode = errorCode;
        this.retryAfter = retryAfter;
    }

    private synchronized void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            requests.add(exchange.getRequestMethod() + " " + path + " "
                    + exchange.getRequestHeaders().getFirst("Authorization") + " "
                    + exchange.getRequestHeaders().getFirst("Range"));
            if (status != 200) {
                if (errorCode != null) {
                    exchange.getResponseHeaders().set("X-Error-Code", errorCode);
                }
                if (retryAfter != null) {
                    exchange.getResponseHeaders().set("Retry-After", retryAfter);
                }
                int refused = status;
                if (status == 429) {
                    status = 200;
                }
                exchange.sendResponseHeaders(refused, -1);
                return;
            }
            String file = path.replaceFirst(".*/resolve/[^/]+/", "");
            byte[] content = files.get(file);
            if (content == null) {
                exchange.getResponseHeaders().set("X-Error-Code", "EntryNotFound");
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            exchange.getResponseHeaders().set("X-Repo-Commit", COMMIT);
            exchange.getResponseHeaders().set("X-Linked-Etag", "\"" + checksums.get(file) + "\"");
            exchange.getResponseHeaders().set("X-Linked-Size", Integer.toString(content.length));
            if (redirectTo != null) {
                exchange.getResponseHeaders().set("Location", redirectTo.uri() + path);
                exchange.sendResponseHeaders(302, -1);
                return;
            }
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.sendResponseHeaders(200, -1);
                return;
            }
            Misbehaviour misbehaviour = next.poll();
            if (misbehaviour == null) {
                well(exchange, content);
            } else {
                misbehaviour.answer(exchange, content);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Answers well, ranges included. */
    static void well(HttpExchange exchange, byte[] content) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
        if (from > 0) {
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
        }
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, content.length - from);
        exchange.getResponseBody().write(content, from, content.length - from);
    }

    /** Announces everything and hangs up after {@code bytes}. */
    static Misbehaviour hangUpAfter(int bytes) {
        return (exchange, content) -> {
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content, 0, bytes);
            exchange.getResponseBody().flush();
        };
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
