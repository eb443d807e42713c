package org.preferencelearning.experiments.report;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.preferencelearning.experiments.datasize.DataSizeStudy;
import org.preferencelearning.experiments.exact.ExactMethod;
import org.preferencelearning.experiments.exact.ExactStudy;
import org.preferencelearning.experiments.exact.WinnerMap;
import org.preferencelearning.experiments.exact.WinnerMapStudy;
import org.preferencelearning.experiments.internal.tasks.DescribeData;
import org.preferencelearning.experiments.online.Condition;
import org.preferencelearning.experiments.online.OnlineMetrics;
import org.preferencelearning.experiments.online.OnlineStudy;
import org.preferencelearning.experiments.report.Chart.Form;
import org.preferencelearning.experiments.report.Chart.Point;
import org.preferencelearning.experiments.report.Chart.Series;
import org.preferencelearning.experiments.result.CellResult;
import org.preferencelearning.experiments.result.Slope;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.result.Summary;
import org.preferencelearning.experiments.run.TaskMetrics;
import org.preferencelearning.experiments.sparse.SampleComplexityStudy;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Measurements.Measurement;

/** Which figures a study has. */
final class Figures {
    private static final String OVER_SEEDS = "Mean over seeds with Student's 95 % interval.";
    private static final String OVER_ALL = "Mean over seeds with its 95 % interval, over seeds and held-out items.";
    private static final int BINS = 30;
    private static final double CHANCE = 0.5;

    private final StudyResult result;
    private final List<TaskMetrics> tasks;
    private final List<Figure> figures = new ArrayList<>();

    private Figures(StudyResult result, List<TaskMetrics> tasks) {
        this.result = result;
        this.tasks = tasks;
    }

    /** The figures of a result, with what its tasks recorded if that is kept. */
    static List<Figure> of(StudyResult result, List<TaskMetrics> tasks) {
        Figures all = new Figures(result, tasks);
        if (result.study() instanceof DataSizeStudy study) {
            all.dataSize(study);
        } else if (result.study() instanceof OnlineStudy study) {
            all.online(study);
        } else if (result.study() instanceof SampleComplexityStudy study) {
            all.sampleComplexity(study);
        } else if (result.study() instanceof WinnerMapStudy study) {
            all.winnerMap(study);
        } else if (result.study() instanceof ExactStudy) {
            all.values(ExactStudy.VALUE);
        } else {
            result.study().metrics().forEach(all::values);
        }
        return all.figures;
    }

    private void dataSize(DataSizeStudy study) {
        List<String> methods = requireNonNull(study.coordinates().get(CellId.METHOD), CellId.METHOD);
        for (String metric : study.metrics()) {
            boolean accuracy = metric.equals("accuracy");
            List<Series> guides = new ArrayList<>();
            if (accuracy) {
                ceiling().ifPresent(ceiling -> guides.add(level("ceiling of the labels", study, ceiling)));
                guides.add(level("chance", study, CHANCE));
            }
            figures.add(new Chart(
                    metric + "-by-size",
                    (accuracy ? "Accuracy" : "Loss") + " on held-out pairs, by training pairs",
                    OVER_ALL
                            + (accuracy
                                    ? " The ceiling is the accuracy that the truth itself is expected to have on noisy"
                                            + " labels, where the truth is known."
                                    : " Each method's own loss: not to be compared between methods."),
                    Axis.log("training pairs"),
                    accuracy ? Axis.share("accuracy") : Axis.amount("loss (nats a pair)"),
                    bySize(methods, metric),
                    guides));
        }
        Map<CellId, List<CellResult>> largest =
                at(CellId.SIZE, last(requireNonNull(study.coordinates().get(CellId.SIZE), CellId.SIZE)));
        steps(
                "evaluated_accuracy",
                "Accuracy on held-out pairs while learning",
                "updates",
                Axis.share("accuracy"),
                "",
                largest);
        training(
                largest,
                "accuracy-by-update",
                "Accuracy on the pairs of each update",
                Axis.share("accuracy"),
                "rewards/accuracies",
                "accuracy");
        training(largest, "loss-by-update", "Loss while learning", Axis.amount("loss (nats a pair)"), "loss");
        items(largest, "margin", "Margins of held-out pairs", "margin: reward of chosen less rejected", 0.0);
    }

