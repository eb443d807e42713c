package org.preferencelearning.core.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reference files that are too large for the repository, in a folder {@code shared} beside it or where the system property
 * {@code preference.shared} says. A test that needs one is skipped, with a warning in the log, where it is missing.
 */
public final class SharedFiles {
    private static final Logger LOG = LoggerFactory.getLogger(SharedFiles.class);

    private SharedFiles() {}

    /** The file or folder of that name; skips the calling test if it is not there. */
    public static Path require(String name) {
        Path folder = Path.of(System.getProperty("preference.shared", "../../shared"));
        Path file = folder.resolve(name);
        if (!Files.exists(file)) {
            LOG.warn("SKIPPED: this test needs {}, which is not there", file);
            Assumptions.abort("needs " + file);
        }
        return file;
    }
}
