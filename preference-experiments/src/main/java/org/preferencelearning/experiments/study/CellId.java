package org.preferencelearning.experiments.study;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.google.common.collect.ImmutableMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Where a cell stands: values of coordinates such as {@link #METHOD}, {@link #CONDITION}, {@link #SIZE} and {@link #SEED}. As
 * a selection it names the cells that have these values.
 */
public record CellId(Map<String, String> coordinates) {
    /** Name of the coordinate that tells methods apart. */
    public static final String METHOD = "method";
    /** Name of the coordinate that says what is mis-specified. */
    public static final String CONDITION = "condition";
    /** Name of the coordinate that counts training pairs. */
    public static final String SIZE = "size";
    /** Name of the coordinate over which measurements are repeated. */
    public static final String SEED = "seed";
    /** Name of the coordinate of cells that describe the study's data and models rather than a method. */
    public static final String ABOUT = "about";

    public CellId {
        coordinates = ImmutableMap.copyOf(coordinates);
    }

    @JsonCreator
    static CellId read(Map<String, String> coordinates) {
        return new CellId(coordinates);
    }

    @JsonValue
    Map<String, String> json() {
        return coordinates;
    }

    /** One coordinate; {@link #and} adds more. */
    public static CellId of(String coordinate, Object value) {
        return new CellId(Map.of(coordinate, value.toString()));
    }

    /** The cells of a method. */
    public static CellId method(String label) {
        return of(METHOD, label);
    }

    /** The same with one coordinate more. */
    public CellId and(String coordinate, Object value) {
        return new CellId(ImmutableMap.<String, String>builder()
                .putAll(coordinates)
                .put(coordinate, value.toString())
                .buildOrThrow());
    }

    /** The value of a coordinate, if the cell has it. */
    public Optional<String> get(String coordinate) {
        return Optional.ofNullable(coordinates.get(coordinate));
    }

    /** Whether this cell has all values of {@code selection}. */
    public boolean matches(CellId selection) {
        return selection.coordinates.entrySet().stream()
                .allMatch(wanted -> wanted.getValue().equals(coordinates.get(wanted.getKey())));
    }

    /** What is left without one coordinate. */
    public CellId without(String coordinate) {
        return new CellId(coordinates.entrySet().stream()
                .filter(entry -> !entry.getKey().equals(coordinate))
                .collect(ImmutableMap.toImmutableMap(Map.Entry::getKey, Map.Entry::getValue)));
    }

    /** What is left without the coordinates that {@code selection} fixes. */
    public CellId without(CellId selection) {
        return new CellId(coordinates.entrySet().stream()
                .filter(entry -> !selection.coordinates.containsKey(entry.getKey()))
                .collect(ImmutableMap.toImmutableMap(Map.Entry::getKey, Map.Entry::getValue)));
    }

    /** The values with their names, but for the method's. */
    @Override
    public String toString() {
        return coordinates.entrySet().stream()
                .map(entry -> switch (entry.getKey()) {
                    case METHOD, CONDITION, ABOUT -> entry.getValue();
                    default -> entry.getKey() + " " + entry.getValue();
                })
                .collect(Collectors.joining(", "));
    }
}
