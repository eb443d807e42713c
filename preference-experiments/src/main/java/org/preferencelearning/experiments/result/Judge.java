package org.preferencelearning.experiments.result;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Claim;

/**
 * Judges a study's claims together: each by how the difference of its sides varies with seeds and items, as far as they are known
 * ({@link JudgingMethod}), and all at the level 0.05 of p-values that are adjusted by Holm's method (Holm 1979). That one side is
 * larger is tested in both directions; that they are equal by two one-sided tests against the margin (Schuirmann 1987), and that
 * they are not by one beyond it. Where a study has no seeds nothing is random, and what does not hold is contradicted.
 */
final class Judge {
    private Judge() {}

    static List<Judgement> judge(StudyResult result) {
        return judge(result, true);
    }

    /** With or without what inconclusive claims would need, on which no verdict depends. */
    static List<Judgement> judge(StudyResult result, boolean planned) {
        List<Comparison> comparisons = result.study().claims().stream()
                .flatMap(claim -> comparisons(result, claim).stream())
                .toList();
        double[] adjusted = adjusted(comparisons.stream()
                .flatMapToDouble(comparison -> comparison.p().stream())
                .toArray());
        List<Judgement> judgements = new ArrayList<>();
        int next = 0;
        for (Comparison comparison : comparisons) {
            OptionalDouble p =
                    comparison.p().isPresent() ? OptionalDouble.of(adjusted[next++]) : OptionalDouble.empty();
            judgements.add(comparison.judged(p, adjusted.length, planned));
        }
        return judgements;
    }

    /** One comparison for each value of the coordinates that the claim leaves open, but for the seed. */
    private static List<Comparison> comparisons(StudyResult result, Claim claim) {
        Map<CellId, List<Comparison.Pair>> groups = new LinkedHashMap<>();
        for (CellResult left : result.cells(claim.left())) {
            CellId open = left.id().without(claim.left());
            result.cells(claim.right()).stream()
                    .filter(right -> right.id().without(claim.right()).equals(open))
                    .forEach(right -> groups.computeIfAbsent(open.without(CellId.SEED), key -> new ArrayList<>())
                            .add(new Comparison.Pair(left, right)));
        }
        List<Comparison> comparisons = new ArrayList<>();
        groups.forEach((at, pairs) -> comparisons.add(Comparison.of(claim, at, pairs)));
        return comparisons;
    }

    /** Holm's adjustment: the smallest counts as often as there are values, the next once less, and none less than one before. */
    static double[] adjusted(double... p) {
        List<Integer> order = IntStream.range(0, p.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> p[i]))
                .toList();
        double[] adjusted = new double[p.length];
        double least = 0;
        for (int rank = 0; rank < p.length; rank++) {
            int i = order.get(rank);
            least = Math.max(least, Math.min(1, p[i] * (p.length - rank)));
            adjusted[i] = least;
        }
        return adjusted;
    }
}
