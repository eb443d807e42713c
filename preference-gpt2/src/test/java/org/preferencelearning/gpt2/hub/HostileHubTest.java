package org.preferencelearning.gpt2.hub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.preferencelearning.gpt2.hub.RawHub.COMMIT;
import static org.preferencelearning.gpt2.hub.RawHub.description;
import static org.preferencelearning.gpt2.hub.RawHub.lines;
import static org.preferencelearning.gpt2.hub.RawHub.sha256;
import static org.preferencelearning.gpt2.hub.RawHub.write;

import com.google.common.base.Throwables;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.preferencelearning.core.error.PreferenceException;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.gpt2.hub.HubException.Reason;
import org.preferencelearning.gpt2.hub.RawHub.Script;

/**
 * Answers that no server should give. Each must end in a typed error within its time, with nothing written outside the cache
 * and little within, without the token in any message; and a right answer afterwards must succeed.
 */
class HostileHubTest {
    private static final HubRepository MODEL = HubRepository.model("some-org/some.model");
    private static final String CONFIG = "config.json";
    private static final String TOKEN = "hf_Geheim0123456789";
    private static final byte[] GOOD = "{\"model_type\": \"gpt2\", \"n_layer\": 1}".getBytes(UTF_8);
    private static final String SHA = sha256(GOOD);
    private static final String SIZE = Integer.toString(GOOD.length);
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    /**
     * An answer.
     *
     * @param reason expected of the error
     * @param message a part of the error's
     * @param patience timeout of one answer, and a third of the deadline of all
     */
    record Hostile(String name, Reason reason, String message, Duration patience, Script script) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final List<Hostile> CASES = new ArrayList<>();

    private static void hostile(String name, Reason reason, String message, Script script) {
        CASES.add(new Hostile(name, reason, message, LONG, script));
    }

    /** One that takes its time. */
    private static void slow(String name, String message, Script script) {
        CASES.add(new Hostile(name, Reason.NETWORK, message, Duration.ofMillis(400), script));
    }

    /** HEAD is answered with a text, GET well. */
    private static void head(String name, Reason reason, String message, String answer) {
        hostile(name, reason, message, (request, out) -> {
            if (request.isHead()) {
                write(out, answer);
            } else {
                RawHub.good(GOOD).answer(request, out);
            }
        });
    }

    private static Script get(Script answer) {
        return (request, out) -> (request.isHead() ? RawHub.good(GOOD) : answer).answer(request, out);
    }

    /** GET is answered with a head and a body, HEAD well. */
    private static void get(String name, Reason reason, String message, String answer) {
        hostile(name, reason, message, get((request, out) -> write(out, answer)));
    }

    private static void sizes(String message, Reason reason, String... sizes) {
        for (String size : sizes) {
            head("size " + size, reason, message, description(COMMIT, SHA, size));
        }
    }

    private static String redirect(String location) {
        return lines(
                "HTTP/1.1 302 Found",
                "X-Repo-Commit: " + COMMIT,
                "X-Linked-Etag: " + SHA,
                "X-Linked-Size: " + SIZE,
                "Location: " + location,
                "Content-Length: 0",
                "Connection: close");
    }

    /** HEAD and GET of a content that is no model's configuration, though it has the checksum that is announced. */
    private static void consistent(String name, String message, String content) {
        hostile(name, Reason.CORRUPT, message, RawHub.good(content.getBytes(UTF_8)));
    }

