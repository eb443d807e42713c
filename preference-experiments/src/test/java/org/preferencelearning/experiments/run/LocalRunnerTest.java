package org.preferencelearning.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.preferencelearning.experiments.dsl.Studies.dataSizeStudy;
import static org.preferencelearning.experiments.dsl.Studies.dpo;
import static org.preferencelearning.experiments.dsl.Studies.gpt2;
import static org.preferencelearning.experiments.dsl.Studies.promptChosenRejected;
import static org.preferencelearning.experiments.dsl.Studies.rewardModel;
import static org.preferencelearning.experiments.dsl.Studies.sparseTextWorld;
import static org.preferencelearning.experiments.dsl.Studies.validationAccuracy;
import static org.preferencelearning.experiments.dsl.Studies.validationLoss;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.LearningRateSchedule;
import org.preferencelearning.experiments.result.CellEvaluation;
import org.preferencelearning.experiments.result.CellResult;
import org.preferencelearning.experiments.result.ResultTable;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.study.DataSizeStudy;
import org.preferencelearning.experiments.study.EvaluationSpec;
import org.preferencelearning.experiments.study.Measure;
import org.preferencelearning.experiments.world.SparseTextWorld;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.model.Gpt2Policy;

class LocalRunnerTest {
    private static final Gpt2Config TINY = new Gpt2Config(100, 32, 16, 1, 2, 1e-5, 99);

    @TempDir
    Path folder;

    private static DataSizeStudy study() {
        return dataSizeStudy("tiny")
                .model(gpt2(TINY))
                .dataset(sparseTextWorld(SparseTextWorld.standard(), 60))
                .sizes(8, 16)
                .seeds(1, 2)
                .compare(rewardModel().maxLength(32), dpo().maxLength(32))
                .training(t -> t.withEpochs(1).withLearningRate(1e-3))
                .validationShare(0.2)
                .measure(validationAccuracy(), validationLoss());
    }

    @Test
    void everyCellIsRunAndReportedAndASecondRunGivesTheSameBits() {
        List<String> parts = new ArrayList<>();
        StudyResult first = LocalRunner.run(study(), recording(parts));
        StudyResult second = LocalRunner.run(study(), Progress.none());
        assertThat(first.cells()).hasSize(8);
        assertThat(measured(first)).isEqualTo(measured(second));
        assertThat(parts).hasSize(9).startsWith("fine-tuning").contains("DPO, 16 pairs, seed 2");
        for (CellResult cell : first.cells()) {
            assertThat(cell.validated()).isEqualTo(12);
            assertThat(cell.trained()).isEqualTo(cell.size());
            assertThat(cell.measured().get(Measure.VALIDATION_ACCURACY)).isBetween(0.0, 1.0);
        }
        assertThat(first.ceiling().orElseThrow()).isBetween(0.5, 1.0);
    }

    @Test
    void fineTuningCanBePackedAndStartFromAModelThatExists() {
        StudyResult unpacked = LocalRunner.run(study().sizes(8).seeds(1), Progress.none());
        DataSizeStudy packedStudy = study().sizes(8).seeds(1).on(gpt2(TINY).packed(16), study().dataset());
        StudyResult packed = LocalRunner.run(packedStudy, Progress.none());
        assertThat(measured(packed)).isNotEqualTo(measured(unpacked));
        assertThatThrownBy(() -> LocalRunner.run(study().on(gpt2(TINY).packed(33), study().dataset()), Progress.none()))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("packedLength")
                .hasMessageContaining("32");

        Path start = folder.resolve("start");
        int vocabulary = SparseTextWorld.standard().vocabulary().size() + 1;
        try (Gpt2Policy policy =
                Gpt2Policy.random(TINY.withVocabulary(vocabulary, vocabulary - 1), RandomSource.of(1))) {
            policy.save(start);
        }
        DataSizeStudy asIs = study().sizes(8).seeds(1).on(gpt2(start.toString()), study().dataset());
        StudyResult taken = LocalRunner.run(asIs, Progress.none());
        StudyResult tuned = LocalRunner.run(
                asIs.on(gpt2(start.toString()).packed(16).fineTuning(t -> t.withLearningRate(1e-3)), asIs.dataset()),
                Progress.none());
        assertThat(measured(tuned)).isNotEqualTo(measured(taken));
    }

    @Test
    void dropoutIsForRewardModelsInTrainingAndFollowsTheSeed() {
        DataSizeStudy study = study().sizes(16).seeds(1);
        StudyResult plain = LocalRunner.run(study, Progress.none());
        StudyResult dropped = LocalRunner.run(study.rewardModelDropout(0.2), Progress.none());
        StudyResult again = LocalRunner.run(study.rewardModelDropout(0.2), Progress.none());
        assertThat(measured(dropped)).isEqualTo(measured(again));
        assertThat(dropped.cells("DPO", 16).get(0).measured())
                .isEqualTo(plain.cells("DPO", 16).get(0).measured());
        assertThat(dropped.cells("reward model", 16).get(0).measured())
                .isNotEqualTo(plain.cells("reward model", 16).get(0).measured());
    }

