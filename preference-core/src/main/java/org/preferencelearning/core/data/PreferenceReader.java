package org.preferencelearning.core.data;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.error.SettingException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads preference pairs from files of rows, as {@link RowFiles} reads them. */
public final class PreferenceReader {
    private static final Logger LOG = LoggerFactory.getLogger(PreferenceReader.class);

    private final PreferenceFormat format;
    private final Columns columns;
    private final ImmutableList.Builder<PreferencePair> pairs = ImmutableList.builder();
    private final Map<String, FileRows> files = new LinkedHashMap<>();
    private final SortedMap<String, Integer> unused = new TreeMap<>();
    private final Set<String> asked = new TreeSet<>();
    private final Set<String> present = new LinkedHashSet<>();

    private PreferenceReader(PreferenceFormat format, Columns columns) {
        this.format = format;
        this.columns = columns;
    }

    /** Reads within {@link ReadLimits#current()}, fields from columns of the same names. */
    public static Result read(Path source, PreferenceFormat format) {
        return read(source, format, Columns.none(), ReadLimits.current());
    }

    /** Reads fields from columns of the same names. */
    public static Result read(Path source, PreferenceFormat format, ReadLimits limits) {
        return read(source, format, Columns.none(), limits);
    }

    /**
     * Reads {@code source}. What of it was not used is in the result and, as a warning, in the log.
     *
     * @param source a file, a folder or a pattern, as {@link DataFiles#of} takes them
     * @param columns where the format's fields are
     * @throws DataFormatException if a file is damaged, of another kind or exceeds a limit, a row is not of the format's
     *     schema, no row has one of the columns, or no row can be used
     * @throws SettingException if {@code columns} names a field that the format does not read
     */
    public static Result read(Path source, PreferenceFormat format, Columns columns, ReadLimits limits) {
        PreferenceReader reader = new PreferenceReader(format, columns);
        RowFiles.Parts parts;
        try {
            parts = RowFiles.read(source, limits, reader::accept);
        } catch (DataFormatException e) {
            throw reader.withColumns(source, e);
        }
        reader.checkColumns(source);
        return reader.result(source, parts);
    }

    private void accept(JsonRow original) {
        present.addAll(original.columns());
        JsonRow row = original.with(columns);
        FileRows before = files.getOrDefault(row.file(), FileRows.none(row.file()));
        try {
            pairs.add(format.parse(row));
            files.put(row.file(), before.plusUsed());
            row.unused().forEach(field -> unused.merge(field, 1, Integer::sum));
        } catch (RowRejectedException e) {
            files.put(row.file(), before.plusRejected(e.reason()));
        } finally {
            asked.addAll(row.asked());
        }
    }

    /** A column that no row has had so far is the likelier cause of a fault than the rows are. */
    private DataFormatException withColumns(Path source, DataFormatException fault) {
        try {
            checkColumns(source);
            return fault;
        } catch (DataFormatException e) {
            e.addSuppressed(fault);
            return e;
        }
    }

    private void checkColumns(Path source) {
        if (present.isEmpty()) {
            return;
        }
        columns.byField().forEach((field, column) -> {
            if (!present.contains(column)) {
                throw new DataFormatException(
                        source.toString(),
                        0,
                        "no row has a column '" + column + "', which is to stand for '" + field
                                + "'; columns there are: " + String.join(", ", present));
            }
        });
        columns.byField()
                .forEach((field, column) -> SettingException.require(
                        asked.contains(field),
                        "columns",
                        field + "=" + column,
                        "fields that the format reads: " + String.join(", ", asked)));
    }

    private Result result(Path source, RowFiles.Parts parts) {
        ImmutableList.Builder<FileRows> counted = ImmutableList.builder();
        RejectedRows rejected = RejectedRows.none();
        for (String file : parts.files()) {
            FileRows rows = files.getOrDefault(file, FileRows.none(file));
            counted.add(rows);
            rejected = rejected.plus(rows.rejected());
        }
        PreferenceDataset dataset = new PreferenceDataset(source.getFileName().toString(), pairs.build());
        if (dataset.size() == 0) {
            throw new DataFormatException(source.toString(), 0, "no usable row; rejected: " + rejected);
        }
        if (!unused.isEmpty()) {
            LOG.warn("{}: fields that are not used, and in how many rows: {}", source, unused);
        }
        if (!parts.others().isEmpty()) {
            LOG.warn("{}: files that are no data by their names and were not read: {}", source, parts.others());
        }
        return new Result(dataset, rejected, counted.build(), unused, parts.others());
    }

    /**
     * Rows of one file.
     *
     * @param file its name; one in an archive follows the archive's name and an exclamation mark
     * @param used rows that became pairs
     * @param rejected the others, counted by reason
     */
    public record FileRows(String file, int used, RejectedRows rejected) {
        static FileRows none(String file) {
            return new FileRows(file, 0, RejectedRows.none());
        }

        FileRows plusUsed() {
            return new FileRows(file, used + 1, rejected);
        }

        FileRows plusRejected(String reason) {
            return new FileRows(file, used, rejected.plus(reason));
        }
    }

    /**
     * What a source held.
     *
     * @param dataset the usable rows, in the order of files and rows
     * @param rejected the others, counted by reason
     * @param files the same counts for each file, in the order in which they were read
     * @param unusedFields columns of used rows that the format has no use for, and in how many rows they have a value
     * @param otherFiles names of files beside the data that were not read
     */
    public record Result(
            PreferenceDataset dataset,
            RejectedRows rejected,
            List<FileRows> files,
            SortedMap<String, Integer> unusedFields,
            List<String> otherFiles) {
        public Result {
            files = ImmutableList.copyOf(files);
            unusedFields = ImmutableSortedMap.copyOfSorted(unusedFields);
            otherFiles = ImmutableList.copyOf(otherFiles);
        }
    }
}
