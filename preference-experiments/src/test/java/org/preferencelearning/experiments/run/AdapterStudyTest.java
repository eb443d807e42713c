package org.preferencelearning.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.preferencelearning.experiments.dsl.Studies.dataSizeStudy;
import static org.preferencelearning.experiments.dsl.Studies.dpo;
import static org.preferencelearning.experiments.dsl.Studies.gpt2;
import static org.preferencelearning.experiments.dsl.Studies.onlineDpo;
import static org.preferencelearning.experiments.dsl.Studies.onlineStudy;
import static org.preferencelearning.experiments.dsl.Studies.pairs;
import static org.preferencelearning.experiments.dsl.Studies.pretrainedReward;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.data.PreferencePair;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.LearningRateSchedule;
import org.preferencelearning.experiments.online.Condition;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.GivenPairs;
import org.preferencelearning.experiments.task.Progress;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.LoraSettings;
import org.preferencelearning.gpt2.graph.Projection;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.Gpt2RewardModel;
import org.preferencelearning.gpt2.model.ParameterSelection;

/** A study starts from a folder of adapters as it does from the model into which they are merged. */
class AdapterStudyTest {
    private static final List<String> WORDS = List.of("which", "one", "two", "three", "four", "five");

    @TempDir
    Path folder;

    @BeforeEach
    void models() throws IOException {
        save(1);
        try (Gpt2Policy base = Gpt2Policy.load(folder.resolve("base"), ParameterSelection.none());
                Gpt2Policy adapted =
                        base.withLora(LoraSettings.of(2, 2, Projection.ATTENTION_INPUT), RandomSource.of(2))) {
            adapted.parameters()
                    .trained()
                    .forEach(parameter -> parameter.value().addi(0.3));
            adapted.saveAdapter(folder.resolve("adapter"));
            try (Gpt2Policy merged = adapted.copy(ParameterSelection.none())) {
                merged.save(folder.resolve("merged"));
            }
        }
    }

    private void save(long seed) {
        Gpt2Config config = new Gpt2Config(WORDS.size() + 1, 16, 8, 1, 2, 1e-5, WORDS.size());
        try (Gpt2Policy policy = Gpt2Policy.random(config, RandomSource.of(seed))) {
            policy.save(folder.resolve("base"));
        }
    }

    /** As peft writes it. */
    private void nameBase() throws IOException {
        nameBase("adapter");
    }

    private void nameBase(String adapter) throws IOException {
        Path config = folder.resolve(adapter + "/adapter_config.json");
        ObjectNode json = (ObjectNode) new ObjectMapper().readTree(config.toFile());
        json.put("base_model_name_or_path", folder.resolve("base").toString());
        new ObjectMapper().writeValue(config.toFile(), json);
    }

    private StudyResult run(String model) {
        List<PreferencePair> pairs = IntStream.range(0, 20)
                .mapToObj(i -> PreferencePair.of("which", " " + WORDS.get(1 + i % 2), " " + WORDS.get(3 + i % 3)))
                .toList();
        return Runners.inMemory()
                .run(dataSizeStudy("adapters")
                        .model(gpt2(folder.resolve(model).toString()))
                        .dataset(pairs(new GivenPairs("words", pairs, WORDS)))
                        .sizes(8)
                        .seeds(1)
                        .compare(dpo())
                        .maxLength(8)
                        .training(settings -> settings.withEpochs(2).withLearningRate(1e-3)));
    }

    private static List<Double> margins(StudyResult result) {
        return result.cells(CellId.method("DPO")).get(0).measurements().items().get("margin");
    }

    @Test
    void adaptersAreMergedIntoTheModelThatTheyName() throws IOException {
        nameBase();
        List<Double> adapted = margins(run("adapter"));
        assertThat(adapted).isNotEmpty().isEqualTo(margins(run("merged"))).isNotEqualTo(margins(run("base")));
    }

    @Test
    void adaptersThatNameNoModelAreRefused() {
        assertThatThrownBy(() -> run("adapter"))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'model'")
                .hasMessageContaining("adapters that do not say which model they are of");
    }

    /** Adapters as a study's true reward, with the head that they bring. */
    @Test
    void adaptedRewardModelsJudgeAsTheMergedOneDoes() throws IOException {
        try (Gpt2Policy base = Gpt2Policy.load(folder.resolve("base"), ParameterSelection.none());
                Gpt2RewardModel plain = Gpt2RewardModel.from(base, RandomSource.of(4));
                Gpt2RewardModel adapted =
                        plain.withLora(LoraSettings.of(2, 2, Projection.ATTENTION_INPUT), RandomSource.of(5))) {
            plain.save(folder.resolve("plain reward"));
            adapted.parameters()
                    .trained()
                    .forEach(parameter -> parameter.value().addi(0.3));
            adapted.saveAdapter(folder.resolve("reward adapter"));
            try (Gpt2RewardModel merged = adapted.copy(ParameterSelection.none())) {
                merged.save(folder.resolve("merged reward"));
            }
        }
        nameBase("reward adapter");
        double reward = meanReward("reward adapter");
        assertThat(reward).isEqualTo(meanReward("merged reward")).isNotEqualTo(meanReward("plain reward"));
    }

    private double meanReward(String oracle) {
        List<PreferencePair> pairs = IntStream.range(0, 20)
                .mapToObj(i -> PreferencePair.of(
                        "which " + WORDS.get(1 + i % 5), " " + WORDS.get(1 + i % 2), " " + WORDS.get(3 + i % 3)))
                .toList();
        return Runners.inMemory()
                .run(onlineStudy("adapted reward")
                        .model(gpt2(folder.resolve("base").toString()))
                        .data(pairs(new GivenPairs("words", pairs, WORDS)))
                        .oracle(pretrainedReward(folder.resolve(oracle).toString()))
                        .compare(onlineDpo())
                        .under(Condition.NONE)
                        .iterations(1)
                        .prompts(3, 2)
                        .sampling(settings -> settings.withMaxNewTokens(4))
                        .training(settings -> settings.withBatchSize(4, 4).withSchedule(LearningRateSchedule.COSINE, 0))
                        .seeds(1))
                .value(CellId.of(CellId.ABOUT, "fine-tuned policy"), "reward");
    }

    /** Results are found again by what a model is: the adapters, and what they are of. */
    @Test
    void bothFoldersCount() throws IOException {
        nameBase();
        String before = hash();
        assertThat(hash()).isEqualTo(before);
        save(3);
        String other = hash();
        assertThat(other).isNotEqualTo(before);
        save(1);
        assertThat(hash()).isEqualTo(before);
        Path config = folder.resolve("adapter/adapter_config.json");
        ObjectNode json = (ObjectNode) new ObjectMapper().readTree(config.toFile());
        json.put("lora_alpha", 5);
        new ObjectMapper().writeValue(config.toFile(), json);
        assertThat(hash()).isNotEqualTo(before);
    }

    private String hash() {
        return new FileContents(Progress.none())
                .ofModel(folder.resolve("adapter").toString());
    }
}
