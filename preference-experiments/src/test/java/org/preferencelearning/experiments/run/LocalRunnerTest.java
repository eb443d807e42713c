package org.preferencelearning.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.preferencelearning.experiments.dsl.Studies.dataSizeStudy;
import static org.preferencelearning.experiments.dsl.Studies.dpo;
import static org.preferencelearning.experiments.dsl.Studies.gpt2;
import static org.preferencelearning.experiments.dsl.Studies.promptChosenRejected;
import static org.preferencelearning.experiments.dsl.Studies.rewardModel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.data.PreferenceDataset;
import org.preferencelearning.core.data.PreferencePair;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.LearningRateSchedule;
import org.preferencelearning.experiments.datasize.DataSizeStudy;
import org.preferencelearning.experiments.datasize.EvaluationSpec;
import org.preferencelearning.experiments.internal.tasks.DescribeData;
import org.preferencelearning.experiments.result.ResultTable;
import org.preferencelearning.experiments.result.Row;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Claim;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.task.Progress;
import org.preferencelearning.experiments.world.SparseTextWorld;
import org.preferencelearning.gpt2.model.Gpt2Policy;

class LocalRunnerTest {
    @TempDir
    Path folder;

    private static DataSizeStudy study() {
        return TinyStudies.dataSize();
    }

    private static StudyResult run(Study study) {
        return Runners.inMemory().run(study);
    }

    @Test
    void everyCellIsRunAndReportedAndASecondRunGivesTheSameBits() {
        List<String> parts = new ArrayList<>();
        StudyResult first = Runners.inMemory().progress(recording(parts)).run(study());
        StudyResult second = run(study());
        assertThat(first.cells()).hasSize(9);
        assertThat(first.rows()).isEqualTo(second.rows());
        assertThat(parts).startsWith("fine-tuned policy").contains("DPO, 16 pairs, seed 2");
        // one fine-tuning, scores of two sizes and the held-out pairs, eight cells
        assertThat(parts).hasSize(1 + 3 + 8);
        for (String method : List.of("reward model", "DPO")) {
            for (int size : List.of(8, 16)) {
                CellId cell = cell(method, size, 1);
                assertThat(first.value(cell, "measured_pairs")).isEqualTo(12);
                assertThat(first.value(cell, "trained_pairs")).isEqualTo(size);
                assertThat(first.value(cell, "accuracy")).isBetween(0.0, 1.0);
                assertThat(first.cells(cell).get(0).measurements().items().get("margin"))
                        .hasSize(12);
            }
        }
        assertThat(first.value(CellId.of(CellId.ABOUT, "data"), DescribeData.CEILING))
                .isBetween(0.5, 1.0);
    }

    /** A method for which some held-out pairs are too long keeps the others under the numbers that they have for all. */
    @Test
    void cellsSayWhichHeldOutPairsTheyMeasured() {
        int longest = 19;
        DataSizeStudy study = study().sizes(16)
                .seeds(1)
                .compare(rewardModel().maxLength(31), dpo().maxLength(longest))
                .expect(Claim.larger("accuracy", CellId.method("reward model"), CellId.method("DPO"), "test"));
        StudyResult result = run(study);
        PreferenceDataset heldOut = SparseTextWorld.standard()
                .sample(60)
                .trainTestSplit(study.validationShare(), study.baseSeed())
                .test();
        Integer[] fitting = IntStream.range(0, heldOut.size())
                .filter(i -> words(heldOut.pairs().get(i)) + 1 <= longest)
                .boxed()
                .toArray(Integer[]::new);
        assertThat(fitting.length).isBetween(2, heldOut.size() - 1);
        assertThat(itemIds(result, "DPO")).containsExactly(fitting);
        assertThat(itemIds(result, "reward model"))
                .containsExactly(IntStream.range(0, heldOut.size()).boxed().toArray(Integer[]::new));
        assertThat(result.judgements().get(0).items()).isEqualTo(fitting.length);
        assertThat(result.judgements().get(0).unpaired()).isEqualTo(heldOut.size() - fitting.length);
    }

    private static List<Integer> itemIds(StudyResult result, String method) {
        return result.cells(cell(method, 16, 1)).get(0).measurements().itemIds();
    }

