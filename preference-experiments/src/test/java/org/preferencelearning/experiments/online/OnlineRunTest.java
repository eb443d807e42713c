package org.preferencelearning.experiments.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.preferencelearning.experiments.dsl.Studies.blocks;
import static org.preferencelearning.experiments.dsl.Studies.embeddings;
import static org.preferencelearning.experiments.dsl.Studies.gpt2;
import static org.preferencelearning.experiments.dsl.Studies.offlineDpo;
import static org.preferencelearning.experiments.dsl.Studies.onlineDpo;
import static org.preferencelearning.experiments.dsl.Studies.onlineStudy;
import static org.preferencelearning.experiments.dsl.Studies.onlyHead;
import static org.preferencelearning.experiments.dsl.Studies.onlyLastBlockMlpAndHead;
import static org.preferencelearning.experiments.dsl.Studies.pairs;
import static org.preferencelearning.experiments.dsl.Studies.policyGradient;
import static org.preferencelearning.experiments.dsl.Studies.promptChosenRejected;
import static org.preferencelearning.experiments.dsl.Studies.promptFile;
import static org.preferencelearning.experiments.dsl.Studies.rewardModel;
import static org.preferencelearning.experiments.dsl.Studies.sparseTextWorld;
import static org.preferencelearning.experiments.dsl.Studies.trainedReward;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.data.PreferencePair;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.train.LearningRateSchedule;
import org.preferencelearning.experiments.result.Judgement;
import org.preferencelearning.experiments.result.ResultTable;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.result.Verdict;
import org.preferencelearning.experiments.run.Runners;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Measurements.Measurement;
import org.preferencelearning.experiments.study.TextScore;
import org.preferencelearning.experiments.task.Progress;
import org.preferencelearning.experiments.world.SparseTextWorld;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.model.ParameterSelection;

class OnlineRunTest {
    private static final OnlineStudy STUDY = onlineStudy("small")
            .model(gpt2(new Gpt2Config(1, 48, 32, 2, 2, 1e-5, 0)))
            .data(sparseTextWorld(new SparseTextWorld(20, 4, 1.5, 3, 8, 7), 300))
            .fineTuning(settings -> settings.withEpochs(2).withBatchSize(32, 32).withLearningRate(3e-3))
            .misspecifiedPolicy(ParameterSelection.frozen(embeddings(), blocks(0, 1)))
            .compare(onlineDpo().beta(0.5), policyGradient().beta(0.5))
            .under(Condition.NONE)
            .iterations(2)
            .prompts(64, 40)
            .sampling(settings -> settings.withTemperature(1).withTopK(0).withMaxNewTokens(12))
            .training(settings -> settings.withBatchSize(16, 16)
                    .withLearningRate(1e-3)
                    .withEpochs(1)
                    .withSchedule(LearningRateSchedule.COSINE, 0))
            .seeds(1, 2);

    @Test
    void bothMethodsRaiseTheTrueRewardWithinWhatIsPossible() {
        OnlineStudy study = STUDY.iterations(3)
                .training(settings -> settings.withLearningRate(1e-3).withEpochs(3));
        StudyResult result = run(study);
        assertThat(result.cells(CellId.of(CellId.CONDITION, "none"))).hasSize(4);
        CellId start = CellId.of(CellId.ABOUT, "fine-tuned policy");
        assertThat(result.value(start, OnlineMetrics.KL)).isCloseTo(0, within(1e-4));
        assertThat(result.value(start, OnlineMetrics.WIN_RATE)).isEqualTo(0.5);
        double possible =
                result.value(CellId.of(CellId.ABOUT, "optimum against the world's text"), OnlineMetrics.OWN_REWARD);
        for (OnlineMethod method : study.methods()) {
            CellId cells = CellId.method(method.label());
            assertThat(result.summary(cells, OnlineMetrics.OWN_REWARD).mean())
                    .isGreaterThan(result.value(start, OnlineMetrics.OWN_REWARD) + 0.3)
                    .isLessThan(possible + 1);
            double divergence = result.summary(cells, OnlineMetrics.KL).mean();
            assertThat(divergence).isPositive();
            assertThat(result.summary(cells, OnlineMetrics.VALUE).mean())
                    .isCloseTo(result.summary(cells, OnlineMetrics.OWN_REWARD).mean() - 0.5 * divergence, within(1e-9));
        }
        CellId optimum = CellId.of(CellId.ABOUT, "optimum against the world's text");
        assertThat(result.value(optimum, OnlineMetrics.VALUE))
                .isCloseTo(possible - 0.5 * result.value(optimum, OnlineMetrics.EXACT_KL), within(1e-12));
        assertThat(ResultTable.of(result)).contains("policy gradient").contains("fine-tuned");
    }

