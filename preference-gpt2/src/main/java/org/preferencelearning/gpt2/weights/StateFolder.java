package org.preferencelearning.gpt2.weights;

import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.preferencelearning.core.internal.io.AtomicFiles;
import org.preferencelearning.core.state.StateException;
import org.preferencelearning.core.state.Stateful;

/**
 * A folder that holds a state: tensors in a safetensors file, everything else in a JSON file, and {@code files.sha256}, which
 * is written last and names both with their SHA-256, as {@code sha256sum} does. Files that it does not name are no part of
 * the state.
 *
 * <p>A state that follows another is written beside it, under the other of two numbers; then {@code files.sha256} is
 * replaced, and then what it named before is deleted. So there is a whole state at any time, the old or the new one.
 */
public final class StateFolder {
    private static final String HASHES = "files.sha256";

    private static final Pattern CONTENT = Pattern.compile("(?<json>[0-9a-f]{64})  state-(?<number>[01])\\.json\n"
            + "(?<tensors>[0-9a-f]{64})  tensors-\\k<number>\\.safetensors\n");
    /** Bytes of what {@link #CONTENT} matches, and some more. */
    private static final int MOST_BYTES = 1000;

    private StateFolder() {}

    /** Whether the folder holds a state, whole or damaged. */
    public static boolean exists(Path folder) {
        return Files.exists(folder.resolve(HASHES));
    }

    /**
     * Saves a state in a folder, which is made if it is missing; the state that it holds is replaced.
     *
     * @throws StateException if the folder holds what is no state of this kind
     * @throws UncheckedIOException naming the file if one cannot be written; the state that was there before still is
     */
    public static void write(Path folder, Stateful state) {
        String number = "0";
        if (exists(folder)) {
            number = content(folder).group("number").equals("0") ? "1" : "0";
        }
        try (StateContent content = new StateContent()) {
            state.save(content);
            byte[] json = content.json();
            AtomicFiles.write(json(folder, number), json);
            String ofTensors = content.writeTensors(tensors(folder, number));
            String hashes = Hashing.sha256().hashBytes(json) + "  "
                    + json(folder, number).getFileName() + "\n" + ofTensors + "  "
                    + tensors(folder, number).getFileName() + "\n";
            AtomicFiles.write(folder.resolve(HASHES), hashes.getBytes(StandardCharsets.US_ASCII));
        }
        String before = number.equals("0") ? "1" : "0";
        delete(json(folder, before));
        delete(tensors(folder, before));
    }

    /**
     * Loads a state, whose files are checked first.
     *
     * @throws org.preferencelearning.core.error.PreferenceException naming the file or the value, if there is no state, if a
     *     file is not as it was written, or if it is not a state of this object, which must not be used then
     */
    public static void read(Path folder, Stateful state) {
        if (!exists(folder)) {
            throw new StateException(folder.toString(), "there is no saved state: no file " + HASHES);
        }
        Matcher content = content(folder);
        Path json = json(folder, content.group("number"));
        Path tensors = tensors(folder, content.group("number"));
        check(json, content.group("json"));
        check(tensors, content.group("tensors"));
        try (SavedState saved = SavedState.open(json, tensors)) {
            state.load(saved);
            saved.requireAllRead(folder);
        }
    }

    private static Path json(Path folder, String number) {
        return folder.resolve("state-" + number + ".json");
    }

    private static Path tensors(Path folder, String number) {
        return folder.resolve("tensors-" + number + ".safetensors");
    }

    private static Matcher content(Path folder) {
        Path file = folder.resolve(HASHES);
        try {
            long bytes = Files.isRegularFile(file) ? Files.size(file) : 0;
            String text = bytes <= MOST_BYTES && bytes > 0 ? Files.readString(file, StandardCharsets.ISO_8859_1) : "";
            Matcher matcher = CONTENT.matcher(text);
            if (!matcher.matches()) {
                throw new StateException(
                        file.toString(), "it is not what a saved state has: the SHA-256 and the names of two files");
            }
            return matcher;
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": " + e.getMessage(), e);
        }
    }

    private static void check(Path file, String hash) {
        if (!Files.isRegularFile(file)) {
            throw new StateException(file.toString(), "no such file, which " + HASHES + " names");
        }
        try {
            String found = MoreFiles.asByteSource(file).hash(Hashing.sha256()).toString();
            if (!found.equals(hash)) {
                throw new StateException(
                        file.toString(),
                        "it is not as it was written: its SHA-256 is " + found + ", that in " + HASHES + " " + hash);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": " + e.getMessage(), e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be deleted: " + e.getMessage(), e);
        }
    }
}
