package org.preferencelearning.gpt2.hub;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.google.common.hash.Hashing;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server on this machine that answers byte for byte what it is told, well-formed or not. */
final class RawHub implements AutoCloseable {
    static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    /** Answers one request; the connection is closed afterwards. */
    @FunctionalInterface
    interface Script {
        void answer(Request request, OutputStream out) throws IOException, InterruptedException;
    }

    /** The head of a request, and the server that got it. */
    record Request(String head, RawHub server) {
        boolean isHead() {
            return head.startsWith("HEAD ");
        }

        String path() {
            return head.split(" ", 3)[1];
        }
    }

    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    final List<String> requests = new CopyOnWriteArrayList<>();
    volatile Script script;

    RawHub(Script script) throws IOException {
        this.script = script;
        start(this::accept);
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "raw-hub");
        thread.setDaemon(true);
        thread.start();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket connection = socket.accept();
                open.add(connection);
                start(() -> serve(connection));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            InputStream in = new BufferedInputStream(connection.getInputStream());
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int b = in.read();
                if (b < 0) {
                    return;
                }
                head.append((char) b);
            }
            requests.add(head.toString());
            script.answer(new Request(head.toString(), this), connection.getOutputStream());
            connection.getOutputStream().flush();
        } catch (IOException e) {
            // the other side has had enough
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(connection);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
        for (Socket connection : open) {
            connection.close();
        }
    }

    static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(ISO_8859_1));
        out.flush();
    }

    /** Lines of a head, with its end. */
    static String lines(String... lines) {
        return String.join("\r\n", lines) + "\r\n\r\n";
    }

    static String sha256(byte[] content) {
        return Hashing.sha256().hashBytes(content).toString();
    }

    /** What HEAD says of a content: its three headers of the Hub. */
    static String description(String commit, String etag, String size) {
        return lines(
                "HTTP/1.1 200 OK",
                "X-Repo-Commit: " + commit,
                "X-Linked-Etag: " + etag,
                "X-Linked-Size: " + size,
                "Content-Length: 5",
                "Connection: close");
    }

    /** Answers well, ranges included. */
    static Script good(byte[] content) {
        return (request, out) -> {
            if (request.isHead()) {
                write(out, description(COMMIT, '"' + sha256(content) + '"', Integer.toString(content.length)));
                return;
            }
            int from = request.head().contains("Range: bytes=")
                    ? Integer.parseInt(request.head().replaceAll("(?s).*Range: bytes=(\\d+)-.*", "$1"))
                    : 0;
            write(
                    out,
                    lines(
                            from == 0
                                    ? "HTTP/1.1 200 OK"
                                    : "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " + from + "-"
                                            + (content.length - 1) + "/" + content.length,
                            "Content-Length: " + (content.length - from),
                            "Connection: close"));
            out.write(content, from, content.length - from);
        };
    }
}
