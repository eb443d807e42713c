package org.preferencelearning.experiments.result;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.apache.commons.statistics.distribution.BinomialDistribution;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Claim;

/**
 * What a claim's cells say of it, taken alone.
 *
 * @param claim the claim
 * @param at the values of the coordinates that it leaves open
 * @param difference left minus right
 * @param unit of the metric
 * @param method how it is judged
 * @param seeds of each side
 * @param items shared by both
 * @param unpaired items that were left out, as not all cells measured them
 * @param interval of the difference; empty where it is unknown
 * @param supporting p-value of what the claim says; empty where nothing is random or the interval is unknown
 * @param contradicting p-value of its contrary; as empty
 * @param variation how the difference varies; empty where nothing is random
 */
record Comparison(
        Claim claim,
        CellId at,
        double difference,
        String unit,
        JudgingMethod method,
        int seeds,
        int items,
        int unpaired,
        Optional<Interval> interval,
        OptionalDouble supporting,
        OptionalDouble contradicting,
        Optional<Crossed> variation) {

    /** Two cells that differ in what is compared only. */
    record Pair(CellResult left, CellResult right) {}

    static Comparison of(Claim claim, CellId at, List<Pair> pairs) {
        String metric = claim.metric();
        double[] differences = pairs.stream()
                .mapToDouble(pair -> last(pair.left, metric) - last(pair.right, metric))
                .toArray();
        double mean = Summary.of(differences).mean();
        String unit = pairs.get(0).left.measurements().unit(metric);
        if (pairs.get(0).left.id().get(CellId.SEED).isEmpty()) {
            return new Comparison(
                    claim,
                    at,
                    mean,
                    unit,
                    JudgingMethod.EXACT,
                    0,
                    0,
                    0,
                    Optional.of(new Interval(mean, mean)),
                    OptionalDouble.empty(),
                    OptionalDouble.empty(),
                    Optional.empty());
        }
        Optional<Items> items = Items.shared(
                Stream.concat(pairs.stream().map(Pair::left), pairs.stream().map(Pair::right))
                        .toList(),
                metric);
        int seeds = pairs.size();
        if (items.isEmpty()) {
            JudgingMethod method = seeds == 1 ? JudgingMethod.NONE : JudgingMethod.SEEDS;
            return of(claim, at, unit, method, Crossed.ofSeeds(differences), 0, 0);
        }
        double[][] both = items.get().values();
        int unpaired = items.get().unpaired();
        double[][] left = Arrays.copyOfRange(both, 0, seeds);
        double[][] right = Arrays.copyOfRange(both, seeds, 2 * seeds);
        if (seeds > 1 && Arrays.deepEquals(left, right)) {
            // the same work under two names: its seeds are no draws of their own
            return of(claim, at, unit, JudgingMethod.SEEDS, Crossed.ofSeeds(new double[seeds]), 0, unpaired);
        }
        Crossed crossed = Crossed.difference(left, right);
        if (seeds > 1) {
            return of(claim, at, unit, JudgingMethod.SEEDS_AND_ITEMS, crossed, crossed.items(), unpaired);
        }
        Comparison byItems = of(claim, at, unit, JudgingMethod.ITEMS, crossed, crossed.items(), unpaired);
        return claim.relation() != Claim.Relation.EQUAL && Items.binary(left[0]) && Items.binary(right[0])
                ? byItems.mcNemar(left[0], right[0])
                : byItems;
    }

    private static double last(CellResult cell, String metric) {
        return cell.measurements().last(metric).orElseThrow();
    }

    private static Comparison of(
            Claim claim, CellId at, String unit, JudgingMethod method, Crossed variation, int items, int unpaired) {
        boolean known = method != JudgingMethod.NONE;
        double above = known ? variation.above(bound(claim)) : 1;
        double below = known ? variation.below(-bound(claim)) : 1;
        // equal: neither too large nor too small; unequal: beyond the margin on one side or the other
        boolean equality = claim.relation() == Claim.Relation.EQUAL;
        double supporting = equality
                ? Math.max(variation.below(bound(claim)), variation.above(-bound(claim)))
                : 2 * (claim.relation() == Claim.Relation.LARGER ? above : below);
        double contradicting =
                equality ? 2 * Math.min(above, below) : 2 * (claim.relation() == Claim.Relation.LARGER ? below : above);
        return new Comparison(
                claim,
                at,
                variation.mean(),
                unit,
                method,
                variation.seeds(),
                items,
                unpaired,
                known ? Optional.of(variation.interval()) : Optional.empty(),
                known ? OptionalDouble.of(Math.min(1, supporting)) : OptionalDouble.empty(),
                known ? OptionalDouble.of(Math.min(1, contradicting)) : OptionalDouble.empty(),
                Optional.of(variation));
    }

    /** Up to where differences count as none. */
    private static double bound(Claim claim) {
        return claim.relation() == Claim.Relation.EQUAL ? Math.max(claim.margin(), Crossed.RESOLUTION) : 0;
    }

    /**
     * Of the items on which one side is right and the other wrong, each is as likely the one as the other if both sides are alike
     * (McNemar 1947, exactly); the interval is Clopper's and Pearson's of that share.
     */
    private Comparison mcNemar(double[] left, double[] right) {
        int leftOnly = 0;
        int rightOnly = 0;
        for (int i = 0; i < left.length; i++) {
            leftOnly += left[i] > right[i] ? 1 : 0;
            rightOnly += left[i] < right[i] ? 1 : 0;
        }
        int discordant = leftOnly + rightOnly;
        Interval share = Proportion.interval(leftOnly, discordant);
        double scale = discordant / (double) left.length;
        BinomialDistribution even = BinomialDistribution.of(discordant, 0.5);
        double asManyLeft = Math.min(1, 2 * even.survivalProbability(leftOnly - 1));
        double asManyRight = Math.min(1, 2 * even.survivalProbability(rightOnly - 1));
        boolean larger = claim.relation() == Claim.Relation.LARGER;
        return new Comparison(
                claim,
                at,
                difference,
                unit,
                JudgingMethod.MCNEMAR,
                seeds,
                items,
                unpaired,
                Optional.of(new Interval((2 * share.low() - 1) * scale, (2 * share.high() - 1) * scale)),
                OptionalDouble.of(larger ? asManyLeft : asManyRight),
                OptionalDouble.of(larger ? asManyRight : asManyLeft),
                variation);
    }

    /** The p-value of the answer that the cells point to. */
    OptionalDouble p() {
        return supporting.isPresent()
                ? OptionalDouble.of(Math.min(supporting.getAsDouble(), contradicting.getAsDouble()))
                : OptionalDouble.empty();
    }

    /**
     * The judgement beside the other claims of the study.
     *
     * @param adjustedP the p-value adjusted for them
     * @param comparisons how many they are, with this one
     * @param planned whether it says what an inconclusive claim would need
     */
    Judgement judged(OptionalDouble adjustedP, int comparisons, boolean planned) {
        Verdict verdict = method == JudgingMethod.EXACT ? exact() : verdict(adjustedP);
        return new Judgement(
                claim,
                at,
                difference,
                unit,
                interval,
                p(),
                adjustedP,
                method,
                seeds,
                items,
                unpaired,
                planned && verdict == Verdict.INCONCLUSIVE && method != JudgingMethod.NONE
                        ? needed(variation.orElseThrow(), comparisons)
                        : List.of(),
                verdict);
    }

    /** What would answer the claim for what was seen and for the margin, at a level that suffices beside the other claims. */
    private List<Needed> needed(Crossed known, int comparisons) {
        double level = Crossed.ERROR_RATE / comparisons;
        double seen = Math.abs(difference);
        List<Needed> needed = new ArrayList<>();
        if (claim.relation() != Claim.Relation.EQUAL) {
            if (seen > Crossed.RESOLUTION) {
                needed.add(needed(known, new Planner.Test.Different(), level, Needed.Purpose.EFFECT_SEEN));
            }
        } else if (claim.margin() > 0) {
            needed.add(needed(known, new Planner.Test.Within(claim.margin()), level, Needed.Purpose.MARGIN_STATED));
            Planner.Test seenTest = seen < claim.margin()
                    ? new Planner.Test.Within(claim.margin())
                    : new Planner.Test.Beyond(claim.margin());
            needed.add(needed(known, seenTest, level, Needed.Purpose.EFFECT_SEEN));
        }
        return needed;
    }

    private Needed needed(Crossed known, Planner.Test test, double level, Needed.Purpose purpose) {
        double truth = purpose == Needed.Purpose.MARGIN_STATED ? 0 : Math.abs(difference);
        Planner planner = new Planner(known, test, level);
        return new Needed(purpose, truth, planner.seeds(truth), planner.items(truth));
    }

    private Verdict verdict(OptionalDouble adjustedP) {
        if (adjustedP.isEmpty() || adjustedP.getAsDouble() > Crossed.ERROR_RATE) {
            return Verdict.INCONCLUSIVE;
        }
        return supporting.getAsDouble() <= contradicting.getAsDouble() ? Verdict.SUPPORTED : Verdict.CONTRADICTED;
    }

    private Verdict exact() {
        boolean holds =
                switch (claim.relation()) {
                    case LARGER -> difference > Crossed.RESOLUTION;
                    case SMALLER -> difference < -Crossed.RESOLUTION;
                    case EQUAL -> Math.abs(difference) <= bound(claim);
                };
        return holds ? Verdict.SUPPORTED : Verdict.CONTRADICTED;
    }
}
