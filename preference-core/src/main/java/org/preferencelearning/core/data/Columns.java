package org.preferencelearning.core.data;

import com.google.common.collect.ImmutableSortedMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.preferencelearning.core.error.SettingException;

/**
 * Which columns of a file stand for fields of a format, where their names differ.
 *
 * @param byField name of a field to the name of its column
 */
public record Columns(SortedMap<String, String> byField) {
    private static final Columns NONE = new Columns(ImmutableSortedMap.of());
    private static final String SETTING = "columns";

    public Columns {
        byField = ImmutableSortedMap.copyOfSorted(byField);
        byField.forEach((field, column) -> SettingException.require(
                !field.isBlank() && !column.isBlank(), SETTING, field + "=" + column, "FIELD=COLUMN, neither empty"));
    }

    /** Fields and columns are named alike. */
    public static Columns none() {
        return NONE;
    }

    /** Of a map in any order. */
    public static Columns of(Map<String, String> byField) {
        return byField.isEmpty() ? NONE : new Columns(new TreeMap<>(byField));
    }

    /** The column that stands for a field. */
    public String of(String field) {
        return byField.getOrDefault(field, field);
    }
}
