package org.preferencelearning.core.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.google.common.collect.ImmutableSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.preferencelearning.core.error.DataFormatException;

/**
 * One row of a file, with typed access to its fields; every error names file, line and field. It remembers what it was asked
 * for, so that a reader can tell what nobody used.
 */
public final class JsonRow {
    private final String file;
    private final long line;
    private final JsonNode fields;
    /** Whether all values are texts, as a table's are: numbers are read from them, and an empty one is no value. */
    private final boolean texts;

    private final Columns columns;
    private final Set<String> asked = new LinkedHashSet<>();
    private final Set<String> unused = new LinkedHashSet<>();
    private final Set<String> ignored = new HashSet<>();

    JsonRow(String file, long line, JsonNode fields, boolean texts) {
        this(file, line, fields, texts, Columns.none());
    }

    private JsonRow(String file, long line, JsonNode fields, boolean texts, Columns columns) {
        this.file = file;
        this.line = line;
        this.fields = fields;
        this.texts = texts;
        this.columns = columns;
    }

    /** The same row whose fields are found in the columns that stand for them. */
    JsonRow with(Columns columns) {
        return new JsonRow(file, line, fields, texts, columns);
    }

    /** Name of the file; one in an archive follows the archive's name and an exclamation mark. */
    public String file() {
        return file;
    }

    /** 1-based line on which the row begins; of Parquet the row's number. */
    public long line() {
        return line;
    }

    /**
     * The text of a field.
     *
     * @throws DataFormatException if the field is missing or not a text
     */
    public String text(String field) {
        JsonNode value = required(field);
        if (!value.isTextual()) {
            throw fault(named(field) + " is " + value.getNodeType() + ", not a text");
        }
        return value.textValue();
    }

    /** The text of a field, or empty if the row has no such field or it is null. */
    public Optional<String> optionalText(String field) {
        return has(field) ? Optional.of(text(field)) : Optional.empty();
    }

    /** The number of a field, or empty if the row has no such field or it is null. */
    public Optional<Double> number(String field) {
        if (!has(field)) {
            return Optional.empty();
        }
        JsonNode value = value(field);
        double number = texts ? parsed(value.textValue()) : value.isNumber() ? value.doubleValue() : Double.NaN;
        if (!Double.isFinite(number)) {
            throw fault(named(field) + " is " + value + ", not a finite number");
        }
        return Optional.of(number);
    }

    private static double parsed(String text) {
        try {
            return Double.parseDouble(text.strip());
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    /**
     * The whole number of a field.
     *
     * @throws DataFormatException if it is missing, no whole number, or outside {@code [least, most]}
     */
    public int integer(String field, int least, int most) {
        JsonNode value = required(field);
        double number = texts
                ? parsed(value.textValue())
                : value.isIntegralNumber() && value.canConvertToInt() ? value.intValue() : Double.NaN;
        if (!(number >= least && number <= most && number == Math.rint(number))) {
            throw fault(named(field) + " is " + value + "; allowed: " + least + " to " + most);
        }
        return (int) number;
    }

    /**
     * Whether a field says yes.
     *
     * @throws DataFormatException if it is missing or neither true nor false, nor in a table one of these words, 1 or 0
     */
    public boolean flag(String field) {
        JsonNode value = required(field);
        String text =
                texts ? value.textValue().strip().toLowerCase(Locale.ROOT) : value.isBoolean() ? value.asText() : "";
        if (text.equals("true") || text.equals("1")) {
            return true;
        }
        if (text.equals("false") || text.equals("0")) {
            return false;
        }
        throw fault(named(field) + " is " + value + "; allowed: true and false");
    }

    /** Whether there is a value: null is none, nor is an empty field of a table. */
    public boolean has(String field) {
        JsonNode value = value(field);
        return !value.isMissingNode()
                && !value.isNull()
                && !(texts && value.textValue().isEmpty());
    }

    /** A field as it is, for what is neither a text nor a number; a missing node where there is none. */
    public JsonNode value(String field) {
        asked.add(field);
        JsonNode value = fields.get(columns.of(field));
        return value == null ? MissingNode.getInstance() : value;
    }

    /** Says of fields that they cannot change what the row means. */
    public void ignore(String... names) {
        ignored.addAll(List.of(names));
    }

    /** Says of something within a field that it is not used. */
    public void leave(String name) {
        unused.add(name);
    }

    /**
     * Throws if one of the fields has a value that is not empty.
     *
     * @param because what it would take
     * @throws DataFormatException naming the field
     */
    public void refuse(String because, String... names) {
        for (String name : names) {
            JsonNode value = value(name);
            if (has(name)
                    && !(value.isContainerNode()
                            ? value.isEmpty()
                            : value.asText().isEmpty())) {
                throw fault(named(name) + " is set: " + because);
            }
        }
    }

    /** Fields that were asked for, by the format's names. */
    Set<String> asked() {
        return asked;
    }

    /** The whole row. */
    JsonNode fields() {
        return fields;
    }

    /** Names of all columns. */
    Set<String> columns() {
        return ImmutableSet.copyOf(fields.fieldNames());
    }

    /** Names of columns with a value that was not asked for, nor said not to matter. */
    Set<String> unused() {
        Set<String> used = new HashSet<>(ignored);
        asked.forEach(field -> used.add(columns.of(field)));
        Set<String> others = new LinkedHashSet<>(unused);
        fields.properties().forEach(field -> {
            JsonNode value = field.getValue();
            boolean empty = value.isNull()
                    || value.isContainerNode() && value.isEmpty()
                    || texts && value.textValue().isEmpty();
            if (!empty && !used.contains(field.getKey())) {
                others.add(field.getKey());
            }
        });
        return others;
    }

    private JsonNode required(String field) {
        JsonNode value = value(field);
        if (value.isMissingNode()) {
            boolean unpaired = fields.has("completion") && fields.has("label");
            throw fault(named(field) + " is missing; fields of the row: " + String.join(", ", columns())
                    + (unpaired
                            ? "; these are unpaired rows, which 'train-kto' takes; a pair is of two responses that were"
                                    + " compared, and is not made up"
                            : ""));
        }
        return value;
    }

    private String named(String field) {
        String column = columns.of(field);
        return "field '" + column + "'" + (column.equals(field) ? "" : ", which stands for '" + field + "',");
    }

    /** An error of this row. */
    public DataFormatException fault(String problem) {
        return new DataFormatException(file, line, problem);
    }
}
