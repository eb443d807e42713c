package org.preferencelearning.experiments.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import org.preferencelearning.experiments.report.Chart.Form;
import org.preferencelearning.experiments.report.Chart.Point;
import org.preferencelearning.experiments.report.Chart.Series;
import org.preferencelearning.experiments.result.CellResult;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.result.Summary;
import org.preferencelearning.experiments.run.TaskMetrics;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Measurements.Measurement;

/** Means over seeds, with Student's 95 % intervals, as points of charts. */
final class Curves {
    /** Kinds of tasks whose training comes before what is compared. */
    private static final Set<String> PREPARATIONS = Set.of("fine-tune", "train-reward");
    /** Points of a curve; more steps are averaged in groups. */
    private static final int POINTS = 20;

    private Curves() {}

    /** A point of the mean of values. */
    static Point point(double x, List<Double> values) {
        Summary summary =
                Summary.of(values.stream().mapToDouble(Double::doubleValue).toArray());
        return new Point(x, summary.mean(), summary.halfWidth(), summary.count());
    }

    /** Each group's metric by step. */
    static List<Series> bySteps(Map<CellId, List<CellResult>> groups, String metric) {
        List<Series> series = new ArrayList<>();
        groups.forEach((id, cells) -> {
            TreeMap<Long, List<Double>> steps = new TreeMap<>();
            for (CellResult cell : cells) {
                for (Measurement value : cell.measurements().values()) {
                    if (value.metric().equals(metric)) {
                        steps.computeIfAbsent(value.step(), step -> new ArrayList<>())
                                .add(value.value());
                    }
                }
            }
            List<Point> points = new ArrayList<>();
            steps.forEach((step, values) -> points.add(point(step, values)));
            if (!points.isEmpty()) {
                series.add(new Series(id.toString(), Form.LINE, points));
            }
        });
        return series;
    }

    /** Each group's metric by update, of what its own tasks recorded; iterations follow each other. */
    static List<Series> training(Map<CellId, List<CellResult>> groups, List<TaskMetrics> tasks, String... metrics) {
        List<Series> series = new ArrayList<>();
        groups.forEach((id, cells) -> {
            List<List<Double>> curves = new ArrayList<>();
            for (CellResult cell : cells) {
                List<Double> curve = new ArrayList<>();
                for (TaskMetrics task : tasks) {
                    if (!PREPARATIONS.contains(task.kind()) && task.cells().contains(cell.id())) {
                        task.steps().forEach(step -> first(step, metrics).ifPresent(curve::add));
                    }
                }
                if (!curve.isEmpty()) {
                    curves.add(curve);
                }
            }
            if (!curves.isEmpty()) {
                series.add(new Series(id.toString(), Form.CURVE, averaged(curves)));
            }
        });
        return series;
    }

    private static OptionalDouble first(TaskMetrics.Step step, String... metrics) {
        for (String metric : metrics) {
            Double value = step.metrics().get(metric);
            if (value != null) {
                return OptionalDouble.of(value);
            }
        }
        return OptionalDouble.empty();
    }

    /** Points at the middle of groups of equally many steps, over seeds; the last group may be smaller. */
    private static List<Point> averaged(List<List<Double>> curves) {
        int longest = curves.stream().mapToInt(List::size).max().orElseThrow();
        int wide = (longest + POINTS - 1) / POINTS;
        List<Point> points = new ArrayList<>();
        for (int start = 0; start < longest; start += wide) {
            int from = start;
            int to = Math.min(longest, start + wide);
            List<Double> means = curves.stream()
                    .filter(curve -> curve.size() >= to)
                    .map(curve -> curve.subList(from, to).stream()
                            .mapToDouble(Double::doubleValue)
                            .average()
                            .orElseThrow())
                    .toList();
            if (!means.isEmpty()) {
                points.add(point((from + 1 + to) / 2.0, means));
            }
        }
        return points;
    }

    /** The distribution of values as the outline of a histogram: density by value. */
    static Series histogram(String name, List<Double> values, double low, double high, int bins) {
        double width = (high - low) / bins;
        int[] counts = new int[bins];
        values.forEach(value -> counts[Math.min(bins - 1, Math.max(0, (int) ((value - low) / width)))]++);
        List<Point> points = new ArrayList<>(List.of(Point.of(low, 0)));
        for (int i = 0; i < bins; i++) {
            points.add(Point.of(low + i * width, counts[i] / (values.size() * width)));
        }
        points.add(Point.of(high, 0));
        return new Series(name, Form.STEPS, points);
    }

    /**
     * Half the 95 % interval of a metric's mean over cells that differ in seeds only, and over items where they were kept; empty
     * for one cell, and where some have not measured it.
     */
    static OptionalDouble halfWidth(StudyResult result, CellId at, String metric) {
        List<CellResult> cells = result.cells(at);
        boolean measured =
                cells.stream().allMatch(cell -> cell.measurements().last(metric).isPresent());
        return cells.size() < 2 || !measured
                ? OptionalDouble.empty()
                : result.interval(at, metric)
                        .map(interval -> OptionalDouble.of((interval.high() - interval.low()) / 2))
                        .orElse(OptionalDouble.empty());
    }
}
