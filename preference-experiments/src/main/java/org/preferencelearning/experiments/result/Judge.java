package org.preferencelearning.experiments.result;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Claim;

/**
 * Judges claims by the 95 % interval of the difference, seed by seed. Two sources of error are allowed for: the seeds, by
 * Student's interval, and, where both cells kept a value for each held-out item, the items, by the normal interval of the
 * mean difference item by item. Where a study has no seeds nothing is random, and differences within {@link #RESOLUTION} are
 * none.
 */
final class Judge {
    /** Values closer than this are not told apart: exact searches end within about 1e-9 of an optimum. */
    static final double RESOLUTION = 1e-7;

    private static final double NORMAL_QUANTILE = 1.959964;

    private Judge() {}

    static List<Judgement> judge(StudyResult result, Claim claim) {
        Map<CellId, List<Pair>> groups = new LinkedHashMap<>();
        for (CellResult left : result.cells(claim.left())) {
            CellId open = left.id().without(claim.left());
            result.cells(claim.right()).stream()
                    .filter(right -> right.id().without(claim.right()).equals(open))
                    .forEach(right -> groups.computeIfAbsent(open.without(CellId.SEED), key -> new ArrayList<>())
                            .add(new Pair(left, right)));
        }
        List<Judgement> judgements = new ArrayList<>();
        groups.forEach((at, pairs) -> judgements.add(judge(claim, at, pairs)));
        return judgements;
    }

    private static Judgement judge(Claim claim, CellId at, List<Pair> pairs) {
        double[] differences = pairs.stream()
                .mapToDouble(
                        pair -> pair.left.measurements().last(claim.metric()).orElseThrow()
                                - pair.right.measurements().last(claim.metric()).orElseThrow())
                .toArray();
        Summary seeds = Summary.of(differences);
        boolean random = pairs.get(0).left.id().get(CellId.SEED).isPresent();
        OptionalDouble half = random ? halfWidth(claim.metric(), pairs, seeds) : OptionalDouble.of(0);
        return new Judgement(claim, at, seeds.mean(), half, verdict(claim, seeds.mean(), half, !random));
    }

    private static OptionalDouble halfWidth(String metric, List<Pair> pairs, Summary seeds) {
        OptionalDouble items = itemHalfWidth(metric, pairs);
        if (seeds.halfWidth().isEmpty()) {
            return items;
        }
        return OptionalDouble.of(Math.hypot(seeds.halfWidth().getAsDouble(), items.orElse(0)));
    }

    /** Half the width of the normal interval over items of the difference averaged over seeds. */
    private static OptionalDouble itemHalfWidth(String metric, List<Pair> pairs) {
        List<List<Double>> differences = new ArrayList<>();
        for (Pair pair : pairs) {
            List<Double> left = pair.left.measurements().items().get(metric);
            List<Double> right = pair.right.measurements().items().get(metric);
            if (left == null || right == null || left.size() != right.size() || left.size() < 2) {
                return OptionalDouble.empty();
            }
            differences.add(IntStream.range(0, left.size())
                    .mapToObj(i -> left.get(i) - right.get(i))
                    .toList());
        }
        int items = differences.get(0).size();
        if (differences.stream().anyMatch(list -> list.size() != items)) {
            return OptionalDouble.empty();
        }
        double[] means = IntStream.range(0, items)
                .mapToDouble(i -> differences.stream()
                        .mapToDouble(list -> list.get(i))
                        .average()
                        .orElseThrow())
                .toArray();
        double deviation = Summary.of(means).deviation().orElseThrow();
        return OptionalDouble.of(NORMAL_QUANTILE * deviation / Math.sqrt(items));
    }

    /** Where nothing is random ({@code exact}), what does not hold is contradicted. */
    private static Verdict verdict(Claim claim, double difference, OptionalDouble halfWidth, boolean exact) {
        if (halfWidth.isEmpty()) {
            return Verdict.INCONCLUSIVE;
        }
        double half = Math.max(halfWidth.getAsDouble(), RESOLUTION);
        double low = difference - half;
        double high = difference + half;
        return switch (claim.relation()) {
            case LARGER -> sign(low > 0, high < 0 || exact);
            case SMALLER -> sign(high < 0, low > 0 || exact);
            case EQUAL -> {
                double margin = Math.max(claim.margin(), RESOLUTION);
                boolean within = exact ? Math.abs(difference) <= margin : low >= -margin && high <= margin;
                yield sign(within, low > margin || high < -margin || exact);
            }
        };
    }

    private static Verdict sign(boolean supported, boolean contradicted) {
        return supported ? Verdict.SUPPORTED : contradicted ? Verdict.CONTRADICTED : Verdict.INCONCLUSIVE;
    }

    /** Two cells that differ in what is compared only. */
    private record Pair(CellResult left, CellResult right) {}
}
