package org.preferencelearning.experiments.result;

import static org.assertj.core.api.Assertions.assertThat;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Claim;
import org.preferencelearning.experiments.study.Measurements;
import org.preferencelearning.experiments.world.SparseTextWorld;

/** Against values that statsmodels 0.15.0 and scipy 1.17.1 give; the call is named beside each. */
class ReferenceValuesTest {
    private static final CellId LEFT = CellId.method("reward model");
    private static final CellId RIGHT = CellId.method("DPO");
    private static final Claim LARGER = Claim.larger("accuracy", LEFT, RIGHT, "test");
    private static final double[] DIFFERENCES = {.012, -.004, .021, .008, .003};

    /** {@code mcnemar([[40, left], [right, 50]], exact=True)} and {@code proportion_confint(left, left + right, .05, 'beta')}. */
    @ParameterizedTest
    @CsvSource({
        "9, 1, 0.021484375, 0.5549838829718047, 0.9974714214555382",
        "3, 11, 0.057373046875, 0.046579287889867274, 0.5079756770484719",
        "5, 5, 1, 0.18708602844739855, 0.8129139715526015",
        "0, 6, 0.03125, 0, 0.4592581264399005",
        "7, 2, 0.1796875, 0.39990642628368783, 0.9718550265221018",
        "12, 4, 0.076812744140625, 0.4762291801038727, 0.9273379617471178"
    })
    void mcNemarIsExactAndInBothDirections(int leftOnly, int rightOnly, double p, double low, double high) {
        int items = 90 + leftOnly + rightOnly;
        double[] left = new double[items];
        double[] right = new double[items];
        Arrays.fill(left, 0, 40 + leftOnly, 1);
        Arrays.fill(right, 0, 40, 1);
        Arrays.fill(right, 40 + leftOnly, 40 + leftOnly + rightOnly, 1);
        double scale = (leftOnly + rightOnly) / (double) items;
        for (Claim claim : List.of(LARGER, Claim.smaller("accuracy", LEFT, RIGHT, "test"))) {
            Judgement judgement = judged(claim, new double[][] {left}, new double[][] {right});
            assertThat(judgement.method()).isEqualTo(JudgingMethod.MCNEMAR);
            assertThat(judgement.p().orElseThrow()).isCloseTo(p, within(1e-12));
            Interval interval = judgement.interval().orElseThrow();
            assertThat(interval.low()).isCloseTo((2 * low - 1) * scale, within(1e-9));
            assertThat(interval.high()).isCloseTo((2 * high - 1) * scale, within(1e-9));
            boolean larger = claim.relation() == Claim.Relation.LARGER;
            Verdict found = (leftOnly > rightOnly) == larger ? Verdict.SUPPORTED : Verdict.CONTRADICTED;
            assertThat(judgement.verdict()).isEqualTo(p <= 0.05 ? found : Verdict.INCONCLUSIVE);
        }
    }

    /** {@code multipletests(p, method='holm')}. */
    @Test
    void holmsAdjustment() {
        assertThat(Judge.adjusted(.01, .04, .03, .005, .2, .011))
                .containsExactly(new double[] {.05, .09, .09, .03, .2, .05}, within(1e-12));
    }

    /** {@code proportion_confint(count, items, .05, 'beta')}. */
    @ParameterizedTest
    @CsvSource({
        "0, 12, 0, 0.2646484693970512",
        "12, 12, 0.7353515306029488, 1",
        "7, 12, 0.2766696856821058, 0.8483477701915698",
        "190, 300, 0.5760315247050072, 0.6879728822727105",
        "1, 2, 0.01257911709342505, 0.9874208829065749"
    })
    void clopperAndPearsonsInterval(int count, int items, double low, double high) {
        Interval interval = Proportion.interval(count, items);
        assertThat(interval.low()).isCloseTo(low, within(1e-9));
        assertThat(interval.high()).isCloseTo(high, within(1e-9));
    }

    /**
     * {@code DescrStatsW(d).ttost_mean(-margin, margin)}, one-sided at each bound; that the difference is beyond the margin by
     * twice {@code ttest_1samp(d, margin, alternative='greater')}.
     */
    @ParameterizedTest
    @CsvSource({
        "0, 0.03, 0.003193565897033611, SUPPORTED",
        "0, 0.02, 0.023144122183824115, SUPPORTED",
        "0, 0.005, 0.5151924251961731, INCONCLUSIVE",
        "0.04, 0.02, 0.002647108623272259, CONTRADICTED"
    })
    void equalityIsTwoOneSidedTests(double shift, double margin, double p, Verdict verdict) {
        for (int sign : new int[] {1, -1}) {
            double[] shifted =
                    Arrays.stream(DIFFERENCES).map(d -> sign * (d + shift)).toArray();
            Judgement judgement = judged(Claim.equal("accuracy", LEFT, RIGHT, margin, "test"), shifted);
            assertThat(judgement.method()).isEqualTo(JudgingMethod.SEEDS);
            assertThat(judgement.p().orElseThrow()).isCloseTo(p, within(1e-9));
            assertThat(judgement.verdict()).isEqualTo(verdict);
        }
    }

