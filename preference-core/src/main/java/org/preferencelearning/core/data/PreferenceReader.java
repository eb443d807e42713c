package org.preferencelearning.core.data;

import com.google.common.collect.ImmutableList;
import java.nio.file.Path;
import org.preferencelearning.core.error.DataFormatException;

/** Reads preference pairs from files of JSON objects, as {@link JsonLines} reads them. */
public final class PreferenceReader {
    private final PreferenceFormat format;
    private final ImmutableList.Builder<PreferencePair> pairs = ImmutableList.builder();
    private RejectedRows rejected = RejectedRows.none();

    private PreferenceReader(PreferenceFormat format) {
        this.format = format;
    }

    /** Reads within {@link ReadLimits#current()}. */
    public static Result read(Path file, PreferenceFormat format) {
        return read(file, format, ReadLimits.current());
    }

    /**
     * Reads {@code file}.
     *
     * @throws DataFormatException if the file is damaged, of another kind or exceeds a limit, a row is not of the format's
     *     schema, or no row can be used
     */
    public static Result read(Path file, PreferenceFormat format, ReadLimits limits) {
        PreferenceReader reader = new PreferenceReader(format);
        JsonLines.read(file, limits, reader::accept);
        PreferenceDataset dataset = new PreferenceDataset(file.getFileName().toString(), reader.pairs.build());
        if (dataset.size() == 0) {
            throw new DataFormatException(file.toString(), 0, "no usable row; rejected: " + reader.rejected);
        }
        return new Result(dataset, reader.rejected);
    }

    private void accept(JsonRow row) {
        try {
            pairs.add(format.parse(row));
        } catch (RowRejectedException e) {
            rejected = rejected.plus(e.reason());
        }
    }

    /**
     * What a file held.
     *
     * @param dataset the usable rows, in file order
     * @param rejected the others, counted by reason
     */
    public record Result(PreferenceDataset dataset, RejectedRows rejected) {}
}
