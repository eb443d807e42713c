package org.preferencelearning.experiments.result;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Claim;

/**
 * A claim and what became of it.
 *
 * @param claim the claim
 * @param at the values of the coordinates that the claim leaves open, for which it is judged here
 * @param difference metric of the left cells minus that of the right ones, averaged over seeds and items
 * @param unit of the metric; empty for shares and pure numbers
 * @param interval the difference's 95 % interval, taken alone; a point where nothing is random; empty where it is unknown
 * @param p the claim's p-value taken alone; empty where nothing is random or the interval is unknown
 * @param adjustedP the same adjusted for all claims of the study by Holm's method; verdicts are at the level 0.05 of this
 * @param method how it was judged
 * @param seeds seeds of each side, the fewer of the two; 0 where nothing is random
 * @param items shared items that were compared one by one; 0 where none were kept
 * @param unpaired items that were left out of the comparison, as some cells measured them and others did not
 * @param needed what would answer it; empty unless it is inconclusive and more would help to say so
 * @param verdict what follows
 */
public record Judgement(
        Claim claim,
        CellId at,
        double difference,
        String unit,
        Optional<Interval> interval,
        OptionalDouble p,
        OptionalDouble adjustedP,
        JudgingMethod method,
        int seeds,
        int items,
        int unpaired,
        List<Needed> needed,
        Verdict verdict) {
    public Judgement {
        needed = ImmutableList.copyOf(needed);
    }

    /** What was asked and what the answer is, in one sentence with the difference, its interval and its unit. */
    public String answer() {
        return Answer.of(this);
    }

    /** How many seeds or items would answer it, in clauses that each begin with a semicolon; empty if nothing is known to. */
    public String advice() {
        return Answer.needed(this);
    }
}
