package org.preferencelearning.core.data;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.preferencelearning.core.error.DataFormatException;

/**
 * Reads responses that are wanted or not from files of rows, as {@link RowFiles} reads them, with TRL's fields {@code prompt},
 * {@code completion} and {@code label}, and where present the number {@code weight}. Prompt and completion are texts, taken as
 * they stand; a label is true or false, in a table also by these words or as 1 or 0.
 */
public final class UnpairedReader {
    private UnpairedReader() {}

    /** Reads within {@link ReadLimits#current()}. */
    public static Result read(Path file) {
        return read(file, ReadLimits.current());
    }

    /**
     * Reads {@code file}; it may be a folder or a pattern, as {@link DataFiles#of} takes them.
     *
     * @throws DataFormatException if the file is damaged, of another kind or exceeds a limit, a row is not of the schema, or no
     *     row can be used
     */
    public static Result read(Path file, ReadLimits limits) {
        List<UnpairedResponse> responses = new ArrayList<>();
        RejectedRows[] rejected = {RejectedRows.none()};
        SortedMap<String, Integer> unused = new TreeMap<>();
        RowFiles.read(file, limits, row -> {
            String prompt = row.text("prompt");
            String response = row.text("completion");
            boolean desirable = row.flag("label");
            double weight = row.number("weight").orElse(1.0);
            if (response.isEmpty()) {
                rejected[0] = rejected[0].plus("empty response");
            } else if (weight < 0) {
                rejected[0] = rejected[0].plus("weight below 0");
            } else {
                responses.add(new UnpairedResponse(prompt, response, desirable, weight));
                row.unused().forEach(field -> unused.merge(field, 1, Integer::sum));
            }
        });
        if (responses.isEmpty()) {
            throw new DataFormatException(file.toString(), 0, "no usable row; rejected: " + rejected[0]);
        }
        return new Result(responses, rejected[0], unused);
    }

    /**
     * What a file held.
     *
     * @param responses the usable rows, in file order
     * @param rejected the others, counted by reason
     * @param unusedFields columns of used rows that nothing is made of, and in how many rows they have a value
     */
    public record Result(
            List<UnpairedResponse> responses, RejectedRows rejected, SortedMap<String, Integer> unusedFields) {
        public Result {
            responses = ImmutableList.copyOf(responses);
            unusedFields = ImmutableSortedMap.copyOfSorted(unusedFields);
        }
    }
}
