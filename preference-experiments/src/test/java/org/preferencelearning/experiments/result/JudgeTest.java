package org.preferencelearning.experiments.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.preferencelearning.experiments.dsl.Studies.dataSizeStudy;
import static org.preferencelearning.experiments.dsl.Studies.dpo;
import static org.preferencelearning.experiments.dsl.Studies.nanoGpt2;
import static org.preferencelearning.experiments.dsl.Studies.rewardModel;
import static org.preferencelearning.experiments.dsl.Studies.sparseTextWorld;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
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
        assertThat(judgements.get(0).halfWidth().orElseThrow()).isCloseTo(0, within(1e-12));
    }

    /** One seed: the interval is that over items, of their differences and not of each method's values. */
    @Test
    void itemsArePairedToo() {
        double[] left = new double[100];
        double[] right = new double[100];
        for (int i = 0; i < 100; i++) {
            right[i] = i % 2;
            // right where the other is, and on four more
            left[i] = i < 8 ? 1 : i % 2;
        }
        Judgement judgement = judged(
                        Claim.larger("accuracy", REWARD_MODEL.and("size", 10), DPO.and("size", 10), "test"),
                        cell("reward model", 10, 1, 0.54, left),
                        cell("DPO", 10, 1, 0.50, right))
                .get(0);
        // four differences of 1 among 100: deviation sqrt(.04 * .96 * 100 / 99)
        assertThat(judgement.halfWidth().orElseThrow())
                .isCloseTo(1.959964 * Math.sqrt(.04 * .96 * 100 / 99) / 10, within(1e-9));
        assertThat(judgement.verdict()).isEqualTo(Verdict.SUPPORTED);
    }

    @Test
    void oneSeedWithoutItemsSaysNothing() {
        Judgement judgement = judged(
                        Claim.larger("accuracy", REWARD_MODEL.and("size", 10), DPO.and("size", 10), "test"),
                        cell("reward model", 10, 1, 0.9),
                        cell("DPO", 10, 1, 0.1))
                .get(0);
        assertThat(judgement.halfWidth()).isEmpty();
        assertThat(judgement.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
    }

    private static List<Judgement> judged(Claim claim, CellResult... cells) {
        return new StudyResult(STUDY.expect(claim), new ArrayList<>(List.of(cells)), new Provenance(Map.of()))
                .judgements();
    }

    private static CellResult cell(String method, int size, long seed, double accuracy, double... items) {
        Measurements.Builder found = Measurements.builder().add("accuracy", accuracy, "");
        if (items.length > 0) {
            found.items("accuracy", items);
        }
        return new CellResult(CellId.method(method).and(CellId.SIZE, size).and(CellId.SEED, seed), found.build(0));
    }
}