    /** {@code ttest_1samp(d, 0)} and its {@code confidence_interval()}. */
    @Test
    void seedsWithoutItemsArePaired() {
        Judgement judgement = judged(LARGER, DIFFERENCES);
        assertThat(judgement.p().orElseThrow()).isCloseTo(0.1300091110835742, within(1e-9));
        assertThat(judgement.interval().orElseThrow().low()).isCloseTo(-0.003680884357467506, within(1e-9));
        assertThat(judgement.interval().orElseThrow().high()).isCloseTo(0.01968088435746751, within(1e-9));
    }

    /** Seeds alone vary: {@code ttest_ind(left, right, equal_var=False)}, Welch's test. */
    @Test
    void seedsThatAloneVaryAreComparedByWelchsTest() {
        double[][] left = constant(.61, .66, .58, .70);
        double[][] right = constant(.55, .56, .57, .54);
        Judgement judgement = judged(LARGER, left, right);
        assertThat(Crossed.difference(left, right).freedom()).isCloseTo(3.35275448530623, within(1e-9));
        assertThat(judgement.method()).isEqualTo(JudgingMethod.SEEDS_AND_ITEMS);
        assertThat(judgement.p().orElseThrow()).isCloseTo(0.04933340481251977, within(1e-9));
        assertThat(judgement.interval().orElseThrow().low()).isCloseTo(0.00042412558034315984, within(1e-9));
        assertThat(judgement.interval().orElseThrow().high()).isCloseTo(0.16457587441965665, within(1e-9));
    }

    /**
     * Mean squares by {@code anova_lm(ols('x ~ C(s) + C(i)'))} of each side; the variance of the difference is
     * {@code (MSs1 + MSs2) / (S I) + (var(D) - (MSr1 + MSr2) / S) / I}, D the items' differences of means, and its degrees of
     * freedom are Satterthwaite's with S - 1, S - 1 and I - 1.
     */
    @Test
    void seedsAndItemsAreCrossed() {
        double[][] left = {{.9, .2, .7, .4, .6}, {.8, .1, .9, .5, .5}, {1.3, .5, 1.0, .6, 1.1}};
        double[][] right = {{.5, .3, .4, .1, .6}, {.7, .1, .6, .3, .2}, {.4, .4, .5, .3, .5}};
        Crossed crossed = Crossed.difference(left, right);
        assertThat(crossed.error()).isCloseTo(0.127627931460511, within(1e-12));
        assertThat(crossed.freedom()).isCloseTo(3.115147737732006, within(1e-9));
        Judgement judgement = judged(LARGER, left, right);
        assertThat(judgement.difference()).isCloseTo(0.28, within(1e-12));
        assertThat(judgement.p().orElseThrow()).isCloseTo(0.11251870409896925, within(1e-9));
        assertThat(judgement.interval().orElseThrow().low()).isCloseTo(-0.11780624608330198, within(1e-9));
        assertThat(judgement.interval().orElseThrow().high()).isCloseTo(0.6778062460833016, within(1e-9));
    }

    /** {@code TTestIndPower().solve_power(effect, alpha=.05, power=.8)}, rounded up: 175.38, 63.77 and 11.94 a side. */
    @ParameterizedTest
    @CsvSource({"0.3, 176", "0.5, 64", "1.2, 12"})
    void thePlannerCountsSeedsAsTheNoncentralTDoes(double effect, int needed) {
        Planner planner = new Planner(ofSeeds(), new Planner.Test.Different(), 0.05);
        assertThat(planner.seeds(effect)).hasValue(needed);
        assertThat(planner.items(effect)).isEmpty();
    }

    /** {@code TTestPower().solve_power(effect, alpha=level, power=.8)}, rounded up: 89.15, 51.01, 33.37, 23.79, 14.30, 119.20, 19.31. */
    @ParameterizedTest
    @CsvSource({"0.3, 1, 90", "0.4, 1, 52", "0.5, 1, 34", "0.6, 1, 24", "0.8, 1, 15", "0.3, 3, 120", "0.8, 3, 20"})
    void thePlannerCountsItemsAsTheNoncentralTDoes(double effect, int comparisons, int needed) {
        Planner planner = new Planner(ofItems(5), new Planner.Test.Different(), 0.05 / comparisons);
        assertThat(planner.items(effect)).hasValue(needed);
        assertThat(planner.seeds(effect)).isEmpty();
    }