    @Test
    void equalStudiesGiveEqualNumbersAndOtherSeedsOthers() {
        StudyResult one = run(STUDY);
        assertThat(run(STUDY).rows()).isEqualTo(one.rows());
        assertThat(values(one, "none", "online DPO", 1)).isNotEqualTo(values(one, "none", "online DPO", 2));
    }

    /** Online DPO on data that stay as they are is offline DPO with soft labels, to the last bit. */
    @Test
    void withoutRegenerationOnlineDpoIsOfflineDpo() {
        OnlineMethod fixed = new OnlineMethod("fixed", "rev_kl", 0.5, false, false);
        StudyResult result =
                run(STUDY.compare(offlineDpo().beta(0.5), fixed, onlineDpo().beta(0.5)));
        for (long seed = 1; seed <= 2; seed++) {
            List<Measurement> offline = values(result, "none", "offline DPO", seed);
            List<Measurement> online = values(result, "none", "online DPO", seed);
            assertThat(values(result, "none", "fixed", seed)).isEqualTo(offline);
            assertThat(at(online, 1)).isEqualTo(at(offline, 1));
            assertThat(at(online, 2)).isNotEqualTo(at(offline, 2));
        }
    }

    @Test
    void aMethodAgainstItselfMakesNoDifference() {
        StudyResult result =
                run(STUDY.compare(onlineDpo().named("a"), onlineDpo().named("b"))
                        .expect(
                                OnlineStudy.better(Condition.NONE, "a", "b", "A/A"),
                                OnlineStudy.equal(Condition.NONE, "a", "b", 1e-9, "A/A")));
        assertThat(result.judgements()).extracting(Judgement::difference).containsExactly(0.0, 0.0);
        assertThat(result.judgements())
                .extracting(Judgement::verdict)
                .containsExactly(Verdict.INCONCLUSIVE, Verdict.SUPPORTED);
    }

    @Test
    void conditionsWeakenWhatTheySay() {
        StudyResult result = run(STUDY.under(Condition.values()).seeds(1));
        List<Measurement> none = values(result, "none", "online DPO", 1);
        assertThat(values(result, "reward", "online DPO", 1)).isEqualTo(none);
        assertThat(values(result, "policy", "online DPO", 1)).isNotEqualTo(none);
        assertThat(values(result, "reward", "policy gradient", 1))
                .isNotEqualTo(values(result, "none", "policy gradient", 1));
        assertThat(result.value(
                        CellId.of(CellId.ABOUT, "optimum against the world's text, mis-specified reward"),
                        OnlineMetrics.OWN_REWARD))
                .isLessThan(result.value(
                        CellId.of(CellId.ABOUT, "optimum against the world's text"), OnlineMetrics.OWN_REWARD));
    }

    @Test
    void startReferenceAndDataAreThreeChoices() {
        OnlineStudy study = STUDY.compare(onlineDpo().beta(0.5)).seeds(1);
        List<Measurement> published = values(run(study), "none", "online DPO", 1);
        for (IterationPolicy other : List.of(
                new IterationPolicy(
                        IterationPolicy.Start.FINE_TUNED,
                        IterationPolicy.Reference.FINE_TUNED,
                        IterationPolicy.Data.NEWEST),
                new IterationPolicy(
                        IterationPolicy.Start.PREVIOUS,
                        IterationPolicy.Reference.PREVIOUS,
                        IterationPolicy.Data.NEWEST),
                new IterationPolicy(
                        IterationPolicy.Start.PREVIOUS,
                        IterationPolicy.Reference.FINE_TUNED,
                        IterationPolicy.Data.ALL))) {
            List<Measurement> changed = values(run(study.iteration(other)), "none", "online DPO", 1);
            assertThat(at(changed, 1)).isEqualTo(at(published, 1));
            assertThat(at(changed, 2)).as(other.toString()).isNotEqualTo(at(published, 2));
        }
    }

