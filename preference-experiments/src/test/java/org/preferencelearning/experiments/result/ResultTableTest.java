package org.preferencelearning.experiments.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.preferencelearning.experiments.result.GivenStudy.cell;
import static org.preferencelearning.experiments.result.GivenStudy.id;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Claim;
import org.preferencelearning.experiments.study.Measurements;

/** Tables to the letter. */
class ResultTableTest {
    private static final String LINE = System.lineSeparator();

    private static String lines(String... lines) {
        return String.join(LINE, lines) + LINE;
    }

    /** Means and Student's intervals: of 1 and 3, 2 -+ 12.706. */
    @Test
    void aRowIsWhatCellsHaveInCommonButForSeeds() {
        StudyResult result = GivenStudy.of()
                .with(
                        cell("a", 10, 1, 1),
                        cell("a", 10, 2, 3),
                        cell("b", 10, 1, 0.12345678),
                        new CellResult(
                                id("b", 20, 1),
                                Measurements.builder().add("accuracy", 1, "").build(0)));
        assertThat(ResultTable.numbers(result))
                .isEqualTo(lines(
                        "  method  size  error            accuracy",
                        "  a       10    2 [-10.7, 14.7]  -",
                        "  b       10    0.1235           -",
                        "  b       20    -                1",
                        "",
                        "mean over seeds [95 % interval, over seeds and the items that cells kept]"));
    }

    @Test
    void numbersThatAreWholeHaveNoDecimalsUnlessTheyAreLarge() {
        assertThat(ResultTable.numbers(GivenStudy.of().exact().with(cell("a", -3), cell("b", 2e9))))
                .isEqualTo(lines("  method  error", "  a       -3", "  b       2.000e+09"));
        assertThat(ResultTable.numbers(GivenStudy.of().exact().with(cell("a", 1e9), cell("b", 999_999_999))))
                .isEqualTo(lines("  method  error", "  a       1.000e+09", "  b       999999999"));
    }

    /** No interval where nothing varies. */
    @Test
    void equalSeedsHaveNoInterval() {
        StudyResult result = GivenStudy.of().with(cell("a", 10, 1, 0), cell("a", 10, 2, 0));
        assertThat(ResultTable.numbers(result)).contains("  a       10    0 [-6.35e-07, 6.35e-07]" + LINE);
    }

    @Test
    void whatIsLeftOutIsSaidOnceAndByReason() {
        StudyResult result = GivenStudy.of()
                .with(
                        new CellResult(
                                CellId.of(CellId.ABOUT, "data"),
                                Measurements.builder()
                                        .add("pairs", 100, "")
                                        .add("ceiling", 0.8125, "")
                                        .add("left_out/rows/blank", 7, "rows")
                                        .build(0)),
                        leftOut(1, 3),
                        leftOut(2, 3),
                        leftOut(3, 4));
        assertThat(ResultTable.descriptions(result))
                .isEqualTo(LINE + "data: pairs 100, ceiling 0.8125, left_out/rows/blank 7" + LINE + LINE
                        + "left out: a, size 10: 3 pairs/too long; a, size 10: 4 pairs/too long" + LINE);
        assertThat(ResultTable.descriptions(GivenStudy.of().with(cell("a", 10, 1, 1))))
                .isEmpty();
        assertThat(ResultTable.descriptions(GivenStudy.of().with(leftOut(1, 2))))
                .isEqualTo(LINE + "left out: a, size 10: 2 pairs/too long" + LINE);
    }

    private static CellResult leftOut(int seed, int count) {
        return new CellResult(
                id("a", 10, seed),
                Measurements.builder()
                        .add("left_out/pairs/too long", count, "rows")
                        .build(0));
    }

    @Test
    void claimsHaveTheirVerdictsAndHowTheyWereJudged() {
        Claim larger = Claim.larger("error", CellId.method("a"), CellId.method("b"), "paper");
        StudyResult exact = GivenStudy.of(larger).exact().with(cell("a", 2), cell("b", 0.5));
        assertThat(ResultTable.claims(exact))
                .isEqualTo(LINE + lines("Claims", "  supported  a > b  error  +1.500    exact values  (paper)"));
        StudyResult seeds = GivenStudy.of(larger)
                .with(cell("a", 10, 1, 2), cell("a", 10, 2, 2.5), cell("b", 10, 1, 1), cell("b", 10, 2, 1.4));
        assertThat(ResultTable.claims(seeds))
                .isEqualTo(LINE
                        + lines(
                                        "Claims",
                                        "  inconclusive  a > b at size 10  error  +1.050 [+0.415, +1.69]  p 0.030  paired t over seeds  (paper)",
                                        "  each difference with its 95 % interval, taken alone; verdicts at p <= 0.05, adjusted by Holm's method for 1 comparison(s)")
                                .replace("inconclusive", "supported"));
        StudyResult one = GivenStudy.of(larger).with(cell("a", 10, 1, 2), cell("b", 10, 1, 1));
        assertThat(ResultTable.claims(one))
                .isEqualTo(LINE
                        + lines(
                                "Claims",
                                "  inconclusive  a > b at size 10  error  +1.000 [?]    one value each  (paper)"));
        assertThat(ResultTable.claims(GivenStudy.of().with(cell("a", 10, 1, 2))))
                .isEmpty();
    }

    @Test
    void theWholeTextBeginsWithTheNameAndTheAnswers() {
        Claim larger = Claim.larger("error", CellId.method("a"), CellId.method("b"), "paper");
        StudyResult result = GivenStudy.of(larger).exact().with(cell("a", 2), cell("b", 0.5));
        assertThat(ResultTable.answers(result))
                .isEqualTo("  Is the error of a larger than that of b? Yes: the difference is +1.50 nats, with nothing"
                        + " random." + LINE);
        assertThat(ResultTable.of(result))
                .isEqualTo("given: 2 cells" + LINE + LINE + ResultTable.answers(result) + LINE
                        + ResultTable.numbers(result) + ResultTable.claims(result));
        StudyResult without = GivenStudy.of().exact().with(cell("a", 2));
        assertThat(ResultTable.of(without)).isEqualTo("given: 1 cells" + LINE + LINE + ResultTable.numbers(without));
    }

    @Test
    void columnsAreAsWideAsTheirWidestEntry() {
        assertThat(ResultTable.aligned(List.of(List.of("a", "bb"), List.of("ccc", ""))))
                .isEqualTo(lines("  a    bb", "  ccc"));
    }
}