    /** {@code TTestPower().power(effect, items, .05)}. */
    @ParameterizedTest
    @CsvSource({"1.5, 4, 0.53279", "1.0, 6, 0.50684", "0.8, 12, 0.71366", "0.4, 40, 0.69399", "0.5, 40, 0.86940"})
    void thePowerOverItemsIsTheNoncentralTs(double effect, int items, double power) {
        Planner planner = new Planner(ofItems(5), new Planner.Test.Different(), 0.05);
        assertThat(planner.power(effect, 1, items)).isCloseTo(power, within(items < 30 ? 0.003 : 3e-4));
    }

    /** Shares of 1,000,000 draws for which {@code ttest_ind(left, right, equal_var=False)} has a p of at most 0.05. */
    @ParameterizedTest
    @CsvSource({"2, 2, 0.1071", "2, 4, 0.3020", "3, 2, 0.3686", "3, 4, 0.8851", "5, 1.5, 0.5208", "8, 1.2, 0.5995"})
    void thePowerOverFewSeedsIsThatOfWelchsTest(int seeds, double effect, double power) {
        Planner planner = new Planner(ofSeeds(), new Planner.Test.Different(), 0.05);
        assertThat(planner.power(effect, seeds, 2)).isCloseTo(power, within(0.02));
    }

    /** {@code TTestPower().solve_power(effect, alpha=.025, power=.8, alternative='larger')} of what exceeds the margin. */
    @Test
    void thePlannerCountsItemsBeyondAMargin() {
        Planner planner = new Planner(ofItems(5), new Planner.Test.Beyond(2), 0.05);
        assertThat(planner.items(2.3)).hasValue(90);
        assertThat(planner.items(2.5)).hasValue(34);
    }

    /**
     * Power of two one-sided tests, integrated over the variance's chi-squared distribution by {@code scipy.integrate.quad}:
     * 0.805 and 0.790 with 36 and 35 items of deviation 0.1 and no difference, 0.805 and 0.79964 with 71 and 70 at 0.02.
     */
    @ParameterizedTest
    @CsvSource({"0, 36", "0.02, 71"})
    void thePlannerCountsItemsForEqualityAsTheIntegralDoes(double difference, int needed) {
        Crossed today = new Crossed(difference, 1, 5, List.of(), List.of(), 0.01);
        assertThat(new Planner(today, new Planner.Test.Within(0.05), 0.05).items(difference))
                .hasValue(needed);
    }

    /** Two sides of seeds, deviation 1, that alone vary. */
    private static Crossed ofSeeds() {
        return new Crossed(0, 2, 2, List.of(1.0, 1.0), List.of(0.0, 0.0), 0);
    }

    private static Crossed ofItems(int items) {
        return new Crossed(0, 1, items, List.of(), List.of(), 1);
    }

    /** Two items with the same value, so that they add nothing to what varies. */
    private static double[][] constant(double... seeds) {
        return Arrays.stream(seeds)
                .mapToObj(value -> new double[] {value, value})
                .toArray(double[][]::new);
    }

    /** Seeds whose differences are these, and no items. */
    private static Judgement judged(Claim claim, double[] differences) {
        List<CellResult> cells = new ArrayList<>();
        for (int seed = 0; seed < differences.length; seed++) {
            cells.add(cell(LEFT, seed, Measurements.builder().add("accuracy", 0.5 + differences[seed] + seed, "")));
            cells.add(cell(RIGHT, seed, Measurements.builder().add("accuracy", 0.5 + seed, "")));
        }
        return judged(claim, cells);
    }

    private static Judgement judged(Claim claim, double[][] left, double[][] right) {
        List<CellResult> cells = new ArrayList<>();
        for (int seed = 0; seed < left.length; seed++) {
            cells.add(cell(LEFT, seed, items(left[seed])));
            cells.add(cell(RIGHT, seed, items(right[seed])));
        }
        return judged(claim, cells);
    }

    private static Measurements.Builder items(double[] values) {
        return Measurements.builder(
                        Ints.asList(IntStream.range(0, values.length).toArray()))
                .mean("accuracy", 0, values, "");
    }

    private static CellResult cell(CellId method, int seed, Measurements.Builder found) {
        return new CellResult(method.and(CellId.SIZE, 10).and(CellId.SEED, seed), found.build(0));
    }

    private static Judgement judged(Claim claim, List<CellResult> cells) {
        return new StudyResult(
                        dataSizeStudy("referred")
                                .model(nanoGpt2())
                                .dataset(sparseTextWorld(SparseTextWorld.standard(), 100))
                                .sizes(10)
                                .seeds(1)
                                .compare(rewardModel(), dpo())
                                .expect(claim),
                        cells,
                        new Provenance(Map.of()))
                .judgements()
                .get(0);
    }
}