    @Test
    void aMisspecifiedRewardModelIsTrainedWhereItIsNeededAndItsAccuracyTold() {
        OnlineStudy study = STUDY.misspecifiedReward(trainedReward(
                        rewardModel()
                                .training(onlyLastBlockMlpAndHead())
                                .training(settings -> settings.withLearningRate(3e-3)),
                        200))
                .selection(PairSelection.MAX_RANDOM, 0)
                .responsesPerPrompt(3)
                .seeds(1);
        CellId about = CellId.of(CellId.ABOUT, "mis-specified reward");
        assertThat(run(study.under(Condition.REWARD)).value(about, OnlineMetrics.ACCURACY))
                .isBetween(0.3, 0.95);
        List<String> parts = new ArrayList<>();
        Runners.inMemory().progress(new Parts(parts)).run(study.under(Condition.NONE));
        assertThat(parts).isNotEmpty().noneMatch(part -> part.contains("reward model"));
    }

    @Test
    void aWarmUpThatIsNeverOverIsRefusedBeforeAnyWorkAndScaledDownWithTheStudy() {
        OnlineStudy study = STUDY.training(settings -> settings.withSchedule(LearningRateSchedule.COSINE, 3));
        assertThatThrownBy(() -> run(study.prompts(48, 40)))
                .isInstanceOf(SettingException.class)
                .hasMessageContainingAll("warmupSteps", "3.0", "0 to 2", "3 updates");
        assertThat(study.scale(0.75).training().warmupSteps()).isZero();
        assertThat(study.scale(1)).isEqualTo(study);
    }

    @Test
    void tooManyPromptsAreRefused() {
        assertThatThrownBy(() -> run(STUDY.sampling(settings -> settings.withMaxNewTokens(47))))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("prompts");
        assertThatThrownBy(() -> run(STUDY.sampling(settings -> settings.withMaxNewTokens(64))))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("maxNewTokens");
    }

    /** A reward of one's own. */
    record Length() implements TextScore {
        @Override
        public String label() {
            return "length";
        }

        @Override
        public double of(String prompt, String response) {
            return response.length();
        }
    }

    /** Before anything is computed, and by the name of what was not set. */
    @Test
    void whatDataOfOnesOwnCannotGiveIsRefusedFirst() {
        List<PreferencePair> four = IntStream.range(0, 40)
                .mapToObj(i -> PreferencePair.of("q " + i % 4, " yes", " no"))
                .toList();
        OnlineStudy study = onlineStudy("own data")
                .model(gpt2(new Gpt2Config(1, 48, 8, 1, 2, 1e-5, 0)))
                .data(pairs("mine", four))
                .oracle(new Length())
                .sampling(settings -> settings.withMaxNewTokens(4))
                .training(settings -> settings.withSchedule(LearningRateSchedule.COSINE, 0))
                .compare(onlineDpo(), policyGradient())
                .seeds(1);
        assertThatThrownBy(() -> run(study.under(Condition.REWARD).prompts(2, 1)))
                .isInstanceOf(SettingException.class)
                .hasMessageContainingAll("'misspecifiedReward'", "misspecifiedReward(...), or under(Condition.NONE)");
        List<String> parts = new ArrayList<>();
        assertThatThrownBy(() -> Runners.inMemory()
                        .progress(new Parts(parts))
                        .run(study.under(Condition.NONE).prompts(3, 2)))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'prompts' is 5; allowed: at most 4 in all, the different prompts of up to 44");
        assertThat(parts).noneMatch(part -> part.contains("fine-tun"));
    }

    @Test
    void promptsComeFromAFileAndTheirCharactersAreCounted(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("prompts.jsonl");
        Files.writeString(
                file,
                String.join(
                        "\n",
                        "{\"prompt\": \"%s\"}".formatted("why ".repeat(20) + "wh\uD83D\uDE00"),
                        "{\"prompt\": \"%s\"}".formatted("why ".repeat(20).trim()),
                        "{\"prompt\": \"how\"}"));
        Path pairs = folder.resolve("pairs.jsonl");
        Files.writeString(
                pairs,
                IntStream.range(0, 30)
                        .mapToObj(i -> "{\"prompt\": \"q %d\", \"chosen\": \" yes %d\", \"rejected\": \" no\"}"
                                .formatted(i, i))
                        .collect(Collectors.joining("\n")));
        OnlineStudy study = onlineStudy("prompts")
                .model(gpt2(new Gpt2Config(1, 64, 8, 1, 2, 1e-5, 0)))
                .data(promptChosenRejected(pairs))
                .oracle(trainedReward(rewardModel().training(t -> t.withEpochs(1)), 20))
                .misspecifiedReward(
                        trainedReward(rewardModel().training(onlyHead()).training(t -> t.withEpochs(1)), 5))
                .promptsFrom(promptFile(file))
                .sampling(settings -> settings.withMaxNewTokens(4))
                .compare(onlineDpo())
                .training(settings -> settings.withSchedule(LearningRateSchedule.COSINE, 0))
                .under(Condition.NONE)
                .iterations(1)
                .seeds(1);
        StudyResult three = run(study.prompts(2, 1));
        assertThat(three.value(cell("none", "online DPO", 1), OnlineMetrics.PAIRS))
                .isLessThanOrEqualTo(2);
        // the template has 45 characters, so that 128 just allow the first row's 83, of which the last is two UTF-16
        // units
        assertThat(run(study.prompts(2, 1).maxPromptCharacters(128)).cells()).hasSize(3);
        assertThatThrownBy(() -> run(study.prompts(2, 1).maxPromptCharacters(127)))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("127 characters");
    }

