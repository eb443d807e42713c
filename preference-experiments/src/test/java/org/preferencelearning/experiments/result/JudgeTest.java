package org.preferencelearning.experiments.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.preferencelearning.experiments.dsl.Studies.dataSizeStudy;
import static org.preferencelearning.experiments.dsl.Studies.dpo;
import static org.preferencelearning.experiments.dsl.Studies.nanoGpt2;
import static org.preferencelearning.experiments.dsl.Studies.rewardModel;
import static org.preferencelearning.experiments.dsl.Studies.sparseTextWorld;

import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.datasize.DataSizeStudy;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Claim;
import org.preferencelearning.experiments.study.Measurements;
import org.preferencelearning.experiments.world.SparseTextWorld;

class JudgeTest {
    private static final DataSizeStudy STUDY = dataSizeStudy("judged")
            .model(nanoGpt2())
            .dataset(sparseTextWorld(SparseTextWorld.standard(), 100))
            .sizes(10, 20)
            .seeds(1, 2)
            .compare(rewardModel(), dpo());
    private static final CellId REWARD_MODEL = CellId.method("reward model");
    private static final CellId DPO = CellId.method("DPO");

    @Test
    void aClaimThatNamesNoSizeIsJudgedAtEachAndSeedsArePaired() {
        // at size 10 the reward model is better with both seeds, at 20 it is worse; seeds differ by more than methods
        List<Judgement> judgements = judged(
                Claim.larger("accuracy", REWARD_MODEL, DPO, "test"),
                cell("reward model", 10, 1, 0.61),
                cell("reward model", 10, 2, 0.91),
                cell("DPO", 10, 1, 0.60),
                cell("DPO", 10, 2, 0.90),
                cell("reward model", 20, 1, 0.50),
                cell("reward model", 20, 2, 0.80),
                cell("DPO", 20, 2, 0.85),
                cell("DPO", 20, 1, 0.55));
        assertThat(judgements).extracting(Judgement::at).containsExactly(CellId.of("size", 10), CellId.of("size", 20));
        assertThat(judgements).extracting(Judgement::verdict).containsExactly(Verdict.SUPPORTED, Verdict.CONTRADICTED);
        assertThat(judgements.get(0).difference()).isCloseTo(0.01, within(1e-12));
        assertThat(judgements).extracting(Judgement::method).containsOnly(JudgingMethod.SEEDS);
        assertThat(width(judgements.get(0))).isCloseTo(0, within(1e-5));
    }

    /** One seed: the interval is that over items, of their differences and not of each method's values. */
    @Test
    void itemsArePairedToo() {
        double[] left = new double[100];
        double[] right = new double[100];
        for (int i = 0; i < 100; i++) {
            right[i] = i % 2 == 0 ? 5 : -5;
            left[i] = right[i] + (i < 4 ? 1 : 0);
        }
        Judgement judgement = judged(larger(), cell("reward model", 10, 1, 0.04, left), cell("DPO", 10, 1, 0, right))
                .get(0);
        // four differences of 1 among 100: deviation sqrt(.04 * .96 * 100 / 99); Student's quantile of 99 degrees:
        // 1.984217
        assertThat(width(judgement)).isCloseTo(2 * 1.984217 * Math.sqrt(.04 * .96 * 100 / 99) / 10, within(1e-7));
        assertThat(judgement.method()).isEqualTo(JudgingMethod.ITEMS);
        assertThat(judgement.items()).isEqualTo(100);
        assertThat(judgement.verdict()).isEqualTo(Verdict.SUPPORTED);
        assertThat(judgement.answer()).contains("these two trained models");
    }

