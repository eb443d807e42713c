package org.preferencelearning.core.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.preferencelearning.core.data.DuckDb;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The jar of DuckDB's driver, where {@code PREFERENCE_DUCKDB} or the local Maven repository has it. */
public final class DuckDbJar {
    private static final Logger LOG = LoggerFactory.getLogger(DuckDbJar.class);

    private DuckDbJar() {}

    /** The jar; skips the calling test if it is not there. */
    public static Path require() {
        String[] name = DuckDb.ARTIFACT.split(":");
        Path local = Path.of(System.getProperty("user.home"), ".m2/repository", name[0].replace('.', '/'), name[1])
                .resolve(name[2])
                .resolve(name[1] + "-" + name[2] + ".jar");
        return Stream.of(System.getenv("PREFERENCE_DUCKDB"), local.toString())
                .filter(file -> file != null && Files.isRegularFile(Path.of(file)))
                .map(Path::of)
                .findFirst()
                .orElseGet(() -> {
                    LOG.warn("SKIPPED: this test needs the jar of {}, which is not there", DuckDb.ARTIFACT);
                    return Assumptions.abort("needs " + DuckDb.ARTIFACT);
                });
    }
}
