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

    /** What was asked. */
    public String question() {
        return Answer.question(this);
    }

    /**
     * Yes, no or undecided, with the difference, its interval, its unit and how it was found; if it is undecided, how many seeds
     * or items would answer it.
     */
    public String finding() {
        return Answer.finding(this);
    }

    /** What was asked and what was found. */
    public String answer() {
        return question() + " " + finding();
    }
}