    private Series level(String name, DataSizeStudy study, double height) {
        return new Series(
                name,
                Form.CURVE,
                study.sizes().stream()
                        .sorted()
                        .map(size -> Point.of(size, height))
                        .toList());
    }

    private OptionalDouble ceiling() {
        return result.cells().stream()
                .filter(cell -> cell.id().get(CellId.ABOUT).isPresent())
                .map(cell -> cell.measurements().last(DescribeData.CEILING))
                .filter(OptionalDouble::isPresent)
                .findFirst()
                .orElse(OptionalDouble.empty());
    }

    /** A method's metric by number of pairs, in the order of these. */
    private List<Series> bySize(List<String> methods, String metric) {
        List<Series> series = new ArrayList<>();
        for (String method : methods) {
            List<Point> points = new ArrayList<>();
            for (String size : requireNonNull(result.study().coordinates().get(CellId.SIZE), CellId.SIZE)) {
                CellId at = CellId.method(method).and(CellId.SIZE, size);
                Summary summary = result.summary(at, metric);
                OptionalDouble half = Curves.halfWidth(result, at, metric);
                points.add(new Point(Double.parseDouble(size), summary.mean(), half, summary.count()));
            }
            points.sort(Comparator.comparingDouble(Point::x));
            series.add(new Series(method, Form.LINE, points));
        }
        return series;
    }

    private void online(OnlineStudy study) {
        for (Condition condition : study.conditions()) {
            Map<CellId, List<CellResult>> cells = at(CellId.CONDITION, condition.label());
            String under = ", " + misspecified(condition) + " mis-specified";
            frontier(condition.label(), under, cells);
            steps(
                    OnlineMetrics.REWARD,
                    "Reward by iteration" + under,
                    "iterations",
                    Axis.linear("mean oracle reward"),
                    condition.label(),
                    cells);
            training(
                    cells,
                    "loss-by-update-" + condition.label(),
                    "Loss while learning" + under,
                    Axis.amount("loss (nats a pair)"),
                    "loss");
            items(
                    cells,
                    OnlineMetrics.OWN_REWARD,
                    "Rewards of held-out prompts" + under,
                    "oracle reward of a response (temperature 1)",
                    condition.label(),
                    Double.NaN);
        }
    }

    private static String misspecified(Condition condition) {
        return switch (condition) {
            case NONE -> "nothing";
            case POLICY -> "policy";
            case REWARD -> "reward";
            case BOTH -> "policy and reward";
        };
    }

    private void frontier(String name, String under, Map<CellId, List<CellResult>> cells) {
        List<Series> series = new ArrayList<>();
        cells.forEach((id, group) -> {
            Map<Long, List<Double>> kl = byStep(group, OnlineMetrics.KL);
            Map<Long, List<Double>> reward = byStep(group, OnlineMetrics.OWN_REWARD);
            List<Point> points = new ArrayList<>();
            reference().ifPresent(points::add);
            kl.forEach((step, values) -> points.add(Curves.point(
                    values.stream().mapToDouble(Double::doubleValue).average().orElseThrow(),
                    requireNonNull(reward.get(step), OnlineMetrics.OWN_REWARD))));
            series.add(new Series(id.toString(), Form.LINE, points));
        });
        List<Series> bounds = new ArrayList<>(series);
        for (CellResult cell : result.cells()) {
            String about = cell.id().get(CellId.ABOUT).orElse("");
            OptionalDouble kl = cell.measurements().last(OnlineMetrics.EXACT_KL);
            OptionalDouble reward = cell.measurements().last(OnlineMetrics.OWN_REWARD);
            if (about.startsWith("optimum") && kl.isPresent() && reward.isPresent()) {
                bounds.add(new Series(about, Form.DOTS, List.of(Point.of(kl.getAsDouble(), reward.getAsDouble()))));
            }
        }
        figures.add(new Chart(
                "frontier-" + name,
                "Reward against divergence" + under,
                "Each line starts at the fine-tuned policy and has a point after each iteration. " + OVER_SEEDS
                        + " Of two policies of equal reward the one further left is better.",
                Axis.linear("KL divergence from the fine-tuned policy (nats a response)"),
                Axis.linear("mean oracle reward (temperature 1)"),
                bounds,
                List.of()));
    }

