package org.preferencelearning.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.error.PreferenceException;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.internal.io.OutputFile;
import org.preferencelearning.core.internal.io.OutputFolder;

/** Looks, before the work, at where a command writes; no input may be overwritten. */
final class Outputs {
    private Outputs() {}

    /**
     * A file to write, and the files and folders that are read; of these, names on the Hub and null do not matter.
     *
     * @param overwrite whether one that is there is replaced, rather than refused
     */
    static void checkFile(String option, Path out, boolean overwrite, @Nullable Object... inputs) {
        OutputFile.check(option, out, 0);
        requireNoInput(option, out, inputs);
        if (Files.exists(out)) {
            SettingException.require(
                    overwrite,
                    option,
                    out + ", which is there already",
                    "a file that is new, or with --overwrite one that is replaced");
            for (Object input : inputs) {
                SettingException.require(
                        input == null
                                || !Files.isDirectory(Path.of(input.toString()))
                                || !real(out).startsWith(real(Path.of(input.toString()))),
                        option,
                        out,
                        "another place than within the input " + input);
            }
        }
    }

    /** Throws if a file or folder would be within the folder of the command's model. */
    static void requireOutside(String option, Path out, Path model) {
        SettingException.require(
                !out.toAbsolutePath()
                        .normalize()
                        .startsWith(model.toAbsolutePath().normalize()),
                option,
                out,
                "a place outside the model's folder " + model);
    }

    /** A folder to write, and the files and folders that are read; of these, names on the Hub and null do not matter. */
    static void checkFolder(String option, Path out, @Nullable Object... inputs) {
        OutputFolder.check(option, out, 0);
        requireNoInput(option, out, inputs);
    }

    /**
     * Saves a trained model. Where the folder can no longer be written, as when files were put into it in the meantime, the
     * model goes beside it.
     *
     * @return where it was saved
     */
    static Path save(Path out, Consumer<Path> model, Output output) {
        try {
            model.accept(out);
            return out;
        } catch (PreferenceException e) {
            Path beside = beside(out);
            try {
                model.accept(beside);
            } catch (PreferenceException second) {
                e.addSuppressed(second);
                throw e;
            }
            output.warning("saved in " + beside + " instead: " + e.getMessage());
            return beside;
        }
    }

    /** The first of {@code out-2}, {@code out-3} and so on that is not there. */
    private static Path beside(Path out) {
        Path name = out.toAbsolutePath().normalize();
        for (int i = 2; ; i++) {
            Path beside = name.resolveSibling(name.getFileName() + "-" + i);
            if (!Files.exists(beside, LinkOption.NOFOLLOW_LINKS)) {
                return beside;
            }
        }
    }

    private static void requireNoInput(String option, Path out, @Nullable Object... inputs) {
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
