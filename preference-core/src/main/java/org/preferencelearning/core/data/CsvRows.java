package org.preferencelearning.core.data;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.CsvRecordHandler;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.preferencelearning.core.error.DataFormatException;

/**
 * Rows of a table as RFC 4180 has it: fields between commas, perhaps in double quotes, within which quotes are doubled and
 * lines may end; their names in the first line. Where that has no comma, the separator is the semicolon or the tab that it
 * has. Blank lines are skipped; a row has as many fields as there are names.
 */
final class CsvRows {
    private static final int BUFFER = 1 << 16;

    private final DataFile file;
    private final RowFiles.RowConsumer consumer;
    private long line;

    private CsvRows(DataFile file, RowFiles.RowConsumer consumer) {
        this.file = file;
        this.consumer = consumer;
    }

    /** Gives every row after the first to {@code consumer}; all values are texts. */
    static void read(DataFile file, boolean tabs, RowFiles.RowConsumer consumer) {
        CsvRows reader = new CsvRows(file, consumer);
        try {
            reader.read(tabs ? '\t' : separator(file.head()));
        } catch (UncheckedIOException e) {
            throw file.fault(reader.line + 1, requireNonNull(e.getCause()));
        } catch (ReadBudget.LimitException e) {
            throw file.fault(reader.line, e);
        } catch (CsvParseException e) {
            if (e.getCause() instanceof ReadBudget.LimitException limit) {
                throw file.fault(reader.line + 1, limit);
            }
            throw reader.fault(reader.line + 1, "no CSV from here on: " + e.getMessage());
        }
    }

    private static char separator(String head) {
        String first = head.stripLeading().lines().findFirst().orElse("");
        if (first.indexOf(',') < 0) {
            for (char other : new char[] {';', '\t'}) {
                if (first.indexOf(other) >= 0) {
                    return other;
                }
            }
        }
        return ',';
    }

    private void read(char separator) throws ReadBudget.LimitException {
        int longest = file.budget().limits().rowLength() + BUFFER;
        CsvRecordHandler handler = CsvRecordHandler.builder()
                .maxFieldSize(longest)
                .maxRecordSize(longest)
                .build();
        // fields are compared with the names here, where both numbers can be told
        Iterator<CsvRecord> records = CsvReader.builder()
                .fieldSeparator(separator)
                .allowUnclosedQuote(false)
                .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                .maxBufferSize(longest)
                .build(handler, file.reader())
                .iterator();
        if (!records.hasNext()) {
            return;
        }
        List<String> names = names(records.next());
        while (records.hasNext()) {
            file.row();
            accept(names, records.next());
        }
    }

    private List<String> names(CsvRecord first) {
        line = first.getStartingLineNumber();
        List<String> names = new ArrayList<>();
        Set<String> known = new HashSet<>();
        for (String field : first.getFields()) {
            // pandas leaves the name of its index empty
            String name = field.isBlank() ? "column " + (names.size() + 1) : field.strip();
            if (!known.add(name)) {
                throw fault(line, "column '" + name + "' occurs twice in the first line");
            }
            names.add(name);
        }
        return names;
    }

    private void accept(List<String> names, CsvRecord row) throws ReadBudget.LimitException {
        line = row.getStartingLineNumber();
        if (row.getFieldCount() != names.size()) {
            throw fault(
                    line,
                    "the row has " + row.getFieldCount() + " fields; the first line names " + names.size() + ": "
                            + names);
        }
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        long length = 0;
        for (int i = 0; i < names.size(); i++) {
            fields.put(names.get(i), row.getField(i));
            length += row.getField(i).length();
        }
        file.requireLength(length);
        consumer.accept(new JsonRow(file.name(), line, fields, true));
    }

    private DataFormatException fault(long at, String problem) {
        return new DataFormatException(file.name(), at, problem);
    }
}