    private Optional<Point> reference() {
        return result.cells().stream()
                .filter(cell -> cell.id().equals(CellId.of(CellId.ABOUT, "fine-tuned policy")))
                .filter(cell ->
                        cell.measurements().last(OnlineMetrics.OWN_REWARD).isPresent())
                .map(cell -> Point.of(
                        cell.measurements().last(OnlineMetrics.KL).orElse(0),
                        cell.measurements().last(OnlineMetrics.OWN_REWARD).getAsDouble()))
                .findFirst();
    }

    private static Map<Long, List<Double>> byStep(List<CellResult> cells, String metric) {
        return cells.stream()
                .flatMap(cell -> cell.measurements().values().stream())
                .filter(value -> value.metric().equals(metric))
                .collect(Collectors.groupingBy(
                        Measurement::step, TreeMap::new, Collectors.mapping(Measurement::value, Collectors.toList())));
    }

    private void sampleComplexity(SampleComplexityStudy study) {
        List<String> methods = requireNonNull(study.coordinates().get(CellId.METHOD), CellId.METHOD);
        int d = study.world().dimension();
        int k = study.world().sparsity();
        List<Series> guides = List.of(
                rate(String.format(Locale.ROOT, "k log d / n, k = %d, d = %d", k, d), study, n -> k * Math.log(d) / n),
                rate("d / n", study, n -> d / n));
        figures.add(new Chart(
                "error-by-size",
                "Error by number of pairs, beside the rates",
                OVER_ALL + " A line as steep as the rates falls as 1 / n.",
                Axis.log("training pairs n"),
                Axis.log("squared error (reward²)"),
                bySize(methods, SampleComplexityStudy.ERROR),
                guides));
        if (study.sizes().size() * study.seeds().size() >= 3 && study.sizes().size() > 1) {
            List<DotPlot.Row> slopes = new ArrayList<>();
            for (String method : methods) {
                Slope slope = Slope.of(result, CellId.method(method), SampleComplexityStudy.ERROR);
                slopes.add(new DotPlot.Row(
                        method,
                        slope.value(),
                        OptionalDouble.of(slope.halfWidth()),
                        study.seeds().size(),
                        false));
            }
            slopes.add(new DotPlot.Row("k log d / n and d / n", -1, OptionalDouble.empty(), 1, true));
            figures.add(new DotPlot(
                    "slopes",
                    "Slopes: the exponent of n in the error",
                    "Least squares of log error against log n over all seeds, with Student's 95 % interval.",
                    "slope",
                    slopes));
        }
        figures.add(new Chart(
                "value-gap-by-size",
                "Value lost by the policy that each estimate leads to",
                OVER_ALL + " The optimum less the policy's true value.",
                Axis.log("training pairs n"),
                Axis.linear("value gap (reward)"),
                bySize(methods, SampleComplexityStudy.VALUE_GAP),
                List.of()));
    }

    private static Series rate(String name, SampleComplexityStudy study, ToDoubleFunction<Double> rate) {
        return new Series(
                name,
                Form.CURVE,
                study.sizes().stream()
                        .sorted()
                        .map(Integer::doubleValue)
                        .map(n -> Point.of(n, rate.applyAsDouble(n)))
                        .toList());
    }

    private void winnerMap(WinnerMapStudy study) {
        Map<String, List<String>> coordinates = study.coordinates();
        List<MapDrawing.Tile> tiles = new ArrayList<>();
        for (String beta : requireNonNull(coordinates.get(WinnerMapStudy.BETA), WinnerMapStudy.BETA)) {
            for (String scale : requireNonNull(coordinates.get(WinnerMapStudy.SCALE), WinnerMapStudy.SCALE)) {
                tiles.add(new MapDrawing.Tile(scale, beta, WinnerMap.difference(result, scale, beta)));
            }
        }
        figures.add(new MapDrawing(
                "winner-map",
                "Where " + study.first() + " or " + study.second() + " has the larger value",
                "Regularised value under the true reward, by exact optimisation.",
                "scale of the reward",
                "beta",
                study.first(),
                study.second(),
                WinnerMapStudy.RESOLUTION,
                tiles));
    }

