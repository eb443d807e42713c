package org.preferencelearning.experiments.dual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.run.Runners;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Measurements;
import org.preferencelearning.experiments.study.StudyJson;

class DualTokenSampleStudyTest {
    private static final DualTokenSampleStudy STUDY = DualTokenSampleStudy.of("small")
            .world(new DualTokenText(5, 3, 2, 2, 0, 0))
            .model(new WordModel(16, 2, 2))
            .trainedPrompts(2)
            .compare(SampleMethod.REWARD_MODEL, SampleMethod.DPO)
            .learningRate(3e-3)
            .seeds(41);

    private static Measurements cell(StudyResult result, DualTokenSampleMethod method, int size) {
        return result.cells().stream()
                .filter(cell -> cell.id().matches(CellId.method(method.label()).and(CellId.SIZE, size)))
                .findFirst()
                .orElseThrow()
                .measurements();
    }

    @Test
    void manyPairsTellTheTrueRewardAndFewDoNot() {
        StudyResult result = Runners.inMemory().run(STUDY.sizes(20, 20_000));
        for (DualTokenSampleMethod method : STUDY.methods()) {
            Measurements few = cell(result, method, 20);
            Measurements many = cell(result, method, 20_000);
            assertThat(many.last(DualTokenSampleStudy.ACCURACY).orElseThrow())
                    .as(method.label())
                    .isGreaterThan(0.98)
                    .isGreaterThan(few.last(DualTokenSampleStudy.ACCURACY).orElseThrow());
            assertThat(many.last(DualTokenSampleStudy.ERROR).orElseThrow())
                    .as(method.label())
                    .isLessThan(0.2)
                    .isLessThan(few.last(DualTokenSampleStudy.ERROR).orElseThrow());
            assertThat(many.last(DualTokenSampleStudy.LOG_ERROR).orElseThrow())
                    .isCloseTo(Math.log(many.last(DualTokenSampleStudy.ERROR).orElseThrow()), within(1e-12));
            assertThat(many.last(DualTokenSampleStudy.NEW_PROMPTS_ACCURACY)).isPresent();
        }
    }

    /** Words are known to the frozen body by what follows them, not by what they are worth. */
    @Test
    void aHeadAloneKnowsLessFromManyPairs() {
        StudyResult result = Runners.inMemory()
                .run(STUDY.sizes(5000)
                        .compare(SampleMethod.REWARD_MODEL, SampleMethod.REWARD_HEAD, SampleMethod.REWARD_HEAD_L1));
        double all = cell(result, SampleMethod.REWARD_MODEL, 5000)
                .last(DualTokenSampleStudy.ERROR)
                .orElseThrow();
        for (SampleMethod head : List.of(SampleMethod.REWARD_HEAD, SampleMethod.REWARD_HEAD_L1)) {
            assertThat(cell(result, head, 5000).last(DualTokenSampleStudy.ERROR).orElseThrow())
                    .as(head.label())
                    .isGreaterThan(2 * all);
        }
    }

    /** With almost every second label turned round there is almost nothing to learn. */
    @Test
    void noiseHidesTheReward() {
        StudyResult clean = Runners.inMemory().run(STUDY.sizes(1000).compare(SampleMethod.DPO));
        StudyResult noisy = Runners.inMemory()
                .run(STUDY.sizes(1000).compare(SampleMethod.DPO).noise(0.49));
        assertThat(cell(noisy, SampleMethod.DPO, 1000)
                        .last(DualTokenSampleStudy.ERROR)
                        .orElseThrow())
                .isGreaterThan(2
                        * cell(clean, SampleMethod.DPO, 1000)
                                .last(DualTokenSampleStudy.ERROR)
                                .orElseThrow());
    }

    @Test
    void aStudyIsReadBackFromItsJson() {
        DualTokenSampleStudy study =
                STUDY.expect(DualTokenSampleStudy.smallerError(SampleMethod.REWARD_MODEL, SampleMethod.DPO, "paper"));
        assertThat(StudyJson.read("study.json", StudyJson.write(study))).isEqualTo(study);
    }

    @Test
    void whatCannotBeIsRefusedBySetting() {
        assertThatThrownBy(() -> STUDY.noise(0.5)).hasMessageContaining("noise");
        assertThatThrownBy(() -> STUDY.sizes(19)).hasMessageContaining("sizes");
        assertThatThrownBy(() -> STUDY.trainedPrompts(4)).hasMessageContaining("trainedPrompts");
        assertThatThrownBy(() -> STUDY.learningRate(0)).hasMessageContaining("learningRate");
    }
}