    /** Values of R 4.3: {@code mcnemar.exact} is {@code binom.test(9, 10)}: p = 0.02148, share 0.5550 to 0.9975. */
    @Test
    void oneSeedOfRightAndWrongItemsIsJudgedByTheItemsOnWhichTheyDiffer() {
        double[] left = new double[100];
        double[] right = new double[100];
        for (int i = 0; i < 100; i++) {
            left[i] = i < 50 ? 1 : 0;
            right[i] = i >= 9 && i < 51 ? 1 : 0;
        }
        Judgement judgement = judged(larger(), cell("reward model", 10, 1, 0.50, left), cell("DPO", 10, 1, 0.42, right))
                .get(0);
        assertThat(judgement.method()).isEqualTo(JudgingMethod.MCNEMAR);
        assertThat(judgement.p().orElseThrow()).isCloseTo(0.02148, within(1e-5));
        Interval interval = judgement.interval().orElseThrow();
        assertThat(interval.low()).isCloseTo((2 * 0.5550 - 1) * 0.1, within(1e-5));
        assertThat(interval.high()).isCloseTo((2 * 0.9975 - 1) * 0.1, within(1e-5));
        assertThat(judgement.verdict()).isEqualTo(Verdict.SUPPORTED);
    }

    /**
     * Two methods leave out as many pairs, but not the same ones. On each pair that both measured they agree, with values that
     * rise by 1 from pair to pair: by place, the one would be above the other by 1 on every pair.
     */
    @Test
    void itemsAreMatchedByWhatTheyAreKnownByAndNotByTheirPlace() {
        int[] withoutFirst = IntStream.range(1, 51).toArray();
        int[] withoutLast = IntStream.range(0, 50).toArray();
        double[] left = Arrays.stream(withoutFirst)
                .mapToDouble(i -> i + (i % 2 == 0 ? .1 : -.1))
                .toArray();
        double[] right = Arrays.stream(withoutLast).mapToDouble(i -> i).toArray();
        List<List<CellResult>> designs = List.of(
                List.of(
                        cell("reward model", 10, 1, mean(left), withoutFirst, left),
                        cell("DPO", 10, 1, mean(right), withoutLast, right)),
                List.of(
                        cell("reward model", 10, 1, mean(left), withoutFirst, left),
                        cell("reward model", 10, 2, mean(left), withoutFirst, left),
                        cell("DPO", 10, 1, mean(right), withoutLast, right),
                        cell("DPO", 10, 2, mean(right), withoutLast, right)));
        for (List<CellResult> cells : designs) {
            Judgement judgement =
                    judged(larger(), cells.toArray(CellResult[]::new)).get(0);
            // pairs 1 to 49: 24 even ones and 25 odd ones
            assertThat(judgement.difference()).isCloseTo(-.1 / 49, within(1e-12));
            assertThat(judgement.items()).isEqualTo(49);
            assertThat(judgement.unpaired()).isEqualTo(2);
            assertThat(judgement.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
            assertThat(judgement.answer()).contains("2 that some left out do not count");
        }
    }

    @Test
    void cellsThatShareNoItemAreRefusedByName() {
        double[] items = {1, 2, 3};
        assertThatThrownBy(() -> judged(
                        larger(),
                        cell("reward model", 10, 1, 2, new int[] {0, 2, 4}, items),
                        cell("DPO", 10, 1, 2, new int[] {1, 3, 5}, items)))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'items of accuracy'")
                .hasMessageContaining("3 of DPO, size 10, seed 1")
                .hasMessageContaining("they share none");
    }

    @Test
    void itemsThatCannotBeToldApartAreRefused() {
        assertThatThrownBy(() -> cell("DPO", 10, 1, 2, new int[] {0, 2, 2}, new double[] {1, 2, 3}))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'itemIds'");
        assertThatThrownBy(() -> cell("DPO", 10, 1, 2, new int[] {0, 2}, new double[] {1, 2, 3}))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'items of accuracy'");
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    @Test
    void oneSeedWithoutItemsSaysNothing() {
        Judgement judgement = judged(larger(), cell("reward model", 10, 1, 0.9), cell("DPO", 10, 1, 0.1))
                .get(0);
        assertThat(judgement.interval()).isEmpty();
        assertThat(judgement.p()).isEmpty();
        assertThat(judgement.method()).isEqualTo(JudgingMethod.NONE);
        assertThat(judgement.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
    }

    /** {@code p.adjust(c(.01, .04, .03, .005), "holm")} in R: .03, .06, .06, .02. */
    @Test
    void claimsOfAStudyAreAdjustedForEachOther() {
        assertThat(Judge.adjusted(.01, .04, .03, .005))
                .containsExactly(new double[] {.03, .06, .06, .02}, within(1e-12));
        assertThat(Judge.adjusted(.6, .7)).containsExactly(1, 1);
        assertThat(Judge.adjusted()).isEmpty();
    }

    /** Seeds spread by 0.2 about equal means: no number of items makes two of them enough. */
    @Test
    void anInconclusiveClaimSaysHowManySeedsItNeedsAndThatItemsAloneAreNotEnough() {
        List<CellResult> cells = new ArrayList<>();
        for (int seed = 1; seed <= 3; seed++) {
            cells.add(cell("reward model", 10, seed, 0.1 + 0.2 * seed, shares(100, 10 + 20 * seed)));
            cells.add(cell("DPO", 10, seed, 0.2 * seed, shares(100, 20 * seed)));
        }
        Judgement judgement = judged(larger(), cells.toArray(CellResult[]::new)).get(0);
        assertThat(judgement.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(judgement.difference()).isCloseTo(0.1, within(1e-12));
        Needed needed = judgement.needed().get(0);
        assertThat(needed.items()).isEmpty();
        // two normal samples of deviation 0.2 and means 0.1 apart: 64 each for a power of 80 %
        assertThat(needed.seeds().orElseThrow()).isBetween(61, 67);
        assertThat(judgement.answer())
                .startsWith("Is the accuracy of reward model larger than that of DPO (size 10)? Undecided")
                .contains("seeds instead of 3")
                .contains("more items alone would not do");
    }

    /** Text, JSON and report ask for the verdicts one after the other. */
    @Test
    void aResultIsJudgedOnce() {
        StudyResult result = new StudyResult(
                STUDY.expect(larger()),
                List.of(cell("reward model", 10, 1, 0.9), cell("DPO", 10, 1, 0.1)),
                new Provenance(Map.of()));
        assertThat(result.judgements()).isSameAs(result.judgements());
    }

    /** Digits follow the width of the interval. */
    @Test
    void answersSayNoMoreDigitsThanAreKnown() {
        Judgement judgement = judged(
                        larger(),
                        cell("reward model", 10, 1, .5, shares(100, 50)),
                        cell("DPO", 10, 1, .4, shares(100, 40)))
                .get(0);
        assertThat(judgement.finding())
                .isEqualTo("Yes: the difference is +0.100, 95 % interval +0.038 to +0.100, adjusted p 0.0020 (McNemar's"
                        + " exact test over items), for these two trained models only, as there is one seed.");
    }

    private static double[] shares(int items, int right) {
        double[] found = new double[items];
        Arrays.fill(found, 0, right, 1);
        return found;
    }

    private static Claim larger() {
        return Claim.larger("accuracy", REWARD_MODEL.and("size", 10), DPO.and("size", 10), "test");
    }

    private static double width(Judgement judgement) {
        Interval interval = judgement.interval().orElseThrow();
        return interval.high() - interval.low();
    }

    private static List<Judgement> judged(Claim claim, CellResult... cells) {
        return new StudyResult(STUDY.expect(claim), new ArrayList<>(List.of(cells)), new Provenance(Map.of()))
                .judgements();
    }

    private static CellResult cell(String method, int size, long seed, double accuracy, double... items) {
        return cell(
                method, size, seed, accuracy, IntStream.range(0, items.length).toArray(), items);
    }

    private static CellResult cell(String method, int size, long seed, double accuracy, int[] ids, double[] items) {
        Measurements.Builder found = Measurements.builder(Ints.asList(ids)).add("accuracy", accuracy, "");
        if (items.length > 0) {
            found.items("accuracy", items);
        }
        return new CellResult(CellId.method(method).and(CellId.SIZE, size).and(CellId.SEED, seed), found.build(0));
    }
}
