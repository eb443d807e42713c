package org.preferencelearning.experiments.task;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Keys of tasks, each computed once. A task's canonical JSON has its components in the order of their names, without those
 * that are {@link NotInKey}, and in place of each task that it needs that task's key. Not thread-safe.
 */
public final class TaskKeys {
    private final Map<Task<?>, TaskKey> known = new IdentityHashMap<>();

    /** A task's key. */
    public TaskKey of(Task<?> task) {
        TaskKey key = known.get(task);
        if (key == null) {
            key = new TaskKey(
                    KindResolver.kind(task.getClass()), sha256(canonical(json(task, StudyMapper.canonical()))));
            known.put(task, key);
        }
        return key;
    }

    /** A task's JSON for people: its key, what it does, its settings with places, and the keys of the tasks it needs. */
    public byte[] describe(Task<?> task) {
        ObjectNode json = StudyMapper.pretty().createObjectNode();
        json.put("label", task.label());
        json.put("sha256", of(task).sha256());
        json.setAll(json(task, StudyMapper.pretty()));
        try {
            return StudyMapper.pretty().writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private ObjectNode json(Task<?> task, ObjectMapper mapper) {
        ObjectNode json = mapper.createObjectNode();
        boolean places = mapper != StudyMapper.canonical();
        json.put("kind", places ? KindResolver.kind(task.getClass()) : CodeResolver.kindWithCode(task.getClass()));
        new TreeMap<>(TaskInputs.components(task, places))
                .forEach((name, value) -> json.set(name, json(value, mapper)));
        return json;
    }

    private JsonNode json(Object value, ObjectMapper mapper) {
        if (value instanceof Task<?> input) {
            TaskKey key = of(input);
            return mapper.createObjectNode().put("task", key.kind()).put("sha256", key.sha256());
        }
        if (value instanceof Iterable<?> several) {
            ArrayNode array = mapper.createArrayNode();
            several.forEach(one -> array.add(json(one, mapper)));
            return array;
        }
        try {
            // through text, as trees keep the order of maps
            return mapper.readTree(mapper.writeValueAsString(value));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(value + " cannot be written as JSON", e);
        }
    }

    /** A value's JSON in one spelling: fields by name, without what is {@link NotInKey}. */
    public static String canonical(Object value) {
        try {
            return StudyMapper.canonical().writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(value.getClass().getName() + " cannot be written as JSON", e);
        }
    }

    /** SHA-256 of text, in hexadecimal. */
    public static String sha256(String text) {
        return Hashing.sha256().hashString(text, StandardCharsets.UTF_8).toString();
    }
}
