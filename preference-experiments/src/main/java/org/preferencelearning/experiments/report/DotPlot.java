package org.preferencelearning.experiments.report;

import static org.preferencelearning.experiments.report.Markup.el;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.preferencelearning.experiments.report.Axis.Scale;

/**
 * A value for each of several things, below each other.
 *
 * @param name of its file of numbers
 * @param title what it is called
 * @param description what there is to see
 * @param label what the values are, with their unit
 * @param rows things, from top to bottom
 */
record DotPlot(String name, String title, String description, String label, List<Row> rows) implements Figure {
    private static final int WIDTH = 440;
    private static final int LEFT = 172;
    private static final int RIGHT = WIDTH - 58;
    private static final int TOP = 8;
    private static final int ROW = 24;
    private static final int BELOW = 44;
    private static final int TICKS = 4;
    private static final int LONGEST_NAME = 26;

    DotPlot {
        rows = ImmutableList.copyOf(rows);
    }

    /**
     * One thing.
     *
     * @param name what it is
     * @param value its value
     * @param halfWidth half the width of its interval, if it is known
     * @param count how many values it is the mean of
     * @param bound whether it is what others are held against
     */
    record Row(String name, double value, OptionalDouble halfWidth, int count, boolean bound) {}

    @Override
    public Markup drawing(String id) {
        double least = rows.stream().mapToDouble(Row::value).min().orElseThrow();
        double most = rows.stream().mapToDouble(Row::value).max().orElseThrow();
        double room = most > least ? most - least : 1;
        double low = rows.stream()
                .mapToDouble(row -> row.value - Math.min(room, row.halfWidth.orElse(0)))
                .min()
                .orElseThrow();
        double high = rows.stream()
                .mapToDouble(row -> row.value + Math.min(room, row.halfWidth.orElse(0)))
                .max()
                .orElseThrow();
        Axis axis = Axis.linear(label);
        Scale scale = axis.scale(low, high, LEFT, RIGHT);
        int bottom = TOP + ROW * rows.size();
        List<Markup> parts = new ArrayList<>();
        for (double tick : axis.ticks(scale, TICKS)) {
            parts.add(Svg.line("grid", scale.at(tick), TOP, scale.at(tick), bottom));
            parts.add(Svg.text("tick", scale.at(tick), bottom + 16, "middle", Numbers.tick(tick)));
        }
        parts.add(Svg.line("axis", LEFT, bottom, RIGHT, bottom));
        parts.add(Svg.text("label", (LEFT + RIGHT) / 2.0, bottom + BELOW - 10, "middle", label));
        for (int i = 0; i < rows.size(); i++) {
            parts.add(row(rows.get(i), scale, TOP + ROW * (i + 0.5)));
        }
        return Svg.drawing(id, WIDTH, bottom + BELOW, title, description, parts);
    }

    private static Markup row(Row row, Scale scale, double y) {
        List<Markup> parts = new ArrayList<>();
        String name = row.name.length() > LONGEST_NAME ? row.name.substring(0, LONGEST_NAME - 1) + "…" : row.name;
        parts.add(Svg.text("name", LEFT - 12, y + 4, "end", name));
        parts.add(Svg.line("grid", LEFT, y, RIGHT, y));
        double at = scale.at(row.value);
        if (row.halfWidth.orElse(0) > 0) {
            double half = row.halfWidth.getAsDouble();
            parts.add(Svg.line("bar", scale.within(row.value - half), y, scale.within(row.value + half), y));
        }
        parts.add(Svg.marker(row.bound ? 3 : 0, at, y));
        parts.add(Svg.text("value", RIGHT + 54, y + 4, "end", Numbers.text(row.value)));
        return el("g", parts).of(row.bound ? "bound" : "s0");
    }

    @Override
    public Table table() {
        List<List<Object>> table = new ArrayList<>();
        for (Row row : rows) {
            List<Object> values = new ArrayList<>();
            values.add(row.name);
            values.add(row.value);
            values.add(row.halfWidth.isPresent() ? row.halfWidth.getAsDouble() : null);
            values.add(row.count);
            table.add(values);
        }
        return new Table(List.of("of", label, "± half of the 95 % interval", "values"), table);
    }
}
