package org.preferencelearning.core.internal.io;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.preferencelearning.core.error.DataFormatException;

/**
 * The fields of a file that holds one JSON object, with typed access. None goes unread: what was neither asked for nor said
 * not to matter is refused by {@link #refuseOthers}. A field that is null counts as missing, unless it is taken as it is.
 * Every error names the file, the field, its value and what is allowed.
 */
public final class JsonFields {
    private final Path file;
    private final JsonNode object;
    private final Set<String> known = new HashSet<>();

    private JsonFields(Path file, JsonNode object) {
        this.file = file;
        this.object = object;
    }

    /**
     * Reads a file.
     *
     * @throws DataFormatException as {@link JsonFiles#read}, and if the file holds something else than an object
     */
    public static JsonFields read(Path file) {
        JsonNode json = JsonFiles.read(file);
        if (!json.isObject()) {
            throw new DataFormatException(
                    file.toString(), 0, "holds " + json.getNodeType() + "; allowed: one JSON object");
        }
        return new JsonFields(file, json);
    }

    /** A field as it is: a missing node where there is none. */
    public JsonNode value(String field) {
        known.add(field);
        return object.path(field);
    }

    /** Whether there is such a field; null counts. */
    public boolean has(String field) {
        return object.has(field);
    }

    /** Whether a field is missing or null. */
    public boolean isUnset(String field) {
        JsonNode value = value(field);
        return value.isMissingNode() || value.isNull();
    }

    /** A whole number. */
    public int integer(String field) {
        JsonNode value = value(field);
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw fault(field, "a whole number of at most " + Integer.MAX_VALUE);
        }
        return value.intValue();
    }

    /** A whole number, or another where it is missing. */
    public int integer(String field, int missing) {
        return isUnset(field) ? missing : integer(field);
    }

    /** A finite number. */
    public double number(String field) {
        JsonNode value = value(field);
        if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
            throw fault(field, "a finite number");
        }
        return value.doubleValue();
    }

    /** A finite number, or another where it is missing. */
    public double number(String field, double missing) {
        return isUnset(field) ? missing : number(field);
    }

    /** True or false, or {@code missing}. */
    public boolean flag(String field, boolean missing) {
        if (isUnset(field)) {
            return missing;
        }
        if (!value(field).isBoolean()) {
            throw fault(field, "true or false");
        }
        return value(field).booleanValue();
    }

    /** A text, or another where it is missing. */
    public String text(String field, String missing) {
        if (isUnset(field)) {
            return missing;
        }
        if (!value(field).isTextual()) {
            throw fault(field, "a text");
        }
        return value(field).textValue();
    }

    /** Throws unless a text is the one that is allowed, or missing. */
    public void expectText(String field, String allowed) {
        if (!text(field, allowed).equals(allowed)) {
            throw fault(field, "\"" + allowed + "\"");
        }
    }

    /** Throws unless a number is the one that is allowed, or missing. */
    public void expectNumber(String field, double allowed) {
        if (number(field, allowed) != allowed) {
            throw fault(field, String.valueOf(allowed));
        }
    }

    /** Throws unless each field is missing, null, false or empty. */
    public void expectOff(Collection<String> fields) {
        for (String field : fields) {
            if (!isOff(value(field))) {
                throw fault(field, "null, false or empty");
            }
        }
    }

    /** Says of fields that they cannot matter. */
    public void ignore(Collection<String> fields) {
        known.addAll(fields);
    }

    /** Throws if there is a field, other than null, false or empty, that was not asked for and can matter. */
    public void refuseOthers() {
        object.properties().stream()
                .filter(field -> !known.contains(field.getKey()) && !isOff(field.getValue()))
                .findFirst()
                .ifPresent(field -> {
                    throw fault(
                            field.getKey(),
                            "fields whose meaning this library knows; without the field the file is read as if it were"
                                    + " not set");
                });
    }

    private static boolean isOff(JsonNode value) {
        return value.isMissingNode()
                || value.isNull()
                || value.isBoolean() && !value.booleanValue()
                || value.isContainerNode() && value.isEmpty();
    }

    /** The error that a field is not what is allowed. */
    public DataFormatException fault(String field, String allowed) {
        JsonNode value = object.path(field);
        return fault(
                "field '" + field + "' is " + (value.isMissingNode() ? "missing" : value) + "; allowed: " + allowed);
    }

    /** An error of the file as a whole. */
    public DataFormatException fault(String problem) {
        return new DataFormatException(file.toString(), 0, problem);
    }
}
