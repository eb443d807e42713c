package org.preferencelearning.experiments.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.preferencelearning.experiments.dsl.Studies.dataSizeStudy;
import static org.preferencelearning.experiments.dsl.Studies.dpo;
import static org.preferencelearning.experiments.dsl.Studies.gpt2;
import static org.preferencelearning.experiments.dsl.Studies.rewardModel;
import static org.preferencelearning.experiments.dsl.Studies.sparseTextWorld;
import static org.preferencelearning.experiments.dsl.Studies.validationAccuracy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.apache.commons.statistics.distribution.BinomialDistribution;
import org.junit.jupiter.api.Test;
import org.preferencelearning.experiments.datasize.DataSizeStudy;
import org.preferencelearning.experiments.run.Runners;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Claim;
import org.preferencelearning.experiments.world.SparseTextWorld;
import org.preferencelearning.gpt2.graph.Gpt2Config;

/**
 * Language models that learned in the same way from other seeds are told apart as rarely as the level says. Every comparison has a
 * world, pairs, a fine-tuned policy and models of its own, so that comparisons are independent: groups of seeds drawn again and
 * again from the same few models would not be.
 *
 * <p>The build makes {@value #IN_THE_BUILD} comparisons; {@code -Dpreference.calibration=400} makes so many, which takes minutes
 * and bounds the level more closely.
 */
class TextWorldCalibrationTest {
    private static final int IN_THE_BUILD = 12;
    private static final int COMPARISONS = Integer.getInteger("preference.calibration", IN_THE_BUILD);
    private static final int SEEDS = 2;
    private static final String LEFT = "reward model";
    private static final String RIGHT = "DPO";

    @Test
    void equalMethodsDifferAsRarelyAsTheLevelSays() {
        int different = 0;
        Set<List<Double>> margins = new HashSet<>();
        for (int i = 0; i < COMPARISONS; i++) {
            StudyResult trained = Runners.inMemory().run(study(i));
            Judgement judgement = Judge.judge(asTwoMethods(trained), false).get(0);
            assertThat(judgement.method()).isEqualTo(JudgingMethod.SEEDS_AND_ITEMS);
            assertThat(judgement.items()).isEqualTo(60);
            different += judgement.verdict() == Verdict.INCONCLUSIVE ? 0 : 1;
            trained.cells(CellId.method(LEFT))
                    .forEach(cell -> margins.add(cell.measurements().items().get("margin")));
        }
        // models of their own, not one model again and again
        assertThat(margins).hasSize(2 * SEEDS * COMPARISONS);
        BinomialDistribution rare = BinomialDistribution.of(COMPARISONS, Crossed.ERROR_RATE);
        assertThat(different)
                .isBetween(rare.inverseCumulativeProbability(0.005), rare.inverseCumulativeProbability(0.995));
    }

    /** Four seeds of one method, in a world of its own. */
    private static DataSizeStudy study(int i) {
        return dataSizeStudy("null " + i)
                .model(gpt2(new Gpt2Config(100, 32, 8, 1, 1, 1e-5, 99)))
                .dataset(sparseTextWorld(new SparseTextWorld(20, 10, 1.5, 4, 8, 1000 + i), 124))
                .sizes(64)
                .seeds(LongStream.rangeClosed(1, 2 * SEEDS).map(s -> 4L * i + s).toArray())
                .compare(rewardModel().maxLength(31))
                .training(settings -> settings.withEpochs(4).withBatchSize(8, 8).withLearningRate(3e-2))
                .validationShare(60 / 124.0)
                .measure(validationAccuracy());
    }

    /** The first two seeds' models as those of one method, the others' as those of another. */
    private static StudyResult asTwoMethods(StudyResult trained) {
        DataSizeStudy study = ((DataSizeStudy) trained.study())
                .compare(rewardModel().maxLength(31), dpo().maxLength(31))
                .expect(Claim.larger("accuracy", CellId.method(LEFT), CellId.method(RIGHT), "test"));
        List<CellResult> cells = new ArrayList<>();
        List<CellResult> found = trained.cells(CellId.method(LEFT));
        for (int s = 0; s < found.size(); s++) {
            cells.add(new CellResult(
                    cell(s < SEEDS ? LEFT : RIGHT, s % SEEDS), found.get(s).measurements()));
        }
        return new StudyResult(study, cells, trained.provenance());
    }

    private static CellId cell(String method, long seed) {
        return CellId.method(method).and(CellId.SIZE, 64).and(CellId.SEED, seed);
    }
}
