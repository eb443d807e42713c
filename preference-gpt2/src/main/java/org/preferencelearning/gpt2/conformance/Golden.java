package org.preferencelearning.gpt2.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.internal.io.JsonFiles;

/**
 * A value in a file of recorded values. It knows its place there, and what is read as something else than it is throws a
 * {@link DataFormatException} that names the file, the field, its value and what is allowed.
 */
final class Golden {
    private final Path file;
    private final String path;
    private final JsonNode node;

    private Golden(Path file, String path, JsonNode node) {
        this.file = file;
        this.path = path;
        this.node = node;
    }

    static Golden read(Path file) {
        JsonNode root = JsonFiles.read(file);
        if (!root.isObject()) {
            throw new DataFormatException(file.toString(), 0, "not an object of recorded values");
        }
        return new Golden(file, "", root);
    }

    boolean has(String field) {
        return object().has(field);
    }

    Golden get(String field) {
        if (!has(field)) {
            throw new DataFormatException(file.toString(), 0, "field '" + name(field) + "' is missing");
        }
        return new Golden(file, name(field), node.get(field));
    }

    /** The fields of an object, in the file's order. */
    List<Map.Entry<String, Golden>> fields() {
        return object().properties().stream()
                .map(field -> Map.entry(field.getKey(), get(field.getKey())))
                .toList();
    }

    /** The entries of an array. */
    List<Golden> entries() {
        require(node.isArray(), "an array");
        return IntStream.range(0, node.size())
                .mapToObj(i -> new Golden(file, path + "[" + i + "]", node.get(i)))
                .toList();
    }

    boolean isArray() {
        return node.isArray();
    }

    boolean isText(String text) {
        return node.isTextual() && node.textValue().equals(text);
    }

    double number() {
        require(node.isNumber() && Double.isFinite(node.doubleValue()), "a finite number");
        return node.doubleValue();
    }

    double positive() {
        double number = number();
        require(number > 0, "a number above 0");
        return number;
    }

    /** A whole number from {@code least} to {@code most}. */
    int integer(int least, int most) {
        require(
                node.isIntegralNumber()
                        && node.canConvertToInt()
                        && node.intValue() >= least
                        && node.intValue() <= most,
                "a whole number from " + least + " to " + most);
        return node.intValue();
    }

    /** An array of numbers. */
    double[] numbers() {
        return entries().stream().mapToDouble(Golden::number).toArray();
    }

    /** One to {@code most} token ids below {@code vocabulary}. */
    int[] tokens(int vocabulary, int most) {
        List<Golden> entries = entries();
        require(!entries.isEmpty() && entries.size() <= most, "1 to " + most + " token ids");
        return entries.stream().mapToInt(id -> id.integer(0, vocabulary - 1)).toArray();
    }

    /** Throws unless {@code valid}. */
    void require(boolean valid, String allowed) {
        if (!valid) {
            String text = node.toString();
            throw new DataFormatException(
                    file.toString(),
                    0,
                    String.format(
                            "field '%s' is %s; allowed: %s",
                            path, text.length() > 60 ? text.substring(0, 60) + "..." : text, allowed));
        }
    }

    private JsonNode object() {
        require(node.isObject(), "an object");
        return node;
    }

    private String name(String field) {
        return path.isEmpty() ? field : path + "." + field;
    }
}
