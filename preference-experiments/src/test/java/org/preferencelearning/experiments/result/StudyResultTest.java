package org.preferencelearning.experiments.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.preferencelearning.experiments.result.GivenStudy.cell;
import static org.preferencelearning.experiments.result.GivenStudy.id;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Measurements;

class StudyResultTest {
    private static final CellResult DATA = new CellResult(
            CellId.of(CellId.ABOUT, "data"),
            Measurements.builder().add("pairs", 100, "").build(0));
    private static final StudyResult RESULT = GivenStudy.of()
            .with(DATA, cell("a", 10, 1, 1), cell("a", 10, 2, 3), cell("a", 20, 1, 5), cell("b", 10, 1, 7));

    @Test
    void cellsThatDifferInSeedsAloneAreAGroup() {
        assertThat(RESULT.groups().keySet())
                .containsExactly(
                        CellId.method("a").and("size", 10),
                        CellId.method("a").and("size", 20),
                        CellId.method("b").and("size", 10));
        assertThat(RESULT.groups().get(CellId.method("a").and("size", 10)))
                .containsExactly(cell("a", 10, 1, 1), cell("a", 10, 2, 3));
    }

    @Test
    void everyNumberIsARow() {
        assertThat(RESULT.rows())
                .hasSize(5)
                .startsWith(new Row(DATA.id(), "pairs", 0, 100, ""), new Row(id("a", 10, 1), "error", 0, 1, "nats"));
        assertThat(RESULT.study().name()).isEqualTo("given");
        assertThat(RESULT.provenance().facts()).isEmpty();
        assertThat(RESULT.cells()).hasSize(5);
    }

    @Test
    void aSelectionNamesWhatItHas() {
        assertThat(RESULT.cells(CellId.method("a"))).hasSize(3);
        assertThat(RESULT.value(CellId.method("b"), "error")).isEqualTo(7);
        assertThat(RESULT.summary(CellId.method("a").and("size", 10), "error").mean())
                .isEqualTo(2);
        assertThatThrownBy(() -> RESULT.cells(CellId.method("c")))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'cells' is c");
        assertThatThrownBy(() -> RESULT.value(CellId.method("a"), "error"))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("one cell, not 3");
        assertThatThrownBy(() -> RESULT.value(CellId.method("b"), "accuracy"))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'metric' is accuracy of b, size 10, seed 1");
    }

    /** Student's of 1 and 3; none of one cell; a cell without the metric is left out. */
    @Test
    void anIntervalIsOverTheCellsThatMeasured() {
        Interval interval =
                RESULT.interval(CellId.method("a").and("size", 10), "error").orElseThrow();
        assertThat(interval.low()).isCloseTo(2 - 12.7062, within(1e-4));
        assertThat(interval.high()).isCloseTo(2 + 12.7062, within(1e-4));
        assertThat(RESULT.interval(CellId.method("b"), "error")).isEmpty();
        assertThat(RESULT.interval(CellId.method("b"), "accuracy")).isEmpty();
        StudyResult unequal = GivenStudy.of()
                .with(
                        cell("a", 10, 1, 1),
                        cell("a", 10, 2, 3),
                        new CellResult(
                                id("a", 10, 3),
                                Measurements.builder().add("accuracy", 1, "").build(0)));
        assertThat(unequal.interval(CellId.method("a"), "error")).contains(interval);
    }

    private static CellResult items(int seed, int[] ids, double... values) {
        return new CellResult(
                id("a", 10, seed),
                Measurements.builder(java.util.Arrays.stream(ids).boxed().toList())
                        .mean("accuracy", 0, values, "")
                        .build(0));
    }

    private static double[] right(int count) {
        return IntStream.range(0, 30).mapToDouble(i -> i < count ? 1 : 0).toArray();
    }

    /**
     * Of one cell of right and wrong items it is Clopper's and Pearson's; where cells kept different items, it is over the cells'
     * means.
     */
    @Test
    void itemsMakeAnIntervalWhereAllCellsKeptTheSame() {
        StudyResult one = GivenStudy.of().with(items(1, new int[] {0, 1}, 1, 0));
        assertThat(one.interval(CellId.method("a"), "accuracy")).contains(Proportion.interval(1, 2));
        int[] thirty = IntStream.range(0, 30).toArray();
        StudyResult allRight = GivenStudy.of().with(items(1, thirty, right(30)), items(2, thirty, right(30)));
        assertThat(allRight.interval(CellId.method("a"), "accuracy")).contains(Proportion.interval(30, 30));
        StudyResult nearly = GivenStudy.of().with(items(1, thirty, right(30)), items(2, thirty, right(29)));
        Interval bounded = nearly.interval(CellId.method("a"), "accuracy").orElseThrow();
        assertThat(bounded.high()).isEqualTo(1);
        assertThat(bounded.low())
                .isEqualTo(Crossed.mean(new double[][] {right(30), right(29)})
                        .interval()
                        .low())
                .isLessThan(0.95);
        StudyResult graded = GivenStudy.of().with(items(1, new int[] {0, 1}, 0.5, 0));
        assertThat(graded.interval(CellId.method("a"), "accuracy").orElseThrow())
                .isEqualTo(Crossed.mean(new double[][] {{0.5, 0}}).interval());
        StudyResult different =
                GivenStudy.of().with(items(1, new int[] {0, 1, 2}, 1, 0, 1), items(2, new int[] {1, 2, 3}, 1, 1, 1));
        assertThat(different.interval(CellId.method("a"), "accuracy").orElseThrow())
                .isEqualTo(Crossed.ofSeeds(new double[] {2 / 3.0, 1}).interval());
        assertThat(Proportion.interval(0, 0)).isEqualTo(new Interval(0, 1));
        assertThat(CellResult.last(List.of(cell("a", 10, 1, 4), items(1, new int[] {0, 1}, 1, 1)), "error"))
                .containsExactly(4);
    }
}
