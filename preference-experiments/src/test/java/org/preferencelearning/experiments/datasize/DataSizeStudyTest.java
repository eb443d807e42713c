package org.preferencelearning.experiments.datasize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.preferencelearning.experiments.dsl.Studies.better;
import static org.preferencelearning.experiments.dsl.Studies.dataSizeStudy;
import static org.preferencelearning.experiments.dsl.Studies.dpo;
import static org.preferencelearning.experiments.dsl.Studies.gpt2;
import static org.preferencelearning.experiments.dsl.Studies.hhRlhf;
import static org.preferencelearning.experiments.dsl.Studies.nanoGpt2;
import static org.preferencelearning.experiments.dsl.Studies.pkuSafeRlhf;
import static org.preferencelearning.experiments.dsl.Studies.rewardModel;
import static org.preferencelearning.experiments.dsl.Studies.safer;
import static org.preferencelearning.experiments.dsl.Studies.sparseTextWorld;
import static org.preferencelearning.experiments.dsl.Studies.validationAccuracy;
import static org.preferencelearning.experiments.dsl.Studies.validationLoss;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Claim;
import org.preferencelearning.experiments.study.DatasetSpec;
import org.preferencelearning.experiments.study.FineTuningSpec;
import org.preferencelearning.experiments.study.MethodSpec;
import org.preferencelearning.experiments.study.ModelSpec;
import org.preferencelearning.experiments.study.StudyJson;
import org.preferencelearning.experiments.world.SparseTextWorld;
import org.preferencelearning.gpt2.model.ParameterSelection;

class DataSizeStudyTest {
    private static final DataSizeStudy STUDY = dataSizeStudy("rm-against-dpo")
            .model(nanoGpt2())
            .dataset(pkuSafeRlhf(Path.of("train.jsonl.xz")))
            .objective(safer())
            .sizes(250, 500)
            .seeds(41, 42, 43)
            .compare(rewardModel(), dpo().beta(0.2).training(t -> t.withEpochs(1)))
            .measure(validationAccuracy(), validationLoss());

    @Test
    void aFinishedChainIsAValueOfWhatWasSaid() {
        assertThat(STUDY.coordinates())
                .containsEntry("method", List.of("reward model", "DPO"))
                .containsEntry("size", List.of("250", "500"))
                .containsEntry("seed", List.of("41", "42", "43"));
        assertThat(STUDY.sizes()).containsExactly(250, 500);
        assertThat(STUDY.dataset()).isEqualTo(new DatasetSpec.File(DatasetSpec.Format.PKU_SAFER, "train.jsonl.xz"));
        assertThat(STUDY.methods().get(1).training().epochs()).isEqualTo(1);
        assertThat(STUDY.methods().get(0).training().epochs()).isEqualTo(3);
    }

    @Test
    void eachMethodReturnsAChangedCopy() {
        DataSizeStudy other = STUDY.sizes(10);
        assertThat(other.sizes()).containsExactly(10);
        assertThat(STUDY.sizes()).containsExactly(250, 500);
        assertThat(other.sizes(250, 500)).isEqualTo(STUDY);
    }

    @Test
    void jsonRestoresTheStudy() {
        assertThat(StudyJson.read("test", StudyJson.write(STUDY))).isEqualTo(STUDY);
        DataSizeStudy world =
                dataSizeStudy("w").model(nanoGpt2()).dataset(sparseTextWorld(SparseTextWorld.standard(), 100));
        assertThat(StudyJson.read("test", StudyJson.write(world))).isEqualTo(world);
        String json = StudyJson.write(world);
        assertRefused("{\"name\": 1}", "'version'");
        assertRefused("[]", "JSON object");
        assertRefused(json.replace("\"version\" : 2", "\"version\" : 3"), "a newer one wrote it");
        assertRefused(json.replace("\"data-size\"", "\"data-sizes\""), "kind 'data-sizes' is unknown");
        assertRefused(json.replace("\"data-size\"", "\"java.lang.String\""), "kind 'java.lang.String' is unknown");
        assertRefused(json.replace("\"baseSeed\"", "\"splitSeed\""), "field 'baseSeed' is missing");
        assertRefused(json.replace("\"baseSeed\"", "\"more\" : 1, \"baseSeed\""), "more");
        assertRefused(json.replace("\"validationShare\" : 0.1", "\"validationShare\" : 2"), "'validationShare' is 2.0");
        assertRefused(json.replace("\"batchSize\" : 8", "\"batchSize\" : 0"), "'batchSize' is 0");
        assertRefused("{\"kind\"", "not JSON");
        assertRefused(json.replace("\"epochs\" : 3", "\"epochs\" : null"), "null");
    }

    private static void assertRefused(String json, String problem) {
        assertThatThrownBy(() -> StudyJson.read("study.json", json))
                .isInstanceOf(DataFormatException.class)
                .hasMessageStartingWith("study.json")
                .hasMessageContaining(problem);
    }