    /** Where all responses can be listed, the sampled divergence estimates the exact one. */
    @Test
    void theExactDivergenceIsWhatSamplesEstimate() {
        OnlineStudy study = STUDY.on(STUDY.model(), sparseTextWorld(new SparseTextWorld(10, 10, 1.5, 1, 2, 7), 300))
                .compare(policyGradient().beta(0.5))
                .sampling(settings -> settings.withMaxNewTokens(2))
                .training(settings -> settings.withLearningRate(1e-3).withEpochs(3))
                .iterations(1)
                .prompts(256, 1000)
                .seeds(1);
        StudyResult result = run(study);
        CellId start = CellId.of(CellId.ABOUT, "fine-tuned policy");
        assertThat(result.value(start, OnlineMetrics.EXACT_KL)).isCloseTo(0, within(1e-5));
        CellId trained = cell("none", "policy gradient", 1);
        double exact = result.value(trained, OnlineMetrics.EXACT_KL);
        assertThat(exact).isGreaterThan(0.02);
        // log ratios of two tokens deviate by about the root of twice their mean: five standard errors of 1,000
        assertThat(result.value(trained, OnlineMetrics.KL)).isCloseTo(exact, within(5 * Math.sqrt(2 * exact / 1000)));
        assertThat(run(STUDY.seeds(1)).cells(start).get(0).measurements().last(OnlineMetrics.EXACT_KL))
                .isEmpty();
        // the reference's responses and a trained policy's tell of the same optimum, the trained one's with less to
        // make up
        double optimum = result.value(trained, OnlineMetrics.OPTIMUM_ESTIMATE);
        assertThat(optimum)
                .isGreaterThan(result.value(trained, OnlineMetrics.VALUE) + 0.05)
                .isCloseTo(result.value(start, OnlineMetrics.OPTIMUM_ESTIMATE), within(0.1));
        assertThat(optimum - result.value(trained, OnlineMetrics.VALUE))
                .isLessThan(optimum - result.value(start, OnlineMetrics.VALUE) - 0.1);
    }

    /** Most prompts are ties, so that a round has fewer updates than was planned, and fewer than its warm-up. */
    @Test
    void aRoundOfFewPairsShortensItsWarmUpAndMoves() {
        OnlineStudy study = STUDY.on(STUDY.model(), sparseTextWorld(new SparseTextWorld(20, 1, 1.5, 1, 2, 7), 300))
                .compare(onlineDpo().beta(0.5))
                .training(settings -> settings.withSchedule(LearningRateSchedule.COSINE, 3))
                .iterations(1)
                .seeds(1);
        StudyResult result = run(study);
        CellId trained = cell("none", "online DPO", 1);
        assertThat(result.value(trained, OnlineMetrics.PAIRS)).isBetween(1.0, 48.0);
        assertThat(result.value(trained, OnlineMetrics.KL)).isNotCloseTo(0, within(1e-6));
    }

    private static StudyResult run(OnlineStudy study) {
        return Runners.inMemory().run(study);
    }

    private static CellId cell(String condition, String method, long seed) {
        return CellId.of(CellId.CONDITION, condition).and(CellId.METHOD, method).and(CellId.SEED, seed);
    }

    private static List<Measurement> values(StudyResult result, String condition, String method, long seed) {
        return result.cells(cell(condition, method, seed)).get(0).measurements().values();
    }

    private static List<Measurement> at(List<Measurement> values, long step) {
        return values.stream().filter(value -> value.step() == step).toList();
    }

    private record Parts(List<String> names) implements Progress {
        @Override
        public void begin(String part, long steps) {
            names.add(part);
        }

        @Override
        public void step(long done, String status) {}

        @Override
        public void end(String summary) {}
    }
}
