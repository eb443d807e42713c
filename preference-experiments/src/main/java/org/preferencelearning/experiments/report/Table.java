package org.preferencelearning.experiments.report;

import static org.preferencelearning.experiments.report.Markup.el;
import static org.preferencelearning.experiments.report.Markup.foreign;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Numbers and texts in rows.
 *
 * @param columns names, units included
 * @param rows as many values each: numbers, texts, or null where there is none
 */
record Table(List<String> columns, List<List<Object>> rows) {
    /** Most rows that a page shows; files hold all. */
    private static final int SHOWN = 400;

    Table {
        columns = ImmutableList.copyOf(columns);
        List<List<Object>> copies = new ArrayList<>();
        for (List<Object> row : rows) {
            if (row.size() != columns.size()) {
                throw new IllegalArgumentException(row + " has not the columns " + columns);
            }
            copies.add(Collections.unmodifiableList(new ArrayList<>(row)));
        }
        rows = List.copyOf(copies);
    }

    /** For the page; on a narrow screen it scrolls by itself. */
    Markup markup(String caption) {
        List<Markup> body = new ArrayList<>();
        for (List<Object> row : rows.subList(0, Math.min(SHOWN, rows.size()))) {
            body.add(el("tr", row.stream().map(Table::cell).toList()));
        }
        String left =
                rows.size() > SHOWN ? caption + " (the first " + SHOWN + " of " + rows.size() + " rows)" : caption;
        Markup table = el(
                "table",
                el("caption", left),
                el(
                        "thead",
                        el(
                                "tr",
                                columns.stream()
                                        .map(column -> el("th", foreign(column)).with("scope", "col"))
                                        .toList())),
                el("tbody", body));
        return el("div", table)
                .of("scroll")
                .with("role", "region")
                .with("tabindex", 0)
                .with("aria-label", Shown.text(caption));
    }

    private static Markup cell(Object value) {
        if (value == null) {
            return el("td", "–").of("number");
        }
        return value instanceof Number number
                ? el("td", Numbers.text(number.doubleValue())).of("number")
                : el("td", foreign(value.toString()));
    }

    /** RFC 4180: a head, a line each, numbers in full, fields quoted where they must be. */
    String csv() {
        StringBuilder text = new StringBuilder();
        line(text, columns);
        rows.forEach(row -> line(text, row));
        return text.toString();
    }

    private static void line(StringBuilder text, List<?> values) {
        text.append(values.stream().map(Table::field).collect(Collectors.joining(",")))
                .append("\r\n");
    }

    private static String field(Object value) {
        String text = value == null ? "" : value.toString();
        boolean quoted = text.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return quoted ? '"' + text.replace("\"", "\"\"") + '"' : text;
    }
}
