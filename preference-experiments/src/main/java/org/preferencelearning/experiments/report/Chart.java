package org.preferencelearning.experiments.report;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * Series over two numeric axes.
 *
 * @param name of its file of numbers
 * @param title what it is called
 * @param description what there is to see
 * @param x horizontal axis
 * @param y vertical axis
 * @param series what is shown, in the order of their styles
 * @param guides what it is held against: drawn thin, without markers
 */
record Chart(String name, String title, String description, Axis x, Axis y, List<Series> series, List<Series> guides)
        implements Figure {
    Chart {
        series = ImmutableList.copyOf(series);
        guides = ImmutableList.copyOf(guides);
        if (points(series, guides).findAny().isEmpty()) {
            throw new IllegalArgumentException(title + ": no point");
        }
        points(series, guides).forEach(point -> {
            boolean fits = Double.isFinite(point.x)
                    && Double.isFinite(point.y)
                    && (!x.log() || point.x > 0)
                    && (!y.log() || point.y > 0);
            if (!fits) {
                throw new IllegalArgumentException(title + ": " + point + " has no place");
            }
        });
    }

    /** How points are joined. */
    enum Form {
        /** A marker each, and a line. */
        LINE,
        /** A line only. */
        CURVE,
        /** A marker each. */
        DOTS,
        /** Level to the next point's x. */
        STEPS
    }

    /**
     * Points of one thing.
     *
     * @param name what it is
     * @param form how its points are joined
     * @param points in the order of the line
     */
    record Series(String name, Form form, List<Point> points) {
        Series {
            points = ImmutableList.copyOf(points);
        }
    }

    /**
     * One point.
     *
     * @param halfWidth half the height of its interval, if it is known
     * @param count how many values its height is the mean of
     */
    record Point(double x, double y, OptionalDouble halfWidth, int count) {
        static Point of(double x, double y) {
            return new Point(x, y, OptionalDouble.empty(), 1);
        }

        double low() {
            return y - halfWidth.orElse(0);
        }

        double high() {
            return y + halfWidth.orElse(0);
        }
    }

    static Stream<Point> points(List<Series> series, List<Series> guides) {
        return Stream.concat(series.stream(), guides.stream()).flatMap(one -> one.points.stream());
    }

    @Override
    public Markup drawing(String id) {
        return new ChartDrawing(this, id).markup();
    }

    @Override
    public Table table() {
        List<List<Object>> rows = new ArrayList<>();
        for (Series one : Stream.concat(series.stream(), guides.stream()).toList()) {
            for (Point point : one.points) {
                Object half = point.halfWidth.isPresent() ? point.halfWidth.getAsDouble() : null;
                List<Object> row = new ArrayList<>();
                row.add(one.name);
                row.add(point.x);
                row.add(point.y);
                row.add(half);
                row.add(point.count);
                rows.add(row);
            }
        }
        return new Table(List.of("series", x.label(), y.label(), "± half of the 95 % interval", "values"), rows);
    }
}