    /** A metric of every group, below each other. */
    private void values(String metric) {
        List<DotPlot.Row> rows = new ArrayList<>();
        result.groups().forEach((id, cells) -> {
            double[] values = CellResult.last(cells, metric);
            if (values.length > 0) {
                Summary summary = Summary.of(values);
                String name = id.toString();
                boolean bound = name.equals(ExactMethod.BestInClass.LABEL) || name.equals(ExactMethod.Optimum.LABEL);
                OptionalDouble half = Curves.halfWidth(result, id, metric);
                rows.add(new DotPlot.Row(name, summary.mean(), half, summary.count(), bound));
            }
        });
        if (!rows.isEmpty()) {
            boolean exact = result.study() instanceof ExactStudy;
            figures.add(new DotPlot(
                    metric,
                    exact ? "Regularised value under the true reward" : metric,
                    exact
                            ? "By exact optimisation: nothing is random. Diamonds are bounds: the best policy of the class,"
                                    + " and of all policies."
                            : OVER_ALL,
                    exact ? "value (reward)" : metric,
                    rows));
        }
    }

    private Map<CellId, List<CellResult>> at(String coordinate, String value) {
        Map<CellId, List<CellResult>> cells = new LinkedHashMap<>();
        result.groups().forEach((id, group) -> {
            if (id.get(coordinate).filter(value::equals).isPresent()) {
                cells.put(id.without(coordinate), group);
            }
        });
        return cells;
    }

    private static String last(List<String> sizes) {
        return sizes.stream()
                .max(Comparator.comparingDouble(Double::parseDouble))
                .orElseThrow();
    }

    private void steps(
            String metric, String title, String x, Axis y, String name, Map<CellId, List<CellResult>> cells) {
        List<Series> series = Curves.bySteps(cells, metric);
        if (series.stream().anyMatch(one -> one.points().size() > 1)) {
            figures.add(new Chart(
                    metric + "-by-step" + (name.isEmpty() ? "" : "-" + name),
                    title,
                    OVER_SEEDS,
                    Axis.count(x),
                    y,
                    series,
                    List.of()));
        }
    }

    private void training(Map<CellId, List<CellResult>> cells, String name, String title, Axis y, String... metrics) {
        List<Series> series = Curves.training(cells, tasks, metrics);
        if (!series.isEmpty()) {
            figures.add(new Chart(
                    name,
                    title,
                    OVER_SEEDS + " Neighbouring updates are averaged.",
                    Axis.count("updates"),
                    y,
                    series,
                    List.of()));
        }
    }

    private void items(Map<CellId, List<CellResult>> cells, String metric, String title, String x, double mark) {
        items(cells, metric, title, x, "", mark);
    }

    private void items(
            Map<CellId, List<CellResult>> cells, String metric, String title, String x, String name, double mark) {
        Map<String, List<Double>> values = new LinkedHashMap<>();
        cells.forEach(
                (id, group) -> group.forEach(cell -> values.computeIfAbsent(id.toString(), key -> new ArrayList<>())
                        .addAll(cell.measurements().items().getOrDefault(metric, List.of()))));
        values.values().removeIf(List::isEmpty);
        if (values.isEmpty()) {
            return;
        }
        double[] all = values.values().stream()
                .flatMap(List::stream)
                .mapToDouble(Double::doubleValue)
                .toArray();
        double low = Arrays.stream(all).min().orElseThrow();
        double high = Arrays.stream(all).max().orElseThrow();
        if (low == high) {
            return;
        }
        // Rice's rule
        int most = values.values().stream().mapToInt(List::size).max().orElseThrow();
        int bins = Math.min(BINS, (int) Math.ceil(2 * Math.cbrt(most)));
        List<Series> series = new ArrayList<>();
        values.forEach((of, list) -> series.add(Curves.histogram(of, list, low, high, bins)));
        double top = series.stream()
                .flatMap(one -> one.points().stream())
                .mapToDouble(Point::y)
                .max()
                .orElseThrow();
        List<Series> guides = mark > low && mark < high
                ? List.of(new Series("no preference", Form.CURVE, List.of(Point.of(mark, 0), Point.of(mark, top))))
                : List.of();
        figures.add(new Chart(
                metric + "-distribution" + (name.isEmpty() ? "" : "-" + name),
                title,
                "A value for each item and seed, as a density in " + bins + " bins.",
                Axis.linear(x),
                Axis.amount("density"),
                series,
                guides));
    }
}