    static {
        sizes("bytes; at most 16777216 are accepted", Reason.TOO_LARGE, "4611686018427387904", "16777217");
        sizes("names no size", Reason.NETWORK, "9223372036854775808", "-1", "many", "1e3", "");
        head(
                "no size",
                Reason.NETWORK,
                "names no size",
                lines("HTTP/1.1 200 OK", "X-Repo-Commit: " + COMMIT, "ETag: x"));
        head(
                "two sizes",
                Reason.NETWORK,
                "X-Linked-Size in several ways",
                description(COMMIT, SHA, SIZE + "\r\nX-Linked-Size: 7"));

        head(
                "no commit",
                Reason.NETWORK,
                "names no commit",
                lines("HTTP/1.1 200 OK", "X-Linked-Etag: " + SHA, "X-Linked-Size: " + SIZE));
        for (String commit : List.of(
                "main",
                COMMIT.toUpperCase(Locale.ROOT),
                COMMIT + "0",
                "../../../../../victim",
                "..",
                "/tmp/x",
                COMMIT + "\r\n folded")) {
            head("commit " + commit, Reason.NETWORK, "names no commit", description(commit, SHA, SIZE));
        }
        head(
                "two commits",
                Reason.NETWORK,
                "X-Repo-Commit in several ways",
                description(COMMIT + "\r\nX-Repo-Commit: " + COMMIT.replace('0', 'f'), SHA, SIZE));

        for (String etag : List.of(
                "",
                "\"\"",
                "..",
                ".",
                "../../../../victim",
                "/tmp/x",
                "%2e%2e%2fx",
                SHA + ".incomplete",
                "a b",
                "x".repeat(129),
                "a\r\n b",
                "a\\b",
                "\u00e9")) {
            head("etag " + etag, Reason.NETWORK, "names no checksum", description(COMMIT, etag, SIZE));
        }
        head(
                "two etags",
                Reason.NETWORK,
                "X-Linked-Etag in several ways",
                description(COMMIT, SHA + "\r\nX-Linked-Etag: " + "f".repeat(64), SIZE));
        head(
                "etag of another content",
                Reason.CORRUPT,
                "checksum is " + SHA,
                description(COMMIT, "f".repeat(64), SIZE));
        head(
                "git etag of another content",
                Reason.CORRUPT,
                "announced ffff",
                description(COMMIT, "f".repeat(40), SIZE));
        head("etag of 300 KB", Reason.NETWORK, "", description(COMMIT, "x".repeat(300_000), SIZE));

        head("status 204", Reason.NETWORK, "204", description(COMMIT, SHA, SIZE).replace("200 OK", "204 No Content"));
        for (String status : List.of("206 Partial", "300 Choices", "304 Not Modified", "226 IM Used")) {
            head(
                    "status " + status,
                    Reason.NETWORK,
                    "answers with status " + status.substring(0, 3),
                    description(COMMIT, SHA, SIZE).replace("200 OK", status));
        }
        for (String location : List.of(
                "file:///etc/passwd",
                "jar:file:/tmp/a.jar!/b",
                "ftp://127.0.0.1/a",
                "data:text/plain,a",
                "mailto:a@b",
                "gopher://127.0.0.1/",
                "urn:a")) {
            head("to " + location, Reason.NETWORK, "only http and https are followed", redirect(location));
            get("content at " + location, Reason.NETWORK, "only http and https are followed", redirect(location));
        }
        for (String location : List.of("", "http:///a", "http://a_b/", "//", "http://user:word@127.0.0.1/")) {
            head("to '" + location + "'", Reason.NETWORK, "an address", redirect(location));
        }
        for (String location : List.of("http://[::1/a", "ht tp://a", "http://a b/", "%zz", "http://127.0.0.1:99x/")) {
            head("to " + location, Reason.NETWORK, "an address", redirect(location));
        }
        head(
                "to an address with the token",
                Reason.NETWORK,
                "repeats the token",
                redirect("http://127.0.0.1/" + TOKEN));
        get("content with the token", Reason.NETWORK, "repeats the token", redirect("http://127.0.0.1/" + TOKEN));
        head("no location", Reason.NETWORK, "an address", redirect("").replace("Location: \r\n", ""));
        hostile(
                "to itself",
                Reason.NETWORK,
                "more than 5 redirects",
                (request, out) -> write(out, redirect(request.path())));
        hostile(
                "content to itself",
                Reason.NETWORK,
                "more than 5 redirects",
                get((request, out) -> write(out, redirect(request.path()))));
        hostile(
                "to and fro",
                Reason.NETWORK,
                "more than 5 redirects",
                (request, out) -> write(out, redirect(request.path().endsWith("/a") ? "/b" : "/a")));
        hostile(
                "ever longer",
                Reason.NETWORK,
                "more than 5 redirects",
                (request, out) -> write(out, redirect(request.path() + "/a".repeat(1000))));
        get("content at a closed port", Reason.NETWORK, "no connection", redirect("http://127.0.0.1:1/a"));
        get(
                "content at no host",
                Reason.NETWORK,
                "of " + SIZE + " bytes came",
                redirect("http://no-such-host.invalid/a"));

        for (int status : new int[] {400, 402, 405, 410, 416, 418, 451, 500, 502, 503, 599}) {
            head("status " + status, Reason.NETWORK, "status " + status, refusal(status, ""));
            if (status != 416) {
                get("content status " + status, Reason.NETWORK, "status " + status, refusal(status, ""));
            }
        }
        head("status 401", Reason.UNAUTHORIZED, "status 401", refusal(401, "WWW-Authenticate: Negotiate\r\n"));
        head("status 403", Reason.UNAUTHORIZED, "status 403", refusal(403, ""));
        head("status 404", Reason.NOT_FOUND, "not on", refusal(404, ""));
        get("content status 404", Reason.NOT_FOUND, "not on", refusal(404, ""));
        head("status 407", Reason.NETWORK, "", refusal(407, "Proxy-Authenticate: Basic\r\n"));
        head("busy", Reason.RATE_LIMITED, "too many requests", refusal(429, ""));
        for (String wait : List.of("4000", "9223372036854775807", "99999999999999999999", "-5", "soon")) {
            head(
                    "busy for " + wait,
                    Reason.RATE_LIMITED,
                    "too many requests",
                    refusal(429, "Retry-After: " + wait + "\r\n"));
        }
        head("the token as code", Reason.UNAUTHORIZED, "(token)", refusal(401, "X-Error-Code: " + TOKEN + "\r\n"));
        head("a long code", Reason.UNAUTHORIZED, "xxx...", refusal(403, "X-Error-Code: " + "x".repeat(9000) + "\r\n"));
        for (String status : List.of("999 Odd", "099 Odd", "abc Odd", "", "2000 OK", "-200 OK", TOKEN)) {
            head("status line " + status, Reason.NETWORK, "", "HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n");
        }

        hostile("hangs up", Reason.NETWORK, "cannot be reached", (request, out) -> {});
        head("no HTTP", Reason.NETWORK, "", "SSH-2.0-OpenSSH_9.6\r\n");
        head("zeros", Reason.NETWORK, "", "\0".repeat(4096));
        head("HTTP of the future", Reason.NETWORK, "", "HTTP/9.9 200 OK\r\n\r\n");
        head("a header without colon", Reason.NETWORK, "", "HTTP/1.1 200 OK\r\nnonsense " + TOKEN + "\r\n\r\n");
        head("a header with a zero", Reason.NETWORK, "", "HTTP/1.1 200 OK\r\nX-Repo-Commit: a\0b\r\n\r\n");
        head("a lone line end", Reason.NETWORK, "", "HTTP/1.1 200 OK\r\nX-Repo-Commit: " + COMMIT + "\rX: y\r\n\r\n");
        slow("silence", "no answer within", (request, out) -> Thread.sleep(20_000));
        slow("a drip of a head", "", (request, out) -> drip(out, "HTTP/1.1 200 OK\r\nX: " + "y".repeat(10_000)));
        slow("a drip of a status line", "", (request, out) -> drip(out, "HTTP/1.1 200 " + "y".repeat(10_000)));
        slow("headers without end", "", (request, out) -> {
            write(out, "HTTP/1.1 200 OK\r\n");
            repeat(out, "X-Filler: " + "y".repeat(100) + "\r\n", 4 << 20);
        });
        slow("one header without end", "", (request, out) -> {
            write(out, "HTTP/1.1 200 OK\r\nX: ");
            repeat(out, "y".repeat(1000), 4 << 20);
        });
        slow("continue without end", "", (request, out) -> repeat(out, "HTTP/1.1 100 Continue\r\n\r\n", 4 << 20));

        hostile("a body without end", Reason.NETWORK, "of " + SIZE + " bytes came", get((request, out) -> {
            write(out, lines("HTTP/1.1 200 OK", "Connection: close"));
            repeat(out, "{".repeat(1000), 64 << 20);
        }));
        hostile("chunks without end", Reason.NETWORK, "of " + SIZE + " bytes came", get((request, out) -> {
            write(out, lines("HTTP/1.1 200 OK", "Transfer-Encoding: chunked"));
            repeat(out, "3e8\r\n" + "{".repeat(1000) + "\r\n", 64 << 20);
        }));
        slow("a drip of a body", "", get((request, out) -> {
            write(out, lines("HTTP/1.1 200 OK", "Content-Length: " + SIZE));
            drip(out, new String(GOOD, UTF_8));
        }));
        slow("a drip of a chunk's head", "", get((request, out) -> {
            write(out, lines("HTTP/1.1 200 OK", "Transfer-Encoding: chunked"));
            drip(out, "5;" + "x".repeat(10_000));
        }));
        slow("a body that stops", "", get((request, out) -> {
            write(out, lines("HTTP/1.1 200 OK", "Content-Length: " + SIZE) + "{");
            Thread.sleep(20_000);
        }));
        get(
                "a body that breaks off",
                Reason.NETWORK,
                "bytes came",
                lines("HTTP/1.1 200 OK", "Content-Length: " + SIZE) + "{\"m");
        get(
                "a short body without length",
                Reason.NETWORK,
                "bytes came",
                lines("HTTP/1.1 200 OK", "Connection: close") + "{\"m");
        for (String length : List.of("0", "3", "99999", "4611686018427387904")) {
            get(
                    "length " + length,
                    Reason.NETWORK,
                    "the server sends " + length + " bytes where",
                    lines("HTTP/1.1 200 OK", "Content-Length: " + length) + "{}");
        }
        for (String length : List.of("-3", "three", SIZE + "\r\nContent-Length: 3", "9223372036854775808")) {
            get("length " + length, Reason.NETWORK, "", lines("HTTP/1.1 200 OK", "Content-Length: " + length) + "{}");
        }
        for (String encoding : List.of("gzip", "br", "deflate", "gzip, gzip")) {
            get(
                    "encoded with " + encoding,
                    Reason.NETWORK,
                    "it comes encoded (" + encoding + ")",
                    lines("HTTP/1.1 200 OK", "Content-Length: " + SIZE, "Content-Encoding: " + encoding) + "{}");
        }
        get(
                "a range that was not asked for",
                Reason.NETWORK,
                "status 206",
                lines("HTTP/1.1 206 Partial", "Content-Range: bytes 0-36/37", "Content-Length: " + SIZE)
                        + new String(GOOD, UTF_8));
        get("no content", Reason.NETWORK, "status 204", lines("HTTP/1.1 204 No Content"));
        get(
                "chunks of no size",
                Reason.NETWORK,
                "bytes came",
                lines("HTTP/1.1 200 OK", "Transfer-Encoding: chunked") + "zz\r\n");
        get(
                "a chunk of 2^63",
                Reason.NETWORK,
                "bytes came",
                lines("HTTP/1.1 200 OK", "Transfer-Encoding: chunked") + "7fffffffffffffff\r\n{");
        get(
                "another content of that length",
                Reason.CORRUPT,
                "the server announced " + SHA,
                lines("HTTP/1.1 200 OK", "Content-Length: " + SIZE) + "x".repeat(GOOD.length));
        get(
                "HTML of that length",
                Reason.CORRUPT,
                "the server announced " + SHA,
                lines("HTTP/1.1 200 OK", "Content-Type: text/html", "Connection: close") + "<html>"
                        + " ".repeat(GOOD.length - 6));
        consistent(
                "HTML with its checksum", "it is not JSON: unexpected character '<'", "<!DOCTYPE html><html></html>");
        consistent("nested lists", "it is not JSON: values are nested too deep", "[".repeat(100_000));
        consistent("nested objects", "it is not JSON: values are nested too deep", "{\"a\":".repeat(100_000));
        consistent("half of a value", "it is not JSON: it ends inside a value", "{\"a\": ");
        consistent("nothing", "it is empty, not JSON", "");
        consistent("blanks", "it is empty, not JSON", " \n ");
        consistent(
                "a number of a million digits",
                "it is not JSON: values are nested too deep, or a number",
                "[" + "9".repeat(1_000_000) + "]");
        consistent("bytes that are no text", "it is not JSON", "\u0003\u0007");
    }