    /** Of the longer side, without the end of text. */
    private static int words(PreferencePair pair) {
        return Stream.of(pair.chosen(), pair.rejected())
                .mapToInt(response -> (pair.prompt() + response).trim().split("\\s+").length)
                .max()
                .orElseThrow();
    }

    @Test
    void fineTuningCanBePackedAndStartFromAModelThatExists() {
        DataSizeStudy small = study().sizes(8).seeds(1);
        StudyResult unpacked = run(small);
        StudyResult packed = run(small.on(gpt2(TinyStudies.MODEL).packed(16), small.dataset()));
        assertThat(packed.rows()).isNotEqualTo(unpacked.rows());
        assertThatThrownBy(() -> run(small.on(gpt2(TinyStudies.MODEL).packed(33), small.dataset())))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("packedLength")
                .hasMessageContaining("32");

        Path start = folder.resolve("start");
        int vocabulary = SparseTextWorld.standard().vocabulary().size() + 1;
        try (Gpt2Policy policy =
                Gpt2Policy.random(TinyStudies.MODEL.withVocabulary(vocabulary, vocabulary - 1), RandomSource.of(1))) {
            policy.save(start);
        }
        DataSizeStudy asIs = small.on(gpt2(start.toString()), small.dataset());
        StudyResult taken = run(asIs);
        StudyResult tuned = run(
                asIs.on(gpt2(start.toString()).packed(16).fineTuning(t -> t.withLearningRate(1e-3)), asIs.dataset()));
        assertThat(tuned.rows()).isNotEqualTo(taken.rows());
    }

    @Test
    void dropoutIsForRewardModelsInTrainingAndFollowsTheSeed() {
        DataSizeStudy study = study().sizes(16).seeds(1);
        StudyResult plain = run(study);
        StudyResult dropped = run(study.rewardModelDropout(0.2));
        StudyResult again = run(study.rewardModelDropout(0.2));
        assertThat(dropped.rows()).isEqualTo(again.rows());
        assertThat(rows(dropped, cell("DPO", 16, 1))).isEqualTo(rows(plain, cell("DPO", 16, 1)));
        assertThat(rows(dropped, cell("reward model", 16, 1))).isNotEqualTo(rows(plain, cell("reward model", 16, 1)));
    }

    /** Alone, in another order, or beside a method with longer sequences: a cell depends on nothing but itself. */
    @Test
    void aCellDoesNotDependOnTheOthers() {
        StudyResult all = run(study());
        StudyResult one = run(study().sizes(16).seeds(2));
        StudyResult turned = run(study().sizes(16, 8)
                .seeds(2, 1)
                .compare(dpo().maxLength(31), rewardModel().maxLength(31)));
        StudyResult longer = run(study().compare(
                        rewardModel().maxLength(31),
                        dpo().maxLength(31),
                        dpo().loss("hinge").maxLength(32))
                .training(t -> t.withEpochs(1).withLearningRate(1e-3)));
        for (String method : List.of("reward model", "DPO")) {
            List<Row> expected = rows(all, cell(method, 16, 2));
            assertThat(rows(one, cell(method, 16, 2))).isEqualTo(expected);
            assertThat(rows(longer, cell(method, 16, 2))).isEqualTo(expected);
        }
        assertThat(turned.cells()).hasSize(9);
    }

    @Test
    void aPolicyThatHardlyMovesHasMarginZeroSoItsLossIsLogTwo() {
        StudyResult result =
                run(study().compare(dpo().maxLength(31)).sizes(8).seeds(1).training(t -> t.withEpochs(1)
                        .withLearningRate(1e-9)));
        assertThat(result.value(cell("DPO", 8, 1), "loss")).isCloseTo(Math.log(2), within(1e-6));
    }

