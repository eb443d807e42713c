package org.preferencelearning.experiments.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Claim;

/** Judgements in words, to the letter. */
class AnswerTest {
    private static final CellId A = CellId.method("a").and("size", 10);
    private static final CellId B = CellId.method("b").and("size", 10);

    private static Judgement judgement(
            Claim claim, double difference, Optional<Interval> interval, JudgingMethod method, Verdict verdict) {
        return judgement(claim, difference, interval, method, verdict, 3, 50, 0);
    }

    private static Judgement judgement(
            Claim claim,
            double difference,
            Optional<Interval> interval,
            JudgingMethod method,
            Verdict verdict,
            int seeds,
            int items,
            int unpaired,
            Needed... needed) {
        return new Judgement(
                claim,
                CellId.of("condition", "none"),
                difference,
                "nats",
                interval,
                OptionalDouble.of(0.01),
                OptionalDouble.of(0.0123),
                method,
                seeds,
                items,
                unpaired,
                List.of(needed),
                verdict);
    }

    private static Optional<Interval> interval(double low, double high) {
        return Optional.of(new Interval(low, high));
    }

    private static String question(Claim claim) {
        return judgement(claim, 0, Optional.empty(), JudgingMethod.NONE, Verdict.INCONCLUSIVE)
                .question();
    }

    @Test
    void questionsSayWhatIsComparedAndWhere() {
        assertThat(question(Claim.larger("log_error", A, B, "")))
                .isEqualTo("Is the log error of a larger than that of b (size 10, none)?");
        assertThat(question(Claim.smaller("error", A, B, "")))
                .isEqualTo("Is the error of a smaller than that of b (size 10, none)?");
        assertThat(question(Claim.equal("error", A, B, 0.25, "")))
                .isEqualTo("Is the error of a within 0.250 nats of that of b (size 10, none)?");
        assertThat(question(Claim.equal("error", A, B, 0, "")))
                .isEqualTo("Is the error of a equal to that of b (size 10, none)?");
    }

    private static String exact(double difference) {
        return judgement(
                        Claim.larger("error", A, B, ""),
                        difference,
                        interval(difference, difference),
                        JudgingMethod.EXACT,
                        Verdict.CONTRADICTED)
                .finding();
    }

    @Test
    void exactDifferencesBelowRoundingAreNone() {
        assertThat(exact(0)).isEqualTo("No: the difference is 0 nats, with nothing random.");
        assertThat(exact(-9e-10)).isEqualTo("No: the difference is 0 nats up to rounding, with nothing random.");
        assertThat(exact(1e-9)).isEqualTo("No: the difference is +1.00e-09 nats, with nothing random.");
        assertThat(exact(-0.5)).isEqualTo("No: the difference is -0.500 nats, with nothing random.");
    }

    private static String seeds(double difference, double low, double high) {
        return judgement(
                        Claim.larger("error", A, B, ""),
                        difference,
                        interval(low, high),
                        JudgingMethod.SEEDS,
                        Verdict.SUPPORTED)
                .finding();
    }

    /** Two digits of half the interval; three of the value where the interval has no size worth digits. */
    @Test
    void digitsFollowTheIntervalsHalfWidth() {
        assertThat(seeds(1.23456, 1, 1.5))
                .isEqualTo("Yes: the difference is +1.23 nats, 95 % interval +1.00 to +1.50, adjusted p 0.012 (paired t"
                        + " over seeds).");
        assertThat(seeds(123.456, 100, 150)).startsWith("Yes: the difference is +123 nats, 95 % interval +100 to +150");
        assertThat(seeds(12.3456, 10, 14)).startsWith("Yes: the difference is +12.3 nats");
        assertThat(seeds(5000, 4000, 6000)).startsWith("Yes: the difference is +5000 nats");
        assertThat(seeds(0.123456, 0.12, 0.122)).startsWith("Yes: the difference is +0.1235 nats");
        assertThat(seeds(0.123456, 0.1234, 0.1236)).startsWith("Yes: the difference is +0.123 nats");
        assertThat(seeds(1.23e9, -1e7, 1e7)).startsWith("Yes: the difference is +1.23e+09 nats");
    }

