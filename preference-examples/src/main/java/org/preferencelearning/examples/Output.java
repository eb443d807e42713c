package org.preferencelearning.examples;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import java.io.PrintStream;
import java.util.Map;

/** Where a command's result goes. */
record Output(PrintStream stream) {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .addModule(new Jdk8Module())
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    /** A part of the result, for people. */
    void text(String text) {
        stream.println(text);
    }

    /** What must not be overlooked, on standard error. */
    void warning(String text) {
        System.err.println("preference: warning: " + text);
    }

    /**
     * The result.
     *
     * @param text for people
     * @param result the same for programs, as one JSON object on one line
     * @param json whether the latter is printed; it is checked in any case
     * @throws NonFiniteResultException before anything is printed, if a number of the result is not finite
     */
    void result(String text, Object result, boolean json) {
        String line = line(result);
        stream.println(text);
        if (json) {
            stream.println(line);
        }
    }

    /**
     * One JSON object on one line.
     *
     * @throws NonFiniteResultException if a number in it is not finite
     */
    void json(Object value) {
        stream.println(line(value));
    }

    /** As {@link #json}, for a file. */
    static String line(Object value) {
        JsonNode tree = MAPPER.valueToTree(value);
        requireFinite("", tree);
        try {
            // as maps, whose keys are sorted, so that equal results are equal lines
            return MAPPER.writeValueAsString(MAPPER.treeToValue(tree, Object.class));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void requireFinite(String name, JsonNode node) {
        if (node.isFloatingPointNumber() && !Double.isFinite(node.doubleValue())) {
            throw new NonFiniteResultException(name.substring(1), node.doubleValue());
        }
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            requireFinite(name + "." + i, node.get(i));
        }
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            requireFinite(name + "." + field.getKey(), field.getValue());
        }
    }
}
