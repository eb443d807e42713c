package org.preferencelearning.gpt2.hub;

import static java.util.Objects.requireNonNull;

import com.google.common.base.CharMatcher;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.preferencelearning.core.error.SettingException;

/**
 * Where the Hub and its cache are.
 *
 * @param endpoint the server
 * @param cache the folder that holds {@code models--owner--name} and the like
 * @param token what is sent as authorisation, to the endpoint only
 * @param offline whether the network must not be used
 * @param timeout how long a connection and the next bytes are waited for, above 0
 * @param attempts how often a request is tried, at least 1
 * @param limits what a server may send, and how slowly
 */
public record HubSettings(
        URI endpoint,
        Path cache,
        Optional<String> token,
        boolean offline,
        Duration timeout,
        int attempts,
        HubLimits limits) {
    private static final String DEFAULT_ENDPOINT = "https://huggingface.co";
    private static final int MAX_TOKEN_BYTES = 1 << 14;
    private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");

    public HubSettings {
        SettingException.require(!timeout.isNegative() && !timeout.isZero(), "timeout", timeout, "a duration above 0");
        SettingException.requireAtLeast("attempts", attempts, 1);
        requireEndpoint(endpoint);
        token.ifPresent(HubSettings::requireToken);
        requireNonNull(limits, "limits");
    }

    /** Within the default limits. */
    public HubSettings(
            URI endpoint, Path cache, Optional<String> token, boolean offline, Duration timeout, int attempts) {
        this(endpoint, cache, token, offline, timeout, attempts, HubLimits.defaults());
    }

    private static void requireEndpoint(URI endpoint) {
        String scheme = String.valueOf(endpoint.getScheme());
        boolean http = scheme.equalsIgnoreCase("http") || scheme.equalsIgnoreCase("https");
        SettingException.require(
                http
                        && endpoint.getHost() != null
                        && endpoint.getUserInfo() == null
                        && endpoint.getQuery() == null
                        && endpoint.getFragment() == null,
                "HF_ENDPOINT",
                // which may hold a password
                endpoint.getRawUserInfo() == null ? endpoint : "an address with a user",
                "http:// or https:// with a host, without user, query and fragment");
    }

    /** The token goes into a header line; what it is, is never said. */
    private static void requireToken(String token) {
        int wrong = CharMatcher.inRange('!', '~').negate().indexIn(token);
        SettingException.require(
                !token.isEmpty() && wrong < 0,
                "HF_TOKEN",
                token.isEmpty()
                        ? "empty"
                        : "(not shown) with character " + (wrong + 1) + " of " + token.length() + " not allowed",
                "printable ASCII characters without blanks or line ends");
    }

    /**
     * As Python's huggingface_hub is set: {@code HF_ENDPOINT}, {@code HF_HUB_CACHE} or {@code HF_HOME} or
     * {@code XDG_CACHE_HOME}, {@code HF_TOKEN} or the file {@code token} in HF_HOME, {@code HF_HUB_OFFLINE}.
     */
    public static HubSettings fromEnvironment() {
        return from(System.getenv(), Path.of(System.getProperty("user.home")));
    }

    static HubSettings from(Map<String, String> environment, Path userHome) {
        Path home = first(environment, "HF_HOME").map(Path::of).orElseGet(() -> first(environment, "XDG_CACHE_HOME")
                .map(Path::of)
                .orElse(userHome.resolve(".cache"))
                .resolve("huggingface"));
        Path cache = first(environment, "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE")
                .map(Path::of)
                .orElse(home.resolve("hub"));
        String endpoint = first(environment, "HF_ENDPOINT").orElse(DEFAULT_ENDPOINT);
        boolean offline = first(environment, "HF_HUB_OFFLINE")
                .filter(value -> TRUE.contains(value.toUpperCase(Locale.ROOT)))
                .isPresent();
        Optional<String> token =
                first(environment, "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN").or(() -> tokenFile(home.resolve("token")));
        return new HubSettings(endpoint(endpoint), cache, token, offline, Duration.ofSeconds(30), 5);
    }

    private static URI endpoint(String text) {
        try {
            return new URI(text.replaceAll("/+$", ""));
        } catch (URISyntaxException e) {
            throw new SettingException(
                    "HF_ENDPOINT",
                    text.contains("@") ? "an address with a user" : text,
                    "http:// or https:// with a host");
        }
    }

    private static Optional<String> first(Map<String, String> environment, String... names) {
        for (String name : names) {
            String value = environment.get(name);
            if (value != null && !value.isBlank()) {
                return Optional.of(value.strip());
            }
        }
        return Optional.empty();
    }

    private static Optional<String> tokenFile(Path file) {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try (InputStream in = Files.newInputStream(file)) {
            String text = new String(in.readNBytes(MAX_TOKEN_BYTES), StandardCharsets.UTF_8);
            return Optional.of(text.strip()).filter(token -> !token.isEmpty());
        } catch (IOException e) {
            throw new SettingException("HF_TOKEN", "in file " + file, "a file that can be read: " + e.getMessage());
        }
    }

    @Override
    public String toString() {
        return "HubSettings[" + endpoint + ", cache " + cache + (token.isPresent() ? ", with a token" : ", no token")
                + (offline ? ", offline" : "") + "]";
    }
}