    /** A cell alone equals the same cell in a larger study: it depends on nothing but itself. */
    @Test
    void aCellDoesNotDependOnTheOthers() {
        StudyResult all = LocalRunner.run(study(), Progress.none());
        StudyResult one = LocalRunner.run(study().sizes(16).seeds(2), Progress.none());
        for (String method : List.of("reward model", "DPO")) {
            assertThat(one.cells(method, 16).get(0).measured())
                    .isEqualTo(all.cells(method, 16).get(1).measured());
        }
    }

    @Test
    void anUntrainedPolicyHasMarginZeroSoItsLossIsLogTwo() {
        StudyResult result = LocalRunner.run(
                study().compare(dpo().maxLength(32))
                        .training(t -> t.withEpochs(1).withLearningRate(1e-30)),
                Progress.none());
        assertThat(result.cells().get(0).measured().get(Measure.VALIDATION_LOSS))
                .isCloseTo(Math.log(2), within(1e-6));
        assertThat(result.cells().get(0).measured().get(Measure.VALIDATION_ACCURACY))
                .isZero();
    }

    @Test
    void aWarmUpThatIsNeverOverIsRefusedBeforeAnyWork() {
        List<String> parts = new ArrayList<>();
        assertThatThrownBy(() -> LocalRunner.run(
                        study().training(t -> t.withSchedule(LearningRateSchedule.COSINE, 1)), recording(parts)))
                .isInstanceOf(SettingException.class)
                .hasMessageContainingAll("warmupSteps", "1.0", "1 updates");
        assertThat(parts).isEmpty();
    }

    /** With a rate that is far too high the first quarter is better than the end. */
    @Test
    void theBestEvaluationCountsWhereItIsSaid() {
        DataSizeStudy study = study().compare(rewardModel().maxLength(32))
                .sizes(48)
                .seeds(1)
                .training(t -> t.withEpochs(4).withLearningRate(0.1))
                .evaluation(EvaluationSpec.published());
        CellResult best = LocalRunner.run(study, Progress.none()).cells().get(0);
        assertThat(best.evaluations()).extracting(CellEvaluation::step).containsExactly(6L, 12L, 18L, 24L);
        double least = best.evaluations().stream()
                .mapToDouble(CellEvaluation::loss)
                .min()
                .orElseThrow();
        assertThat(best.measured().get(Measure.VALIDATION_LOSS)).isEqualTo(least);
        CellResult last = LocalRunner.run(study.evaluation(new EvaluationSpec(4, false)), Progress.none())
                .cells()
                .get(0);
        assertThat(last.evaluations()).isEqualTo(best.evaluations());
        assertThat(last.measured().get(Measure.VALIDATION_LOSS))
                .isEqualTo(last.evaluations().get(3).loss());
    }

    @Test
    void theTableSaysWhatWasDroppedAndWhatChanceIs() {
        StudyResult result = LocalRunner.run(study().seeds(1), Progress.none());
        assertThat(ResultTable.of(result))
                .contains("tiny: sparse text world, 1 seed(s), 12 held-out pairs")
                .contains("Chance is 0.5")
                .contains("standard error of about 0.144")
                .contains("inconclusive")
                .contains("Held-out pairs dropped: none.");
    }

    @Test
    void moreTrainingPairsThanThereAreIsRefused() {
        assertThatThrownBy(() -> LocalRunner.run(study().sizes(49), Progress.none()))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'sizes' is 49; allowed: at most 48");
    }

    @Test
    void aFileOfPairsThatDoNotFitIsRefused() throws IOException {
        String row = "{\"prompt\":\"%d one two three\",\"chosen\":\" four five six\",\"rejected\":\" seven\"}%n";
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 30; i++) {
            rows.append(String.format(row, i));
        }
        Path file = Files.writeString(folder.resolve("pairs.jsonl"), rows);
        DataSizeStudy study = dataSizeStudy("file")
                .model(gpt2(TINY))
                .dataset(promptChosenRejected(file))
                .sizes(5)
                .seeds(1)
                .compare(dpo().maxLength(4));
        assertThatThrownBy(() -> LocalRunner.run(study, Progress.none()))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("no pair that fits");
    }

    private static List<Map<Measure, Double>> measured(StudyResult result) {
        return result.cells().stream().map(CellResult::measured).toList();
    }

    private static Progress recording(List<String> parts) {
        return new Progress() {
            @Override
            public void begin(String part, long steps) {
                parts.add(part);
            }

            @Override
            public void step(long done, String status) {
                assertThat(status).startsWith("loss ");
            }

            @Override
            public void end(String summary) {}
        };
    }
}
