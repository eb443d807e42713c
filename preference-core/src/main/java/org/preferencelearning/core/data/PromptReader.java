package org.preferencelearning.core.data;

import com.google.common.collect.ImmutableList;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.preferencelearning.core.error.DataFormatException;

/** Reads prompts without responses from JSON-lines files (plain, gzip or xz) with a field {@code prompt}. */
public final class PromptReader {
    private PromptReader() {}

    /**
     * Reads {@code file}.
     *
     * @param template text with one {@code %s}, where the prompt stands
     * @throws DataFormatException if the file is damaged, a row has no prompt, or no row can be used
     */
    public static Result read(Path file, String template) {
        List<String> prompts = new ArrayList<>();
        RejectedRows[] rejected = {RejectedRows.none()};
        JsonLines.read(file, row -> {
            String prompt = row.text("prompt");
            if (prompt.isBlank()) {
                rejected[0] = rejected[0].plus("empty prompt");
            } else {
                prompts.add(template.formatted(prompt));
            }
        });
        if (prompts.isEmpty()) {
            throw new DataFormatException(file.toString(), 0, "no usable row; rejected: " + rejected[0]);
        }
        return new Result(ImmutableList.copyOf(prompts), rejected[0]);
    }

    /**
     * What a file held.
     *
     * @param prompts the usable rows, wrapped, in file order
     * @param rejected the others, counted by reason
     */
    public record Result(List<String> prompts, RejectedRows rejected) {}
}
