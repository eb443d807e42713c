package org.preferencelearning.core.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import org.preferencelearning.core.error.DataFormatException;

/** One JSON object of a file, with typed access to its fields; every error names file, line and field. */
public final class JsonRow {
    private final String file;
    private final long line;
    private final JsonNode fields;

    JsonRow(String file, long line, JsonNode fields) {
        this.file = file;
        this.line = line;
        this.fields = fields;
    }

    /** 1-based line on which the row begins. */
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
            throw fault("field '" + field + "' is " + value.getNodeType() + ", not a text");
        }
        return value.textValue();
    }

    /** The number of a field, or empty if the row has no such field or it is null. */
    public Optional<Double> number(String field) {
        JsonNode value = fields.get(field);
        if (value == null || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
            throw fault("field '" + field + "' is " + value + ", not a finite number");
        }
        return Optional.of(value.doubleValue());
    }

    /**
     * The whole number of a field.
     *
     * @throws DataFormatException if it is missing, no whole number, or outside {@code [least, most]}
     */
    public int integer(String field, int least, int most) {
        JsonNode value = required(field);
        if (!value.isIntegralNumber()
                || !value.canConvertToInt()
                || value.intValue() < least
                || value.intValue() > most) {
            throw fault("field '" + field + "' is " + value + "; allowed: " + least + " to " + most);
        }
        return value.intValue();
    }

    private JsonNode required(String field) {
        JsonNode value = fields.get(field);
        if (value == null) {
            throw fault("field '" + field + "' is missing");
        }
        return value;
    }

    private DataFormatException fault(String problem) {
        return new DataFormatException(file, line, problem);
    }
}