    private static String refusal(int status, String headers) {
        return "HTTP/1.1 " + status + " No\r\n" + headers + "Content-Length: 0\r\nConnection: close\r\n\r\n";
    }

    private static void drip(OutputStream out, String text) throws IOException, InterruptedException {
        for (int i = 0; i < Math.min(200, text.length()); i++) {
            write(out, text.substring(i, i + 1));
            Thread.sleep(100);
        }
    }

    private static void repeat(OutputStream out, String text, long bytes) throws IOException {
        for (long written = 0; written < bytes; written += text.length()) {
            write(out, text);
        }
    }

    static Stream<Hostile> cases() {
        return CASES.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aHostileAnswerIsATypedErrorAndPoisonsNothing(Hostile hostile) throws IOException {
        Path victim = Files.writeString(folder.resolve("victim"), "precious");
        try (RawHub server = new RawHub(hostile.script())) {
            Duration deadline = hostile.patience().multipliedBy(3);
            long start = System.nanoTime();
            Throwable thrown = catchThrowable(
                    () -> hub(server.uri(), hostile.patience(), deadline).file(MODEL, CONFIG));
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            assertThat(thrown)
                    .isInstanceOfSatisfying(
                            HubException.class, e -> assertThat(e.reason()).isEqualTo(hostile.reason()))
                    .hasMessageContaining("some-org/some.model@main config.json")
                    .hasMessageContaining(hostile.message());
            assertThat(thrown.getMessage()).hasSizeLessThan(500).doesNotContain("\r", "\n", "\0");
            assertThat(Throwables.getStackTraceAsString(thrown)).doesNotContain(TOKEN);
            assertThat(took).isLessThan(deadline.plusSeconds(10));
            assertThat(victim).hasContent("precious");
            assertThat(list(folder)).isSubsetOf(folder.resolve("victim"), folder.resolve("hub"));
            assertThat(bytes(folder.resolve("hub"))).isLessThan(200_000);

            server.script = RawHub.good(GOOD);
            HuggingFaceHub hub = hub(server.uri(), LONG, LONG.multipliedBy(3));
            assertThat(hub.file(MODEL, CONFIG)).hasBinaryContent(GOOD);
            assertThat(hub.file(HubRepository.model("some-org/some.model@" + COMMIT), CONFIG))
                    .hasBinaryContent(GOOD);
        }
    }

    @Test
    void thereAreManyOfThem() {
        assertThat(CASES).hasSizeGreaterThanOrEqualTo(65);
        assertThat(CASES.stream().map(Hostile::name)).doesNotHaveDuplicates();
    }

    /** What is accepted by its size alone must not stay when something better is known. */
    @Test
    void aFileWithoutChecksumIsAskedForAgainAndReplaced() throws IOException {
        byte[] wrong = new String(GOOD, UTF_8).replace('1', '9').getBytes(UTF_8);
        byte[] longer = "{\"model_type\": \"gpt2\", \"n_layer\": 123}".getBytes(UTF_8);
        HubRepository pinned = HubRepository.model("some-org/some.model@" + COMMIT);
        try (RawHub server = new RawHub(withoutChecksum(wrong))) {
            HuggingFaceHub hub = hub(server.uri(), LONG, LONG);
            assertThat(hub.file(MODEL, CONFIG)).hasBinaryContent(wrong);
            server.script = withoutChecksum(longer);
            assertThat(hub.file(pinned, CONFIG)).hasBinaryContent(longer);
            server.script = RawHub.good(GOOD);
            assertThat(hub.file(pinned, CONFIG)).hasBinaryContent(GOOD);
            assertThat(hub.file(MODEL, CONFIG)).hasBinaryContent(GOOD);
            int before = server.requests.size();
            assertThat(hub.file(pinned, CONFIG)).hasBinaryContent(GOOD);
            assertThat(server.requests).hasSize(before);
        }
    }

    private static Script withoutChecksum(byte[] content) {
        return (request, out) -> {
            if (request.isHead()) {
                write(out, description(COMMIT, "W/\"version-1\"", Integer.toString(content.length)));
            } else {
                RawHub.good(content).answer(request, out);
            }
        };
    }

    @Test
    void aBeginningOfAnotherContentIsNotKept() throws IOException {
        Path incomplete = blobs().resolve(SHA + ".incomplete");
        Files.createDirectories(blobs());
        try (RawHub server = new RawHub(RawHub.good(GOOD))) {
            for (String begun : List.of("{xxxxx", "x".repeat(GOOD.length), "x".repeat(1000))) {
                Files.writeString(incomplete, begun);
                assertThat(hub(server.uri(), LONG, LONG).file(MODEL, CONFIG)).hasBinaryContent(GOOD);
                Files.delete(blobs().resolve(SHA));
            }
            // and where the server does not go on from there
            Files.writeString(incomplete, "{\"");
            server.script = (request, out) -> {
                if (request.head().contains("Range: ")) {
                    write(out, refusal(416, ""));
                } else {
                    RawHub.good(GOOD).answer(request, out);
                }
            };
            assertThat(hub(server.uri(), LONG, LONG).file(MODEL, CONFIG)).hasBinaryContent(GOOD);
        }
    }

    @Test
    void aBlobOfAnotherSizeIsFetchedAgain() throws IOException {
        try (RawHub server = new RawHub(RawHub.good(GOOD))) {
            HuggingFaceHub hub = hub(server.uri(), LONG, LONG);
            hub.file(MODEL, CONFIG);
            Files.writeString(blobs().resolve(SHA), "{");
            assertThat(hub.file(MODEL, CONFIG)).hasBinaryContent(GOOD);
        }
    }

    @Test
    void whatHasNoRoomIsRefusedBeforeItComes() throws IOException {
        HubLimits limits = HubLimits.defaults().withWeightBytes(Long.MAX_VALUE);
        Script huge = (request, out) -> write(out, description(COMMIT, SHA, "4611686018427387904"));
        try (RawHub server = new RawHub(huge)) {
            assertThatThrownBy(() -> hub(server.uri(), LONG, limits).file(MODEL, "model.safetensors"))
                    .isInstanceOfSatisfying(
                            HubException.class, e -> assertThat(e.reason()).isEqualTo(Reason.TOO_LARGE))
                    .hasMessageContaining("4611686018427387904 bytes are missing")
                    .hasMessageContaining("has room for");
            assertThat(server.requests).allMatch(request -> request.startsWith("HEAD"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "config.json, 16777216",
        "model.safetensors.index.json, 16777216",
        "README.md, 16777216",
        "tokenizer.json, 67108864",
        "vocab.json, 67108864",
        "merges.txt, 67108864",
        "tokenizer_config.json, 67108864",
        "model.safetensors, 68719476736",
        "model-00001-of-00002.safetensors, 68719476736",
        "pytorch_model.bin, 68719476736"
    })
    void eachKindOfFileHasItsLimit(String file, long bytes) {
        assertThat(HubLimits.defaults().mostBytes(MODEL, file)).isEqualTo(bytes);
        assertThat(HubLimits.defaults().mostBytes(HubRepository.dataset("a/b"), "train.json"))
                .isEqualTo(64L << 30);
    }

    /** Something of somebody else's at each place of the cache that is written. */
    static Stream<String> plants() {
        return Stream.of(
                "models--some-org--some.model/blobs/" + SHA + ".incomplete",
                "models--some-org--some.model/refs/main",
                ".locks/models--some-org--some.model/" + SHA + ".lock");
    }

    @ParameterizedTest
    @MethodSource("plants")
    void nothingIsWrittenThroughWhatSomebodyElsePutThere(String place) throws Exception {
        Path victim = Files.writeString(folder.resolve("victim"), "precious");
        Path planted = folder.resolve("hub").resolve(place);
        Files.createDirectories(planted.getParent());
        Path pipe = folder.resolve("pipe");
        Process process = new ProcessBuilder("mkfifo", pipe.toString()).start();
        Assumptions.assumeTrue(process.waitFor(5, TimeUnit.SECONDS) && process.exitValue() == 0, "no mkfifo here");
        List<Consumer<Path>> plants = List.of(
                path -> link(path, victim),
                path -> link(path, folder.resolve("absent")),
                path -> link(path, pipe),
                path -> hardLink(path, victim),
                path -> hardLink(path, pipe));
        try (RawHub server = new RawHub(RawHub.good(GOOD))) {
            HuggingFaceHub hub = hub(server.uri(), LONG, LONG);
            for (Consumer<Path> plant : plants) {
                plant.accept(planted);
                assertThatThrownBy(() -> hub.file(MODEL, CONFIG))
                        .isInstanceOfSatisfying(
                                HubException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CACHE))
                        .hasMessageContaining(planted + " is ");
                assertThat(victim).hasContent("precious");
                assertThat(folder.resolve("absent")).doesNotExist();
                Files.delete(planted);
            }
            assertThat(hub.file(MODEL, CONFIG)).hasBinaryContent(GOOD);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"blobs", "refs", "snapshots", "snapshots/" + COMMIT})
    void aFolderWithinTheRepositorysIsNoLink(String place) throws IOException {
        Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
        Path planted = blobs().resolveSibling(place);
        Files.createDirectories(planted.getParent());
        link(planted, elsewhere);
        try (RawHub server = new RawHub(RawHub.good(GOOD))) {
            HuggingFaceHub hub = hub(server.uri(), LONG, LONG);
            assertThatThrownBy(() -> hub.file(MODEL, CONFIG))
                    .isInstanceOfSatisfying(
                            HubException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CACHE));
            assertThat(elsewhere).isEmptyDirectory();
            Files.delete(planted);
            assertThat(hub.file(MODEL, CONFIG)).hasBinaryContent(GOOD);
        }
    }

    @Test
    void aCacheThatCannotBeWrittenIsATypedError() throws IOException {
        Files.writeString(folder.resolve("hub"), "a file");
        try (RawHub server = new RawHub(RawHub.good(GOOD))) {
            assertThatThrownBy(() -> hub(server.uri(), LONG, LONG).file(MODEL, CONFIG))
                    .isInstanceOfSatisfying(
                            HubException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CACHE))
                    .hasMessageContaining("cannot be used");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"weight_map\": {\"a\": \"../../../../victim.bin\"}}",
                "{\"weight_map\": {\"a\": \"/etc/passwd\"}}",
                "{\"weight_map\": {\"a\": \"x/../../y.safetensors\"}}",
                "{\"weight_map\": {\"a\": \"..\\\\x.bin\"}}",
                "{\"weight_map\": {\"a\": \"x\\u0000.bin\"}}",
                "{\"weight_map\": {\"a\": \"config.json\"}}",
                "{\"weight_map\": {\"a\": 3}}",
                "{\"weight_map\": {\"a\": {\"b\": \"x.bin\"}}}",
                "{\"weight_map\": [\"x.bin\"]}",
                "{\"weight_map\": {}}",
                "{\"weight_map\": null}",
                "[]",
                "{}",
            })
    void anIndexNamesFilesBesideItAlone(String index) throws IOException {
        Path victim = Files.writeString(folder.resolve("victim.bin"), "precious");
        Script script = (request, out) -> {
            if (request.path().endsWith("/config.json")) {
                RawHub.good(GOOD).answer(request, out);
            } else if (request.path().endsWith("/model.safetensors.index.json")) {
                RawHub.good(index.getBytes(UTF_8)).answer(request, out);
            } else {
                write(out, refusal(404, ""));
            }
        };
        try (RawHub server = new RawHub(script)) {
            assertThatThrownBy(() -> ModelSource.folder("some-org/some.model", hub(server.uri(), LONG, LONG)))
                    .isInstanceOf(PreferenceException.class)
                    .hasMessageContaining("model.safetensors.index.json")
                    .hasMessageContaining("weight_map");
            assertThat(victim).hasContent("precious");
        }
    }