    /** The reference is asked for the beginnings of responses too; where nearly all of a tail counts, the loss is nearly DPO's. */
    @Test
    void lossesOfTokensTakePart() {
        StudyResult result = run(study().compare(
                        dpo().maxLength(31),
                        dpo().loss("ld_sigmoid_0.999999").maxLength(31),
                        dpo().loss("ld_sigmoid_0").maxLength(31),
                        dpo().loss("wpo_aligned_sigmoid").maxLength(31))
                .sizes(8)
                .seeds(1)
                .training(t -> t.withEpochs(2).withLearningRate(1e-2)));
        List<Double> losses = Stream.of(
                        "DPO", "DPO ld_sigmoid_0.999999", "DPO ld_sigmoid_0.0", "DPO wpo_aligned_sigmoid")
                .map(method -> result.value(cell(method, 8, 1), "loss"))
                .toList();
        assertThat(losses).allMatch(Double::isFinite);
        assertThat(losses.get(1)).isCloseTo(losses.get(0), within(1e-4));
        assertThat(losses.get(2)).isNotCloseTo(losses.get(0), within(1e-4));
        assertThat(losses.get(3)).isNotCloseTo(losses.get(0), within(1e-4));
    }

    /** With a rate that is far too high the first quarter is better than the end. */
    @Test
    void theBestEvaluationCountsWhereItIsSaid() {
        DataSizeStudy study = study().compare(rewardModel().maxLength(31))
                .sizes(48)
                .seeds(1)
                .training(t -> t.withEpochs(4).withLearningRate(0.1))
                .evaluation(EvaluationSpec.published());
        CellId cell = cell("reward model", 48, 1);
        StudyResult best = run(study);
        List<Row> evaluated = rows(best, cell).stream()
                .filter(row -> row.metric().equals("evaluated_loss"))
                .toList();
        assertThat(evaluated).extracting(Row::step).containsExactly(6L, 12L, 18L, 24L);
        assertThat(best.value(cell, "loss"))
                .isEqualTo(evaluated.stream().mapToDouble(Row::value).min().orElseThrow());
        StudyResult last = run(study.evaluation(new EvaluationSpec(4, false)));
        assertThat(last.value(cell, "loss")).isEqualTo(evaluated.get(3).value());
    }

    @Test
    void theTableSaysWhatWasMeasuredAndWhatWasClaimed() {
        StudyResult result = run(study().seeds(1)
                .sizes(8)
                .expect(Claim.larger("accuracy", CellId.method("reward model"), CellId.method("DPO"), "nobody")));
        assertThat(ResultTable.of(result))
                .contains("tiny: 3 cells")
                .contains("ceiling 0.")
                .contains("held_out_pairs 12")
                .contains("reward model > DPO at size 8")
                .contains("(nobody)");
    }

    @Test
    void aWarmUpThatIsNeverOverIsRefusedBeforeAnyWork() {
        List<String> parts = new ArrayList<>();
        assertThatThrownBy(() -> Runners.inMemory()
                        .progress(recording(parts))
                        .run(study().training(t -> t.withSchedule(LearningRateSchedule.COSINE, 1))))
                .isInstanceOf(SettingException.class)
                .hasMessageContainingAll("warmupSteps", "1.0", "1 updates");
        assertThat(parts).isEmpty();
    }

    @Test
    void moreTrainingPairsThanThereAreIsRefusedBeforeAnyTraining() {
        List<String> parts = new ArrayList<>();
        assertThatThrownBy(() -> Runners.inMemory().progress(recording(parts)).run(study().sizes(8, 49)))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'sizes' is 49; allowed: at most 48");
        assertThat(parts).isEmpty();
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
                .model(gpt2(TinyStudies.MODEL))
                .dataset(promptChosenRejected(file))
                .sizes(5)
                .seeds(1)
                .compare(dpo().maxLength(4));
        assertThatThrownBy(() -> run(study))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("maxLength");
    }

    private static CellId cell(String method, int size, long seed) {
        return CellId.method(method).and(CellId.SIZE, size).and(CellId.SEED, seed);
    }

    private static List<Row> rows(StudyResult result, CellId cell) {
        return result.rows().stream().filter(row -> row.cell().matches(cell)).toList();
    }

    private static Progress recording(List<String> parts) {
        return new Progress() {
            @Override
            public void begin(String part, long steps) {
                parts.add(part);
            }

            @Override
            public void step(long done, String status) {}

            @Override
            public void end(String summary) {}
        };
    }
}
