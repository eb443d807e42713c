package org.preferencelearning.experiments.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.preferencelearning.experiments.dsl.Studies.gpt2;
import static org.preferencelearning.experiments.dsl.Studies.onlineDpo;
import static org.preferencelearning.experiments.dsl.Studies.onlineStudy;
import static org.preferencelearning.experiments.dsl.Studies.sparseTextWorld;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.experiments.flagship.KnownWorldOnline;
import org.preferencelearning.experiments.flagship.Section3Online;
import org.preferencelearning.experiments.flagship.Section4DataSize;
import org.preferencelearning.experiments.result.CellResult;
import org.preferencelearning.experiments.result.Judgement;
import org.preferencelearning.experiments.result.Provenance;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.result.Verdict;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Measurements;
import org.preferencelearning.experiments.study.StudyJson;
import org.preferencelearning.experiments.study.StudyPlan;
import org.preferencelearning.experiments.world.SparseTextWorld;
import org.preferencelearning.gpt2.graph.Gpt2Config;

class OnlineStudyTest {
    private static final OnlineStudy STUDY = onlineStudy("judged")
            .model(gpt2(Gpt2Config.nano()))
            .data(sparseTextWorld(SparseTextWorld.standard(), 100))
            .compare(onlineDpo().named("a"), onlineDpo().named("b"))
            .under(Condition.NONE)
            .expect(
                    OnlineStudy.better(Condition.NONE, "a", "b", "test"),
                    OnlineStudy.equal(Condition.NONE, "a", "b", 1, "test"));

    @Test
    void aStudyIsReadBackFromItsJson() {
        OnlineStudy study = KnownWorldOnline.study();
        assertThat(StudyJson.read("test", StudyJson.write(study))).isEqualTo(study);
        assertThat(study.coordinates())
                .containsEntry("method", List.of("online DPO", "policy gradient", "offline DPO"))
                .containsEntry("condition", List.of("none", "policy", "reward", "both"));
        assertThat(study.scale(0.01).trainPrompts()).isEqualTo(3);
    }

    @Test
    void presetsDifferInNamedSettings() {
        OnlineStudy published = STUDY.asPublished();
        assertThat(published.sampling().topK()).isEqualTo(50);
        assertThat(published.appendEndOfText()).isTrue();
        OnlineStudy described = published.asDescribed();
        assertThat(described.sampling().topK()).isZero();
        assertThat(described.appendEndOfText()).isFalse();
        assertThat(described.asPublished()).isEqualTo(published);
    }

    /** The plan of Section 3: 24 cells of 4 iterations, each of 10,000 prompts twice. */
    @Test
    void aPlanCountsWhatWillBeDone() {
        StudyPlan plan = Section3Online.plan();
        assertThat(plan.cells()).isEqualTo(24);
        assertThat(plan.trainedTokens()).isEqualTo(24.0 * 4 * 2 * 2 * 10_000 * 256);
        assertThat(plan.sampledTokens()).isEqualTo(24.0 * 4 * (2 * 10_000 + 2 * 2_000) * 256);
        assertThat(plan.seconds(1e12)).isEqualTo(plan.flops() / 1e12);
        assertThat(Section4DataSize.plan().trainedTokens()).isEqualTo(2 * 3 * 3 * 2.0 * 16_000 * 256);
        assertThat(plan.describe(1e12)).contains("24 cells").contains("1000 GFLOP/s");
    }

    @ParameterizedTest
    @CsvSource({
        "5, 6, 7, 1, 2, 3, SUPPORTED, CONTRADICTED",
        "1, 2, 3, 5, 6, 7, CONTRADICTED, CONTRADICTED",
        "1, 2, 3, 1.1, 2.1, 3.1, CONTRADICTED, SUPPORTED",
        "1, 2, 3, 3, 2, 1, INCONCLUSIVE, INCONCLUSIVE",
    })
    void claimsAreJudgedByTheIntervalOfDifferences(
            double a1, double a2, double a3, double b1, double b2, double b3, Verdict better, Verdict equal) {
        List<Judgement> judgements =
                result(new double[] {a1, a2, a3}, new double[] {b1, b2, b3}).judgements();
        assertThat(judgements).extracting(Judgement::verdict).containsExactly(better, equal);
    }

    /** A method against itself: 95 % of the intervals must hold 0. */
    @Test
    void aMethodAgainstItselfDiffersAsRarelyAsTheIntervalPromises() {
        RandomSource random = RandomSource.of(11);
        // a claim alone, as several share their level
        OnlineStudy one = STUDY.withoutClaims().expect(STUDY.claims().get(0));
        int inconclusive = 0;
        int repetitions = 4000;
        for (int i = 0; i < repetitions; i++) {
            double[] a = {random.nextGaussian(), random.nextGaussian(), random.nextGaussian()};
            double[] b = {random.nextGaussian(), random.nextGaussian(), random.nextGaussian()};
            StudyResult result = new StudyResult(one, result(a, b).cells(), new Provenance(Map.of()));
            if (result.judgements().get(0).verdict() == Verdict.INCONCLUSIVE) {
                inconclusive++;
            }
        }
        // binomial with 0.95: deviation 14, five of them
        assertThat(inconclusive).isBetween(3800 - 70, 3800 + 70);
    }

    private static StudyResult result(double[] a, double[] b) {
        List<CellResult> cells = new ArrayList<>();
        for (int seed = 0; seed < 3; seed++) {
            cells.add(cell("a", seed, a[seed]));
            cells.add(cell("b", seed, b[seed]));
        }
        return new StudyResult(STUDY, cells, new Provenance(Map.of()));
    }

    private static CellResult cell(String method, long seed, double reward) {
        return new CellResult(
                CellId.of(CellId.CONDITION, "none").and(CellId.METHOD, method).and(CellId.SEED, seed),
                Measurements.builder()
                        .add(OnlineMetrics.REWARD, reward, "reward")
                        .build(0));
    }
}
