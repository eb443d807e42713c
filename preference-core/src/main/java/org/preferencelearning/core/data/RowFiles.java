package org.preferencelearning.core.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.preferencelearning.core.error.DataFormatException;

/**
 * Reads rows, one at a time, of whatever {@link DataFiles} finds: JSON objects, one a line or in a list; tables in files that
 * are named {@code .csv} or {@code .tsv}, with names in their first line; zip archives of these; each plain or packed with
 * gzip, xz or zstd, in UTF-8, UTF-16 or UTF-32; and Parquet, where DuckDB's driver is at hand ({@link DuckDb}). All but the two
 * kinds of tables are told by a file's first bytes.
 */
public final class RowFiles {
    /** Of a file that is no JSON, characters shown. */
    private static final int SHOWN = 40;

    private static final Pattern TABLE_NAME = Pattern.compile("(?is).*\\.([ct]sv)(\\.(gz|xz|zst))?");

    private final ReadBudget budget;
    private final RowConsumer consumer;
    private final List<String> read = new ArrayList<>();
    private final List<String> others = new ArrayList<>();

    private RowFiles(ReadLimits limits, RowConsumer consumer) {
        this.budget = new ReadBudget(limits);
        this.consumer = consumer;
    }

    /** What is done with each row. */
    @FunctionalInterface
    public interface RowConsumer {
        void accept(JsonRow row);
    }

    /**
     * What rows were read of.
     *
     * @param files names of the files in the order in which they were read; one in an archive follows the archive's name and
     *     an exclamation mark
     * @param others names of files that lie beside them and were not read
     */
    public record Parts(List<String> files, List<String> others) {
        public Parts {
            files = List.copyOf(files);
            others = List.copyOf(others);
        }
    }

    /** Reads within {@link ReadLimits#current()}. */
    public static Parts read(Path source, RowConsumer consumer) {
        return read(source, ReadLimits.current(), consumer);
    }

    /**
     * Gives every row of {@code source} to {@code consumer}, in order.
     *
     * @param source a file, a folder or a pattern, as {@link DataFiles#of} takes them
     * @param limits of all its files together
     * @throws DataFormatException if there is no such file, one is no regular file, is of another kind, exceeds a limit, is
     *     damaged or cut short, holds bytes that are no text, or a line or element that is no row
     */
    public static Parts read(Path source, ReadLimits limits, RowConsumer consumer) {
        RowFiles reader = new RowFiles(limits, consumer);
        DataFiles found = DataFiles.of(source);
        found.others().forEach(other -> reader.others.add(other.toString()));
        found.files().forEach(reader::file);
        return new Parts(reader.read, reader.others);
    }

    private void file(Path file) {
        byte[] head = DataFile.head(file);
        if (FileKind.isZip(head)) {
            archive(file);
        } else if (FileKind.isParquet(head)) {
            read.add(file.toString());
            ParquetRows.read(file, budget, consumer);
        } else {
            text(DataFile.open(file, budget));
        }
    }

    private void archive(Path file) {
        try (ZipFile zip = new ZipFile(file.toFile(), StandardCharsets.UTF_8)) {
            requireFew(file, zip.size());
            List<ZipEntry> entries = new ArrayList<>();
            for (ZipEntry entry : (Iterable<ZipEntry>) zip.stream().map(ZipEntry.class::cast)::iterator) {
                if (entry.isDirectory() || DataFiles.isHidden(entry.getName())) {
                    continue;
                }
                if (DataFiles.isData(entry.getName())) {
                    entries.add(entry);
                } else {
                    others.add(file + "!" + entry.getName());
                }
            }
            if (entries.isEmpty()) {
                throw new DataFormatException(
                        file.toString(),
                        0,
                        "the zip archive holds no data file, " + DataFiles.NAMES + "; its files: "
                                + DataFiles.shown(others));
            }
            entries.sort(Comparator.comparing(ZipEntry::getName));
            for (ZipEntry entry : entries) {
                String name = file + "!" + entry.getName();
                try (InputStream in = zip.getInputStream(entry)) {
                    text(DataFile.inArchive(name, in, budget));
                } catch (IOException e) {
                    throw DataFile.fault(name, 0, e);
                }
            }
        } catch (ZipException e) {
            throw new DataFormatException(
                    file.toString(), 0, "the zip archive is damaged, cut short or encrypted: " + e.getMessage(), e);
        } catch (IOException e) {
            throw DataFile.fault(file.toString(), 0, e);
        } catch (IllegalArgumentException e) {
            throw new DataFormatException(file.toString(), 0, "names in the zip archive are not in UTF-8", e);
        }
    }

    static void requireFew(Path source, long files) {
        if (files > ReadBudget.MOST_FILES) {
            throw new DataFormatException(
                    source.toString(), 0, "it holds " + files + " files; allowed: up to " + ReadBudget.MOST_FILES);
        }
    }

    private void text(DataFile opened) {
        try (DataFile file = opened) {
            read.add(file.name());
            String head = file.head().strip();
            var table = TABLE_NAME.matcher(file.name());
            if (JsonLines.isOne(head)) {
                JsonLines.read(file, consumer);
            } else if (table.matches()) {
                CsvRows.read(file, table.group(1).toLowerCase(Locale.ROOT).equals("tsv"), consumer);
            } else {
                throw new DataFormatException(
                        file.name(),
                        1 + blank(file.head()).chars().filter(c -> c == '\n').count(),
                        "not JSON: it begins with " + shown(head)
                                + "; wanted: JSON objects, one a line or in a list, or,"
                                + " in a file named .csv or .tsv, a table with names in its first line");
            }
        } catch (IOException e) {
            throw new DataFormatException(opened.name(), 0, "it cannot be closed: " + e.getMessage(), e);
        }
    }

    /** The blank beginning. */
    private static String blank(String text) {
        return text.substring(0, text.length() - text.stripLeading().length());
    }

    private static String shown(String head) {
        String start = head.lines().findFirst().orElse("");
        String cut = start.substring(0, Math.min(SHOWN, start.length()));
        boolean printable = cut.codePoints().noneMatch(c -> Character.isISOControl(c) || c == 0xFFFD);
        return printable ? "'" + cut + "'" : "bytes that are no text";
    }
}
