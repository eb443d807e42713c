package org.preferencelearning.experiments.report;

import static org.preferencelearning.experiments.report.Markup.el;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.preferencelearning.experiments.report.Axis.Scale;
import org.preferencelearning.experiments.report.Chart.Form;
import org.preferencelearning.experiments.report.Chart.Point;
import org.preferencelearning.experiments.report.Chart.Series;

/** Draws a {@link Chart}. */
final class ChartDrawing {
    private static final int WIDTH = 440;
    private static final int HEIGHT = 290;
    private static final int LEFT = 54;
    private static final int RIGHT = WIDTH - 10;
    private static final int TOP = 26;
    private static final int BOTTOM = HEIGHT - 42;
    private static final int TICKS = 6;
    /** Points that are marked one by one; a longer line has a band in place of bars. */
    private static final int FEW = 12;
    /** How far intervals may widen the range, as a share of that of what they belong to: over two seeds they are very wide. */
    private static final double ROOM = 0.6;
    /** Between series that have intervals at the same x. */
    private static final double ASIDE = 5;

    private final Chart chart;
    private final String id;
    private final Scale x;
    private final Scale y;

    ChartDrawing(Chart chart, String id) {
        this.chart = chart;
        this.id = id;
        List<Point> points = Chart.points(chart.series(), chart.guides()).toList();
        double left = points.stream().mapToDouble(Point::x).min().orElseThrow();
        double right = points.stream().mapToDouble(Point::x).max().orElseThrow();
        double least = points.stream().mapToDouble(Point::y).min().orElseThrow();
        double most = points.stream().mapToDouble(Point::y).max().orElseThrow();
        x = chart.x().scale(left, right, LEFT, RIGHT);
        y = chart.y().scale(low(points, least, most), high(points, least, most), BOTTOM, TOP);
    }

    private double low(List<Point> points, double least, double most) {
        double low = points.stream().mapToDouble(Point::low).min().orElseThrow();
        if (chart.y().log()) {
            return Math.max(low, least / Math.max(2, most / least));
        }
        return Math.max(low, least - room(points, least, most));
    }

    private double high(List<Point> points, double least, double most) {
        double high = points.stream().mapToDouble(Point::high).max().orElseThrow();
        if (chart.y().log()) {
            return Math.min(high, most * Math.max(2, most / least));
        }
        return Math.min(high, most + room(points, least, most));
    }

    private static double room(List<Point> points, double least, double most) {
        double widest = points.stream()
                .mapToDouble(point -> point.halfWidth().orElse(0))
                .max()
                .orElse(0);
        return most > least ? ROOM * (most - least) : widest;
    }

    Markup markup() {
        List<Markup> parts = new ArrayList<>();
        axes(parts);
        for (Series guide : chart.guides()) {
            parts.add(el("g", guide(guide)).of("guide g" + chart.guides().indexOf(guide) % 3));
        }
        for (int i = 0; i < chart.series().size(); i++) {
            parts.add(el("g", series(chart.series().get(i), i)).of("s" + i % Svg.STYLES));
        }
        Markup drawing = Svg.drawing(id, WIDTH, HEIGHT, chart.title(), chart.description(), parts);
        List<Markup> all = new ArrayList<>(List.of(drawing, legend()));
        if (cut()) {
            all.add(el("p", "Intervals that leave the chart are cut at its edge; the numbers below are whole.")
                    .of("note"));
        }
        return el("div", all);
    }

    private boolean cut() {
        return chart.series().stream()
                .flatMap(series -> series.points().stream())
                .anyMatch(point -> point.high() > y.high() || point.low() < y.low());
    }

