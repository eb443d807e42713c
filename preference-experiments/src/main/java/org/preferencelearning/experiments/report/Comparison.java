package org.preferencelearning.experiments.report;

import static org.preferencelearning.experiments.report.Markup.el;
import static org.preferencelearning.experiments.report.Markup.foreign;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.experiments.result.CellResult;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.StudyJson;
import org.preferencelearning.experiments.task.StudyMapper;

/** What differs between two runs: of the study, of what computed it, and of what was found. */
final class Comparison {
    private final Section one;
    private final Section other;
    private final Table settings;
    private final Table numbers;
    private final int same;

    Comparison(Section one, Section other) {
        this.one = one;
        this.other = other;
        settings = settings();
        List<List<Object>> rows = new ArrayList<>();
        same = numbers(rows);
        numbers = new Table(List.of("cell", "metric", "here", "there", "there less here"), rows);
    }

    /** The numbers that differ. */
    Table table() {
        return numbers;
    }

    String name() {
        return one.name();
    }

    private Table settings() {
        Map<String, String> here = facts(one);
        Map<String, String> there = facts(other);
        TreeSet<String> names = new TreeSet<>(here.keySet());
        names.addAll(there.keySet());
        List<List<Object>> rows = new ArrayList<>();
        for (String name : names) {
            String left = here.getOrDefault(name, "–");
            String right = there.getOrDefault(name, "–");
            if (!left.equals(right)) {
                rows.add(List.of(name, left, right));
            }
        }
        return new Table(List.of("setting or circumstance", "here", "there"), rows);
    }

    private static Map<String, String> facts(Section section) {
        Map<String, String> facts = new TreeMap<>();
        try {
            flatten("study", StudyMapper.pretty().readTree(StudyJson.write(section.study())), facts);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
        section.result().provenance().facts().forEach((name, value) -> facts.put("provenance." + name, value));
        return facts;
    }

    private static void flatten(String path, JsonNode node, Map<String, String> into) {
        if (node.isObject()) {
            node.properties().forEach(field -> flatten(path + "." + field.getKey(), field.getValue(), into));
        } else {
            into.put(path, node.isTextual() ? node.textValue() : node.toString());
        }
    }

    /** Rows for what differs; the number of those that do not. */
    private int numbers(List<List<Object>> rows) {
        Map<CellId, CellResult> there = new TreeMap<>(Comparator.comparing(CellId::toString));
        other.result().cells().forEach(cell -> there.put(cell.id(), cell));
        int equal = 0;
        for (CellResult cell : one.result().cells()) {
            CellResult match = there.remove(cell.id());
            TreeSet<String> metrics = new TreeSet<>();
            cell.measurements().values().forEach(value -> metrics.add(value.metric()));
            if (match != null) {
                match.measurements().values().forEach(value -> metrics.add(value.metric()));
            }
            for (String metric : metrics) {
                Double left = last(cell, metric);
                Double right = match == null ? null : last(match, metric);
                if (left != null && left.equals(right)) {
                    equal++;
                } else {
                    rows.add(row(cell.id(), metric, left, right));
                }
            }
        }
        there.values().forEach(cell -> cell.measurements().values().stream()
                .map(value -> value.metric())
                .distinct()
                .forEach(metric -> rows.add(row(cell.id(), metric, null, last(cell, metric)))));
        return equal;
    }

    private static @Nullable Double last(CellResult cell, String metric) {
        var value = cell.measurements().last(metric);
        return value.isPresent() ? value.getAsDouble() : null;
    }

    private static List<Object> row(CellId cell, String metric, @Nullable Double left, @Nullable Double right) {
        List<Object> row = new ArrayList<>();
        row.add(cell.toString());
        row.add(metric);
        row.add(left);
        row.add(right);
        row.add(left == null || right == null ? null : right - left);
        return row;
    }

    Markup markup() {
        List<Markup> parts = new ArrayList<>();
        parts.add(el("h3", foreign(one.study().name())));
        parts.add(el(
                "p",
                same + " numbers are the same, " + numbers.rows().size() + " differ or are in one run only; "
                        + settings.rows().size() + " settings or circumstances differ."));
        if (!settings.rows().isEmpty()) {
            parts.add(settings.markup("Settings and circumstances that differ"));
        }
        if (!numbers.rows().isEmpty()) {
            parts.add(numbers.markup("Numbers that differ, at the end of the work"));
        }
        return el("div", parts);
    }
}
