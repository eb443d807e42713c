package org.preferencelearning.experiments.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonMappingException.Reference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.type.TypeFactory;
import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.error.PreferenceException;
import org.preferencelearning.core.internal.io.JsonProblems;

/** What is wrong with a study's JSON, in words of the file: the field, what it holds and what is allowed. */
final class StudyProblems {
    private static final Pattern MISSING = Pattern.compile("^Missing creator property '([^']*)'");
    private static final Pattern KNOWN = Pattern.compile("known type ids = (\\[.*?])");
    private static final Pattern OUR_KIND = Pattern.compile("kind '.*' is unknown; allowed: .*");

    private StudyProblems() {}

    /** A clause that names the field. */
    static String describe(JsonProcessingException failure, JsonNode study) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof PreferenceException typed) {
                return String.valueOf(typed.getMessage());
            }
        }
        return failure instanceof JsonMappingException mapping
                ? describe(mapping.getOriginalMessage(), mapping, study)
                : JsonProblems.describe(failure);
    }

    private static String describe(String message, JsonMappingException failure, JsonNode study) {
        List<Reference> path = failure.getPath();
        if (message.startsWith("Trailing token")) {
            return "there is more after the study's end";
        }
        Matcher missing = MISSING.matcher(message);
        if (missing.find()) {
            return missing(path.subList(0, Math.max(0, path.size() - 1)), missing.group(1), study);
        }
        if (failure instanceof UnrecognizedPropertyException unknown) {
            return "field '" + name(path) + "' is unknown; allowed: " + unknown.getKnownPropertyIds();
        }
        if (failure instanceof InvalidTypeIdException kind) {
            if (message.contains("missing type id")) {
                return missing(path, "kind", study);
            }
            Matcher ours = OUR_KIND.matcher(message);
            Matcher known = KNOWN.matcher(message);
            String problem = ours.find()
                    ? ours.group()
                    : "kind '" + kind.getTypeId() + "' is unknown"
                            + (known.find() ? "; allowed: " + known.group(1) : "");
            return (path.isEmpty() ? "" : "field '" + name(path) + "': ") + problem;
        }
        JsonNode value = at(path, study);
        if (failure.getCause() instanceof NullPointerException) {
            List<String> nulls = new ArrayList<>();
            nulls(name(path), value, nulls);
            if (!nulls.isEmpty()) {
                return "field '" + nulls.get(0)
                        + "' is null; allowed: a value, or no such field where it may be left out";
            }
        }
        Class<?> wanted = wanted(failure);
        return "field '" + name(path) + "' is " + (value.isMissingNode() ? "absent" : shortened(value.toString()))
                + (wanted == null ? "" : "; allowed: " + words(wanted));
    }

    private static @Nullable Class<?> wanted(JsonMappingException failure) {
        if (failure instanceof MismatchedInputException mismatched) {
            return mismatched.getTargetType();
        }
        return failure.getCause() instanceof InputCoercionException number ? number.getTargetType() : null;
    }

    /** Names of the values that are null. */
    private static void nulls(String name, JsonNode value, List<String> into) {
        if (value.isNull()) {
            into.add(name);
        }
        value.properties()
                .forEach(field -> nulls((name.isEmpty() ? "" : name + ".") + field.getKey(), field.getValue(), into));
        if (value.isArray()) {
            for (int i = 0; i < value.size(); i++) {
                nulls(name + "[" + i + "]", value.get(i), into);
            }
        }
    }

    private static String missing(List<Reference> parent, String field, JsonNode study) {
        List<String> there = ImmutableList.copyOf(at(parent, study).fieldNames());
        return "field '" + (parent.isEmpty() ? "" : name(parent) + ".") + field + "' is missing; there are: "
                + String.join(", ", there);
    }

    private static JsonNode at(List<Reference> path, JsonNode study) {
        JsonNode node = study;
        for (Reference part : path) {
            node = part.getFieldName() == null ? node.path(part.getIndex()) : node.path(part.getFieldName());
        }
        return node;
    }

    /** Such as {@code methods[1].beta}. */
    private static String name(List<Reference> path) {
        StringBuilder name = new StringBuilder();
        for (Reference part : path) {
            if (part.getFieldName() == null) {
                name.append('[').append(part.getIndex()).append(']');
            } else {
                name.append(name.isEmpty() ? "" : ".").append(part.getFieldName());
            }
        }
        return name.toString();
    }

    private static String shortened(String value) {
        int most = 60;
        return value.length() <= most ? value : value.substring(0, most) + "...";
    }

    private static String words(Class<?> wanted) {
        JavaType type = TypeFactory.defaultInstance().constructType(wanted);
        if (type.isEnumType()) {
            return "one of " + Arrays.toString(wanted.getEnumConstants());
        }
        if (wanted == int.class || wanted == long.class || wanted == Integer.class || wanted == Long.class) {
            return "a whole number of " + (wanted == int.class || wanted == Integer.class ? "32" : "64") + " bits";
        }
        if (wanted == double.class || wanted == Double.class) {
            return "a number";
        }
        if (wanted == boolean.class || wanted == Boolean.class) {
            return "true or false";
        }
        if (wanted == String.class) {
            return "a text";
        }
        return Collection.class.isAssignableFrom(wanted)
                ? "a list"
                : Map.class.isAssignableFrom(wanted) || wanted.isRecord() ? "an object" : "another kind of value";
    }
}
