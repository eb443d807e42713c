package org.preferencelearning.core.data;

import com.google.common.collect.ImmutableList;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.preferencelearning.core.error.DataFormatException;

/** Reads prompts without responses from files of rows, as {@link RowFiles} reads them, with a field {@code prompt}. */
public final class PromptReader {
    private PromptReader() {}

    /** Reads within {@link ReadLimits#current()}. */
    public static Result read(Path file, String template) {
        return read(file, template, ReadLimits.current());
    }

    /**
     * Reads {@code file}; it may be a folder or a pattern, as {@link DataFiles#of} takes them.
     *
     * @param template text with one {@code %s}, where the prompt stands
     * @throws DataFormatException if the file is damaged, of another kind or exceeds a limit, a row has no prompt, or no row
     *     can be used
     */
    public static Result read(Path file, String template, ReadLimits limits) {
        List<String> prompts = new ArrayList<>();
        RejectedRows[] rejected = {RejectedRows.none()};
        RowFiles.read(file, limits, row -> {
            String prompt = row.text("prompt");
            if (PythonText.isBlank(prompt)) {
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
