package org.preferencelearning.experiments.online;

import java.util.List;
import java.util.stream.IntStream;
import org.preferencelearning.core.error.SettingException;

/**
 * Some of a study's prompts.
 *
 * @param from the first, counted from 0
 * @param to the one after the last
 */
record Prompts(int from, int to) {
    Prompts {
        SettingException.require(from >= 0 && from < to, "prompts", from + " to " + to, "at least one");
    }

    int count() {
        return to - from;
    }

    /** Each one's index among the study's prompts. */
    List<Integer> indices() {
        return IntStream.range(from, to).boxed().toList();
    }

    /** How many parts of {@code size} they make, the last one perhaps smaller. */
    int parts(int size) {
        return (count() + size - 1) / size;
    }

    /** What belongs to a part of them, of what is there for each of them. */
    <T> List<T> part(List<T> each, int part, int size) {
        return each.subList(part * size, Math.min(count(), (part + 1) * size));
    }

    List<int[]> of(List<int[]> all) {
        return all.subList(from, to);
    }
}
