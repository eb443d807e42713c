package org.preferencelearning.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.data.PreferenceFormat;
import org.preferencelearning.core.data.PreferencePair;
import org.preferencelearning.core.data.PreferenceReader;
import org.preferencelearning.core.error.DataFormatException;

/**
 * What every format of rows must satisfy: it reads what it says, and nothing in a row is silently missing, of another kind or
 * unused. Extend it, and return your format, a row in which every field is used, and the pair that the row means.
 */
public abstract class PreferenceFormatContract {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    Path folder;

    /** For subclasses. */
    protected PreferenceFormatContract() {}

    /** The format under test. */
    protected abstract PreferenceFormat format();

    /** A row as one JSON object: fields of texts and numbers, all of which the format uses. */
    protected abstract String row();

    /** What the row means. */
    protected abstract PreferencePair pair();

    /** Fields of the row that others may lack; none unless overridden. */
    protected Set<String> optionalFields() {
        return Set.of();
    }

    @Test
    @DisplayName("The row is the pair")
    void theRowIsThePair() {
        assertEquals(List.of(pair()), read(row()), "the pair of " + row());
    }

    @Test
    @DisplayName("A row does not depend on those before it")
    void aRowDoesNotDependOnThoseBeforeIt() {
        assertEquals(List.of(pair(), pair()), read(row(), row()), "the pairs of " + row() + ", twice");
    }

    @Test
    @DisplayName("A missing field is refused by its name")
    void aMissingFieldIsRefusedByItsName() {
        for (String field : fields()) {
            ObjectNode without = object();
            without.remove(field);
            if (optionalFields().contains(field)) {
                assertEquals(
                        1, read(without.toString()).size(), "pairs of a row without optional field '" + field + "'");
            } else {
                requireRefusal(field, without, "without field '" + field + "', which is not among optionalFields(),");
            }
        }
    }

    @Test
    @DisplayName("A field of another kind is refused by its name")
    void aFieldOfAnotherKindIsRefusedByItsName() {
        for (String field : fields()) {
            ObjectNode other = object();
            other.putObject(field).put("a", 1);
            requireRefusal(field, other, "with an object as field '" + field + "'");
            other = object();
            if (other.get(field).isTextual()) {
                other.put(field, 7.5);
            } else {
                other.put(field, "a text");
            }
            requireRefusal(field, other, "with " + other.get(field) + " as field '" + field + "'");
        }
    }

    @Test
    @DisplayName("Every field is used")
    void everyFieldIsUsed() {
        for (String field : fields()) {
            ObjectNode changed = object();
            JsonNode value = changed.get(field);
            if (value.isTextual()) {
                changed.put(field, value.textValue() + " indeed");
            } else if (value.isIntegralNumber()) {
                changed.put(field, 1 - value.longValue());
            } else {
                changed.put(field, value.doubleValue() + 0.5);
            }
            Optional<List<PreferencePair>> pairs = tryRead(changed.toString());
            assertTrue(
                    pairs.isEmpty() || !pairs.get().equals(List.of(pair())),
                    () -> "with " + changed.get(field) + " in place of " + value + " as field '" + field
                            + "', the pair is the same: it is not used");
        }
    }

    private void requireRefusal(String field, ObjectNode row, String what) {
        DataFormatException refusal = assertThrows(
                DataFormatException.class, () -> read(row.toString()), "a row " + what + " is to be refused: " + row);
        assertTrue(
                String.valueOf(refusal.getMessage()).contains("'" + field + "'"),
                "a row " + what + " is refused without naming the field: " + refusal.getMessage());
    }

    private List<String> fields() {
        List<String> fields = new ArrayList<>();
        object().fieldNames().forEachRemaining(fields::add);
        return fields;
    }

    private ObjectNode object() {
        try {
            return (ObjectNode) MAPPER.readTree(row());
        } catch (JsonProcessingException | ClassCastException e) {
            return fail("row() is to be a JSON object: " + row(), e);
        }
    }

    private Optional<List<PreferencePair>> tryRead(String row) {
        try {
            return Optional.of(read(row));
        } catch (DataFormatException e) {
            return Optional.empty();
        }
    }

    private List<PreferencePair> read(String... rows) {
        Path file = folder.resolve("rows.jsonl");
        try {
            Files.write(file, List.of(rows));
        } catch (IOException e) {
            return fail(e);
        }
        return PreferenceReader.read(file, format()).dataset().pairs();
    }
}