    @Test
    void httpsIsNotLeftForHttpAndTheTokenIsSentNowhereElse() {
        HubClient client =
                new HubClient(settings(URI.create("https://hub.example"), LONG, HubLimits.defaults()), seconds -> {});
        URI from = URI.create("https://hub.example/a");
        assertThat(client.next(from, "https://cdn.example/b?c=d", "x"))
                .isEqualTo(URI.create("https://cdn.example/b?c=d"));
        assertThat(client.next(from, "/b", "x")).isEqualTo(URI.create("https://hub.example/b"));
        assertThatThrownBy(() -> client.next(from, "http://hub.example/a", "x"))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("http, away from https");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"geheim\nX-Evil: 1", "geheim\r", "ge heim", "geheim\u0000", "geheim\u00e9", "geheim\u007f", ""})
    void aTokenThatFitsNoHeaderIsRefusedAndNotShown(String token) {
        assertThatThrownBy(() -> new HubSettings(
                        URI.create("http://a"), folder, Optional.of(token), false, LONG, 1, HubLimits.defaults()))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'HF_TOKEN' is ")
                .hasMessageContaining("printable ASCII")
                .satisfies(e -> assertThat(Throwables.getStackTraceAsString(e)).doesNotContain("heim"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://a",
                "file:///a",
                "a",
                "http:///",
                "http://u:geheim@a",
                "http://a b",
                "http://a/?q",
                "jar:a"
            })
    void anEndpointIsAPlainAddress(String endpoint) {
        assertThatThrownBy(() -> HubSettings.from(Map.of("HF_ENDPOINT", endpoint), folder))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("HF_ENDPOINT")
                .hasMessageNotContaining("geheim");
    }

    @Test
    void anEndpointMayHaveAPathAndFilesAreEscaped() throws IOException {
        try (RawHub server = new RawHub(RawHub.good(GOOD))) {
            URI mirror = URI.create(server.uri() + "/mirror/hf");
            hub(mirror, LONG, LONG).file(MODEL, "a b/c?d#e%2e.json");
            assertThat(server.requests.get(0))
                    .startsWith("HEAD /mirror/hf/some-org/some.model/resolve/main/a%20b/c%3Fd%23e%252e.json HTTP/1.1");
        }
    }

    @Test
    void aMissingFolderIsSaidToBeMissingBeforeTheHubsAnswer() throws IOException {
        try (RawHub server = new RawHub((request, out) -> write(out, refusal(404, "X-Error-Code: RepoNotFound\r\n")))) {
            HuggingFaceHub hub = hub(server.uri(), LONG, LONG);
            assertThatThrownBy(() -> ModelSource.folder("dpo", hub))
                    .isInstanceOfSatisfying(
                            HubException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_FOUND))
                    .hasMessageStartingWith(
                            "there is no folder 'dpo' (" + Path.of("dpo").toAbsolutePath())
                    .hasMessageContaining(
                            "it was then looked for on the Hub: dpo@main config.json: not on " + server.uri());
        }
        Path file = Files.writeString(folder.resolve("model"), "");
        assertThatThrownBy(() -> ModelSource.folder(file.toString(), hub(URI.create("http://127.0.0.1:1"), LONG, LONG)))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining(file + ", a file");
        assertThatThrownBy(() -> ModelSource.folder("", hub(URI.create("http://127.0.0.1:1"), LONG, LONG)))
                .isInstanceOf(SettingException.class);
        assertThatThrownBy(() -> ModelSource.folder("dpo", hub(URI.create("http://127.0.0.1:1"), LONG, LONG)))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("there is no folder 'dpo'")
                .hasMessageContaining("the server cannot be reached");
    }

    private Path blobs() {
        return folder.resolve("hub/models--some-org--some.model/blobs");
    }

    private HuggingFaceHub hub(URI endpoint, Duration timeout, Duration deadline) {
        return hub(endpoint, timeout, HubLimits.defaults().withDeadline(deadline));
    }

    private HuggingFaceHub hub(URI endpoint, Duration timeout, HubLimits limits) {
        return new HuggingFaceHub(settings(endpoint, timeout, limits), DownloadListener.none(), seconds -> {});
    }

    private HubSettings settings(URI endpoint, Duration timeout, HubLimits limits) {
        return new HubSettings(endpoint, folder.resolve("hub"), Optional.of(TOKEN), false, timeout, 2, limits);
    }

    private static void link(Path path, Path target) {
        try {
            Files.createSymbolicLink(path, target);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void hardLink(Path path, Path target) {
        try {
            Files.createLink(path, target);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    private static long bytes(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }
}
