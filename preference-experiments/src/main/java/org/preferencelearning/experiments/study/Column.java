package org.preferencelearning.experiments.study;

import static java.util.Objects.requireNonNull;

/**
 * A column of a file that stands for a field of a format.
 *
 * @param field the format's name, as {@code prompt}
 * @param name the file's
 */
public record Column(String field, String name) {
    public Column {
        requireNonNull(field, "field");
        requireNonNull(name, "name");
    }
}
