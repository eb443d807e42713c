package org.preferencelearning.core.internal.io;

import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names of what lies hidden beside a target while it is written: {@code .TARGET.PROCESS-RANDOM.KIND}. No two are alike, and
 * no user's file is called so by chance.
 */
enum TemporaryName {
    /** A file in the making. */
    FILE("preference-partial"),
    /** A folder that holds a folder in the making. */
    FOLDER("preference-writing");

    private static final int LONGEST_STEM = 120;
    private static final int RANDOM_DIGITS = 16;

    private final String kind;

    TemporaryName(String kind) {
        this.kind = kind;
    }

    /** A new name beside {@code target}. */
    Path beside(Path target) {
        return target.resolveSibling("." + stem(target) + "." + unique() + "." + kind);
    }

    /** The process that wrote {@code candidate}, if that is a name of this kind beside {@code target}. */
    Optional<String> processOf(Path candidate, Path target) {
        String prefix = "." + stem(target) + ".";
        if (!candidate.getFileName().toString().startsWith(prefix)) {
            return Optional.empty();
        }
        Matcher matcher = Pattern.compile(Pattern.quote(prefix) + "(\\d+)-[0-9a-f]{" + RANDOM_DIGITS + "}\\." + kind)
                .matcher(candidate.getFileName().toString());
        return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /** A visible name beside {@code target} for what may be the user's. */
    static Path kept(Path target) {
        return target.resolveSibling(stem(target) + ".kept-" + unique());
    }

    private static String unique() {
        String random = UUID.randomUUID().toString().replace("-", "").substring(0, RANDOM_DIGITS);
        return ProcessHandle.current().pid() + "-" + random;
    }

    /** The target's name, shortened where the longer temporary name might not fit. */
    private static String stem(Path target) {
        String name = target.getFileName().toString();
        if (name.getBytes(StandardCharsets.UTF_8).length <= LONGEST_STEM) {
            return name;
        }
        return Hashing.sha256().hashString(name, StandardCharsets.UTF_8).toString();
    }
}
