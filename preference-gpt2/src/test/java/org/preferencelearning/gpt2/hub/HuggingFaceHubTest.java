package org.preferencelearning.gpt2.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.hub.HubException.Reason;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.ParameterSelection;

class HuggingFaceHubTest {
    private static final HubRepository MODEL = HubRepository.model("some-org/some.model");

    @TempDir
    Path folder;

    private FakeHub server;
    private final List<Long> pauses = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        server = new FakeHub();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private HubSettings settings(boolean offline) {
        return new HubSettings(
                server.uri(), folder.resolve("hub"), Optional.of("secret"), offline, Duration.ofSeconds(5), 3);
    }

    private HuggingFaceHub hub() {
        return new HuggingFaceHub(settings(false), DownloadListener.none(), pauses::add);
    }

    private static byte[] content(int length) {
        byte[] bytes = new byte[length];
        RandomSource random = RandomSource.of(length);
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    @Test
    void aFileIsLaidOutAsPythonsLibrariesDo() throws IOException {
        byte[] content = content(3_000_000);
        server.offer("data/weights.bin", content);
        Path file = hub().file(MODEL, "data/weights.bin");
        Path root = folder.resolve("hub/models--some-org--some.model");
        assertThat(file).isEqualTo(root.resolve("snapshots/" + FakeHub.COMMIT + "/data/weights.bin"));
        assertThat(file).hasBinaryContent(content);
        assertThat(Files.readSymbolicLink(file).toString()).startsWith("../../../blobs/");
        assertThat(root.resolve("refs/main")).hasContent(FakeHub.COMMIT);
        assertThat(root.resolve("blobs").toFile().list()).hasSize(1);
    }

    @Test
    void aCurrentFileIsNotFetchedAgainAndAPinnedOneNotAskedFor() {
        server.offer("a", content(10));
        hub().file(MODEL, "a");
        int before = server.requests.size();
        hub().file(MODEL, "a");
        assertThat(server.requests).hasSize(before + 1).last().asString().startsWith("HEAD");
        Path pinned = hub().file(HubRepository.model("some-org/some.model@" + FakeHub.COMMIT), "a");
        assertThat(pinned).exists();
        assertThat(server.requests).hasSize(before + 1);
    }

    @Test
    void anInterruptedDownloadGoesOnWhereItStopped() {
        byte[] content = content(100_000);
        server.offer("a", content);
        server.misbehave(FakeHub.hangUpAfter(40_000));
        assertThat(hub().file(MODEL, "a")).hasBinaryContent(content);
        assertThat(server.requests).last().asString().matches("GET .* bytes=[1-9]\\d*-");
    }

    @Test
    void aServerThatIgnoresTheRangeIsReadFromTheStart() {
        byte[] content = content(100_000);
        server.offer("a", content);
        server.misbehave(FakeHub.hangUpAfter(40_000), (exchange, bytes) -> {
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        });
        assertThat(hub().file(MODEL, "a")).hasBinaryContent(content);
    }

    @Test
    void whatStaysShortIsRefusedAndKeptForTheNextCall() {
        byte[] content = content(100_000);
        server.offer("a", content);
        FakeHub.Misbehaviour nothing = (exchange, bytes) -> exchange.sendResponseHeaders(200, -1);
        server.misbehave(FakeHub.hangUpAfter(40_000), FakeHub.hangUpAfter(60_000), FakeHub.hangUpAfter(50_000));
        assertThatThrownBy(() -> hub().file(MODEL, "a"))
                .isInstanceOfSatisfying(
                        HubException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NETWORK))
                .hasMessageContaining("of 100000 bytes");
        server.misbehave(nothing);
        assertThat(hub().file(MODEL, "a")).hasBinaryContent(content);
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 64})
    void contentOfAnotherChecksumIsRefusedAndNotKept(int digits) {
        server.offer("a", content(1000));
        server.announce("a", "f".repeat(digits));
        assertThatThrownBy(() -> hub().file(MODEL, "a"))
                .isInstanceOfSatisfying(
                        HubException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CORRUPT))
                .hasMessageContaining("announced fff");
        assertThat(folder.resolve("hub/models--some-org--some.model/blobs")).isEmptyDirectory();
        assertThat(folder.resolve("hub/models--some-org--some.model/snapshots")).doesNotExist();
    }

    @Test
    void smallFilesAreCheckedByGitsChecksum() {
        server.offer("a", "hello\n".getBytes(StandardCharsets.UTF_8));
        // git hash-object of a file that holds "hello" and a newline
        server.announce("a", "ce013625030ba8dba906f756967f9e9ca394464a");
        assertThat(hub().file(MODEL, "a")).hasContent("hello\n");
    }

    @Test
    void anotherHostIsNotToldTheToken() throws IOException {
        try (FakeHub other = new FakeHub()) {
            byte[] content = content(5000);
            server.offer("a", content);
            server.redirectContentTo(other);
            assertThat(hub().file(MODEL, "a")).hasBinaryContent(content);
            assertThat(server.requests).allMatch(request -> request.contains("Bearer secret"));
            assertThat(other.requests).isNotEmpty().noneMatch(request -> request.contains("secret"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "401,,UNAUTHORIZED,the token has no access",
        "403,GatedRepo,UNAUTHORIZED,GatedRepo",
        "404,RepoNotFound,NOT_FOUND,RepoNotFound",
        "500,,NETWORK,status 500",
    })
    void aRefusalSaysWhy(int status, String code, Reason reason, String message) {
        server.refuseAllWith(status, code, null);
        assertThatThrownBy(() -> hub().file(MODEL, "a"))
                .isInstanceOfSatisfying(
                        HubException.class, e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessageContaining("some-org/some.model@main a")
                .hasMessageContaining(message)
                .hasMessageNotContaining("secret");
    }

    @Test
    void aBusyServerIsGivenTheTimeItAsksFor() {
        server.offer("a", content(10));
        server.refuseAllWith(429, null, "7");
        assertThat(hub().file(MODEL, "a")).exists();
        assertThat(pauses).containsExactly(7L);
        server.refuseAllWith(429, null, "4000");
        assertThatThrownBy(() -> hub().file(MODEL, "a"))
                .isInstanceOfSatisfying(
                        HubException.class, e -> assertThat(e.reason()).isEqualTo(Reason.RATE_LIMITED))
                .hasMessageContaining("again in 4000 s");
    }

    @Test
    void offlineTheCacheIsAllThereIs() {
        server.offer("a", content(10));
        hub().file(MODEL, "a");
        server.offer("b", content(10));
        int before = server.requests.size();
        HuggingFaceHub offline = new HuggingFaceHub(settings(true), DownloadListener.none(), pauses::add);
        assertThat(offline.file(MODEL, "a")).exists();
        assertThatThrownBy(() -> offline.file(MODEL, "b"))
                .isInstanceOfSatisfying(
                        HubException.class, e -> assertThat(e.reason()).isEqualTo(Reason.OFFLINE));
        assertThat(server.requests).hasSize(before);
    }

    @Test
    void aServerThatCannotBeReachedLeavesTheCache() throws IOException {
        server.offer("a", content(10));
        hub().file(MODEL, "a");
        server.close();
        assertThat(hub().file(MODEL, "a")).exists();
        assertThatThrownBy(() -> hub().file(MODEL, "b"))
                .isInstanceOfSatisfying(
                        HubException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NETWORK));
        server = new FakeHub();
    }

    @Test
    void severalThreadsDownloadOnce() throws Exception {
        byte[] content = content(500_000);
        server.offer("a", content);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            Callable<Path> download = () -> hub().file(MODEL, "a");
            for (Future<Path> file : threads.invokeAll(List.of(download, download, download, download))) {
                assertThat(file.get()).hasBinaryContent(content);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(server.requests.stream().filter(request -> request.startsWith("GET")))
                .hasSize(1);
    }

    @Test
    void progressEndsWithTheWholeFile() {
        server.offer("a", content(2_000_000));
        List<Long> seen = new ArrayList<>();
        new HuggingFaceHub(settings(false), (file, bytes, total) -> seen.add(bytes), pauses::add).file(MODEL, "a");
        assertThat(seen).isSorted().hasSizeLessThan(400).last().isEqualTo(2_000_000L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../a", "/a", "a//b", "a/../b", "a\\b", "."})
    void aPathOutOfTheRepositoryIsRefused(String file) {
        assertThatThrownBy(() -> hub().file(MODEL, file)).isInstanceOf(SettingException.class);
        assertThat(server.requests).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b/c", "../b", "a b/c", "a@", "a/b@../c"})
    void whatIsNoRepositoryIsRefused(String text) {
        assertThatThrownBy(() -> HubRepository.model(text)).isInstanceOf(SettingException.class);
    }

    @Test
    void dataSetsHaveTheirOwnPlace() {
        server.offer("train.jsonl", content(10));
        Path file = hub().file(HubRepository.dataset("org/set@v0"), "train.jsonl");
        assertThat(file.toString()).contains("datasets--org--set");
        assertThat(server.requests.get(0)).startsWith("HEAD /datasets/org/set/resolve/v0/train.jsonl");
    }

    @Test
    void aModelComesWholeFromTheHubOrAFolder() throws IOException {
        Gpt2Config config = new Gpt2Config(20, 16, 8, 1, 2, 1e-5, 19);
        Path local = folder.resolve("local");
        try (Gpt2Policy policy = Gpt2Policy.random(config, RandomSource.of(1))) {
            policy.save(local, 3000);
            for (Path file : Files.list(local).toList()) {
                server.offer(file.getFileName().toString(), Files.readAllBytes(file));
            }
            assertThat(ModelSource.folder(local.toString(), hub())).isEqualTo(local);
            Path downloaded = ModelSource.folder("some-org/some.model", hub());
            try (Gpt2Policy loaded = Gpt2Policy.load(downloaded, ParameterSelection.none())) {
                assertThat(loaded.nextTokenProbabilities(new int[] {1, 2}, 1))
                        .isEqualTo(policy.nextTokenProbabilities(new int[] {1, 2}, 1));
            }
        }
        assertThatThrownBy(() -> ModelSource.folder(local.resolve("none").toString(), hub()))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("a folder that exists, or owner/name on the Hub");
    }

    @Test
    void theEnvironmentMeansWhatItMeansToPython() throws IOException {
        Path home = folder.resolve("home");
        HubSettings plain = HubSettings.from(Map.of(), home);
        assertThat(plain.endpoint()).isEqualTo(URI.create("https://huggingface.co"));
        assertThat(plain.cache()).isEqualTo(home.resolve(".cache/huggingface/hub"));
        assertThat(plain.token()).isEmpty();
        assertThat(plain.offline()).isFalse();
        Path hfHome = Files.createDirectories(folder.resolve("hf"));
        Files.writeString(hfHome.resolve("token"), "from-file\n");
        HubSettings set = HubSettings.from(
                Map.of("HF_HOME", hfHome.toString(), "HF_HUB_OFFLINE", "1", "HF_ENDPOINT", "http://mirror/"), home);
        assertThat(set.cache()).isEqualTo(hfHome.resolve("hub"));
        assertThat(set.token()).contains("from-file");
        assertThat(set.offline()).isTrue();
        assertThat(set.endpoint()).isEqualTo(URI.create("http://mirror"));
        assertThat(set.toString()).doesNotContain("from-file");
        HubSettings cache =
                HubSettings.from(Map.of("HF_HUB_CACHE", "/c", "HF_TOKEN", "t", "HF_HOME", hfHome.toString()), home);
        assertThat(cache.cache()).isEqualTo(Path.of("/c"));
        assertThat(cache.token()).contains("t");
    }
}
