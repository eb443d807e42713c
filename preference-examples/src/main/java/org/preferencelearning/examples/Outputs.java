package org.preferencelearning.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.io.OutputFile;
import org.preferencelearning.core.io.OutputFolder;

/** Looks, before the work, at where a command writes; no input may be overwritten. */
final class Outputs {
    private Outputs() {}

    /** A file to write, and the files and folders that are read; of these, names on the Hub and null do not matter. */
    static void checkFile(String option, Path out, Object... inputs) {
        OutputFile.check(option, out, 0);
        requireNoInput(option, out, inputs);
    }

    /** A folder to write, and the files and folders that are read; of these, names on the Hub and null do not matter. */
    static void checkFolder(String option, Path out, Object... inputs) {
        OutputFolder.check(option, out, 0);
        requireNoInput(option, out, inputs);
    }

    private static void requireNoInput(String option, Path out, Object... inputs) {
        if (!Files.exists(out)) {
            return;
        }
        Path written = real(out);
        for (Object input : inputs) {
            if (input != null && Files.exists(Path.of(input.toString()))) {
                SettingException.require(
                        !real(Path.of(input.toString())).startsWith(written),
                        option,
                        out,
                        "another place than the input " + input);
            }
        }
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(path + ": " + e.getMessage(), e);
        }
    }
}