    private void axes(List<Markup> parts) {
        List<Double> sizes = Chart.points(chart.series(), List.of())
                .map(Point::x)
                .distinct()
                .sorted()
                .toList();
        // on a logarithmic axis of few values, these themselves
        List<Double> across =
                chart.x().log() && sizes.size() <= TICKS ? sizes : chart.x().ticks(x, TICKS);
        for (double tick : across) {
            double at = x.at(tick);
            parts.add(Svg.line("grid", at, TOP, at, BOTTOM));
            parts.add(Svg.text("tick", at, BOTTOM + 16, "middle", Numbers.tick(tick)));
        }
        for (double tick : chart.y().ticks(y, TICKS)) {
            double at = y.at(tick);
            parts.add(Svg.line("grid", LEFT, at, RIGHT, at));
            parts.add(Svg.text("tick", LEFT - 6, at + 4, "end", Numbers.tick(tick)));
        }
        parts.add(Svg.line("axis", LEFT, BOTTOM, RIGHT, BOTTOM));
        parts.add(Svg.line("axis", LEFT, TOP, LEFT, BOTTOM));
        parts.add(Svg.text(
                "label", (LEFT + RIGHT) / 2.0, HEIGHT - 8, "middle", chart.x().label()));
        parts.add(Svg.text("label", 4, 14, "start", chart.y().label()));
    }

    /** Whether each point is marked. */
    private static boolean marked(Series series) {
        return series.form() == Form.DOTS
                || series.form() == Form.LINE && series.points().size() <= FEW;
    }

    /** Whether series lie above each other, as their x are chosen and not measured. */
    private boolean sameX() {
        long values =
                Chart.points(chart.series(), List.of()).map(Point::x).distinct().count();
        return chart.series().stream().allMatch(series -> series.points().size() == values);
    }

    private List<Markup> guide(Series guide) {
        return List.of(Svg.path("join", joined(guide, 0)));
    }

    private List<Markup> series(Series series, int number) {
        List<Markup> parts = new ArrayList<>();
        boolean few = marked(series);
        boolean intervals =
                series.points().stream().anyMatch(point -> point.halfWidth().isPresent());
        double aside = few && intervals && sameX() ? (number - (chart.series().size() - 1) / 2.0) * ASIDE : 0;
        if (intervals && !few) {
            parts.add(Svg.path("band", band(series)));
        }
        if (series.form() != Form.DOTS) {
            parts.add(Svg.path("join", joined(series, aside)));
        }
        for (Point point : few ? series.points() : List.<Point>of()) {
            double at = x.at(point.x()) + aside;
            if (point.halfWidth().isPresent()) {
                double low = height(point.low());
                double high = height(point.high());
                parts.add(Svg.path(
                        "bar",
                        "M" + Svg.at(at) + " " + Svg.at(low) + "V" + Svg.at(high) + "M" + Svg.at(at - 3) + " "
                                + Svg.at(low) + "h6M" + Svg.at(at - 3) + " " + Svg.at(high) + "h6"));
            }
            parts.add(Svg.marker(number, at, height(point.y())));
        }
        return parts;
    }

    /** Where a height is drawn: within the axes. */
    private double height(double value) {
        return y.within(value);
    }

    private String joined(Series series, double aside) {
        StringBuilder path = new StringBuilder();
        boolean steps = series.form() == Form.STEPS;
        for (Point point : series.points()) {
            String across = Svg.at(x.at(point.x()) + aside);
            if (path.isEmpty()) {
                path.append('M').append(across).append(' ');
            } else {
                path.append(steps ? "H" : "L").append(across).append(steps ? "V" : " ");
            }
            path.append(Svg.at(height(point.y())));
        }
        return path.toString();
    }

    private String band(Series series) {
        StringBuilder path = new StringBuilder("M");
        List<Point> points = series.points();
        List<String> corners = Stream.concat(
                        points.stream().map(point -> Svg.at(x.at(point.x())) + " " + Svg.at(height(point.high()))),
                        Stream.iterate(points.size() - 1, i -> i >= 0, i -> i - 1)
                                .map(points::get)
                                .map(point -> Svg.at(x.at(point.x())) + " " + Svg.at(height(point.low()))))
                .toList();
        return path.append(String.join("L", corners)).append('Z').toString();
    }

    private Markup legend() {
        List<Markup> entries = new ArrayList<>();
        for (int i = 0; i < chart.series().size(); i++) {
            Series series = chart.series().get(i);
            entries.add(Svg.legendEntry(
                    "s" + i % Svg.STYLES, series.form() != Form.DOTS, marked(series) ? i : -1, series.name()));
        }
        for (int i = 0; i < chart.guides().size(); i++) {
            entries.add(Svg.legendEntry(
                    "guide g" + i % 3, true, -1, chart.guides().get(i).name()));
        }
        return el("ul", entries).of("legend");
    }
}