    @Test
    void smallProbabilitiesAreBounded() {
        assertThat(Answer.p(0.00099)).isEqualTo("< 0.001");
        assertThat(Answer.p(0.001)).isEqualTo("0.0010");
        assertThat(Answer.p(0.5)).isEqualTo("0.50");
    }

    @Test
    void oneValueEachAnswersNothing() {
        assertThat(judgement(
                                Claim.larger("error", A, B, ""),
                                0.5,
                                Optional.empty(),
                                JudgingMethod.NONE,
                                Verdict.INCONCLUSIVE)
                        .finding())
                .isEqualTo("Undecided: the difference is +0.500 nats, and one value each leaves open how far it is"
                        + " chance.");
    }

    @Test
    void aJudgementOfOneSeedSaysSo() {
        for (JudgingMethod method : List.of(JudgingMethod.ITEMS, JudgingMethod.MCNEMAR)) {
            assertThat(judgement(Claim.larger("error", A, B, ""), 1, interval(0, 2), method, Verdict.SUPPORTED)
                            .finding())
                    .endsWith(", for these two trained models only, as there is one seed.");
        }
        assertThat(judgement(
                                Claim.larger("error", A, B, ""),
                                1,
                                interval(0, 2),
                                JudgingMethod.SEEDS_AND_ITEMS,
                                Verdict.SUPPORTED,
                                3,
                                50,
                                1234)
                        .finding())
                .endsWith("(seeds and items crossed), on the items that all measured: 1,234 that some left out do not"
                        + " count.");
    }

    private static String needed(int seeds, int items, Needed... needed) {
        String finding = judgement(
                        Claim.larger("error", A, B, ""),
                        1,
                        interval(0, 2),
                        JudgingMethod.SEEDS_AND_ITEMS,
                        Verdict.INCONCLUSIVE,
                        seeds,
                        items,
                        0,
                        needed)
                .finding();
        return finding.substring(finding.indexOf("crossed)") + "crossed)".length());
    }

    @Test
    void whatAnAnswerNeedsIsSaidForEachSource() {
        OptionalInt never = OptionalInt.empty();
        assertThat(needed(3, 50, seen(OptionalInt.of(1200), OptionalInt.of(400))))
                .isEqualTo(
                        "; with a true difference of 0.250 nats it takes about 1,200 seeds instead of 3, or 400 items"
                                + " instead of 50.");
        assertThat(needed(3, 50, seen(OptionalInt.of(12), never)))
                .isEqualTo(
                        "; with a true difference of 0.250 nats it takes about 12 seeds instead of 3, while more items"
                                + " alone would not do.");
        assertThat(needed(3, 50, seen(never, never)))
                .isEqualTo("; with a true difference of 0.250 nats more seeds or items alone would not do.");
        assertThat(needed(1, 50, seen(never, OptionalInt.of(400))))
                .isEqualTo("; with a true difference of 0.250 nats it takes about 400 items instead of 50.");
        assertThat(needed(3, 0, seen(OptionalInt.of(4), never)))
                .isEqualTo("; with a true difference of 0.250 nats it takes about 4 seeds instead of 3.");
        assertThat(needed(
                        3,
                        0,
                        new Needed(Needed.Purpose.MARGIN_STATED, 0, OptionalInt.of(4), never),
                        seen(OptionalInt.of(5), never)))
                .isEqualTo(
                        "; with no true difference it takes about 4 seeds instead of 3; with a true difference of 0.250"
                                + " nats it takes about 5 seeds instead of 3.");
    }

    private static Needed seen(OptionalInt seeds, OptionalInt items) {
        return new Needed(Needed.Purpose.EFFECT_SEEN, 0.25, seeds, items);
    }
}