    @Test
    void aClaimAboutWhatTheStudyDoesNotHaveIsRefusedWhereItIsSaid() {
        CellId rewardModel = CellId.method("reward model");
        CellId dpo = CellId.method("DPO");
        assertThat(STUDY.expect(Claim.larger("accuracy", rewardModel, dpo, "test"))
                        .claims())
                .hasSize(1);
        assertThatThrownBy(() -> STUDY.expect(Claim.larger("acuracy", rewardModel, dpo, "test")))
                .hasMessageContaining("acuracy")
                .hasMessageContaining("[accuracy, loss]");
        assertThatThrownBy(() -> STUDY.expect(Claim.larger("accuracy", CellId.method("PPO"), dpo, "test")))
                .hasMessageContaining("method 'PPO'");
        assertThatThrownBy(() -> STUDY.expect(Claim.larger("accuracy", rewardModel.and("size", 9), dpo, "test")))
                .hasMessageContaining("size '9'");
        assertThatThrownBy(() -> STUDY.expect(Claim.larger("accuracy", rewardModel.and("size", 250), dpo, "test")))
                .hasMessageContaining("the same coordinates");
        assertThatThrownBy(() -> STUDY.expect(Claim.larger("accuracy", rewardModel, dpo, "test"))
                        .compare(dpo()))
                .hasMessageContaining("method 'reward model'");
    }

    @Test
    void whatContradictsIsRefusedWhereItIsSaid() {
        assertThatThrownBy(() -> STUDY.sizes(new int[0]))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("sizes");
        assertThatThrownBy(() -> STUDY.sizes(5, 5))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("sizes");
        assertThatThrownBy(() -> STUDY.seeds(1, 1))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("seeds");
        assertThatThrownBy(() -> STUDY.compare(dpo(), dpo()))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("compare");
        assertThatThrownBy(() -> STUDY.validationShare(1))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("validationShare");
        assertThatThrownBy(() -> dpo().loss("dpoo"))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'loss' is dpoo");
        assertThatThrownBy(() -> dpo().beta(0))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("beta");
        assertThatThrownBy(() -> dataSizeStudy("x")
                        .model(nanoGpt2())
                        .dataset(hhRlhf(Path.of("a")))
                        .objective(safer()))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("objective")
                .hasMessageContaining("one judgement only");
    }

    @Test
    void presetsDifferInNamedSettings() {
        DataSizeStudy study = dataSizeStudy("presets")
                .model(nanoGpt2())
                .dataset(pkuSafeRlhf(Path.of("pairs.jsonl")))
                .objective(safer());
        DataSizeStudy published = study.asPublished();
        assertThat(published.evaluation()).isEqualTo(new EvaluationSpec(4, true));
        MethodSpec rewardModel = published.methods().get(0);
        MethodSpec dpo = published.methods().get(1);
        assertThat(published.trainingOf(rewardModel, 9000).epochs()).isEqualTo(6);
        assertThat(published.trainingOf(rewardModel, 4000).epochs()).isEqualTo(3);
        assertThat(published.trainingOf(dpo, 9000).epochs()).isEqualTo(3);
        assertThat(published.objective(better()).trainingOf(rewardModel, 9000).epochs())
                .isEqualTo(3);
        assertThat(dpo.training().warmupSteps()).isEqualTo(0.1);
        assertThat(published.asDescribed().trainingOf(rewardModel, 9000).epochs())
                .isEqualTo(3);
        assertThat(published.asDescribed().evaluation()).isEqualTo(EvaluationSpec.atEnd());
        assertThat(((MethodSpec.RewardModelMethod) rewardModel).dropout()).isEqualTo(0.1);
        assertThat(((MethodSpec.RewardModelMethod)
                                published.asDescribed().methods().get(0))
                        .dropout())
                .isZero();
        assertThat(StudyJson.read("test", StudyJson.write(published))).isEqualTo(published);
    }

    @Test
    void aModelThatExistsIsTakenAsItIsUnlessItsFineTuningIsSaid() {
        DataSizeStudy study = STUDY.on(gpt2("folder"), STUDY.dataset());
        assertThat(study.model()).isInstanceOf(ModelSpec.Pretrained.class);
        DataSizeStudy tuned = study.fineTuning(t -> t.withEpochs(2));
        assertThat(tuned.model())
                .isEqualTo(new ModelSpec.FineTuned(
                        "folder", FineTuningSpec.published().training(t -> t.withEpochs(2)), ParameterSelection.all()));
        assertThat(gpt2("folder").packed(64)).isInstanceOfSatisfying(ModelSpec.FineTuned.class, model -> assertThat(
                        model.fineTuning().packedLength())
                .isEqualTo(64));
        assertThat(StudyJson.read("test", StudyJson.write(tuned))).isEqualTo(tuned);
        assertThatThrownBy(() -> gpt2("folder").packed(1))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("packedLength");
        assertThatThrownBy(() -> rewardModel().dropout(1))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("dropout");
    }

    @Test
    void evaluationsFallOnEveryQuarterAndTheEnd() {
        EvaluationSpec quarters = new EvaluationSpec(4, false);
        assertThat(LongStream.rangeClosed(1, 10).filter(step -> quarters.isDue(step, 10)))
                .containsExactly(3L, 6L, 9L, 10L);
        assertThat(LongStream.rangeClosed(1, 10)
                        .filter(step -> EvaluationSpec.atEnd().isDue(step, 10)))
                .containsExactly(10L);
    }
}
