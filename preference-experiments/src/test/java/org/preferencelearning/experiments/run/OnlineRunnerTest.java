package org.preferencelearning.experiments.run;

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
import static org.preferencelearning.experiments.dsl.Studies.policyGradient;
import static org.preferencelearning.experiments.dsl.Studies.promptChosenRejected;
import static org.preferencelearning.experiments.dsl.Studies.promptFile;
import static org.preferencelearning.experiments.dsl.Studies.rewardModel;
import static org.preferencelearning.experiments.dsl.Studies.sparseTextWorld;
import static org.preferencelearning.experiments.dsl.Studies.trainedReward;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.train.LearningRateSchedule;
import org.preferencelearning.experiments.online.ArmSpec;
import org.preferencelearning.experiments.online.Condition;
import org.preferencelearning.experiments.online.Evaluation;
import org.preferencelearning.experiments.online.IterationPolicy;
import org.preferencelearning.experiments.online.OnlineCell;
import org.preferencelearning.experiments.online.OnlineClaim;
import org.preferencelearning.experiments.online.OnlineResult;
import org.preferencelearning.experiments.online.OnlineStudy;
import org.preferencelearning.experiments.online.OnlineTable;
import org.preferencelearning.experiments.online.PairSelection;
import org.preferencelearning.experiments.result.Verdict;
import org.preferencelearning.experiments.world.SparseTextWorld;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.model.ParameterSelection;

class OnlineRunnerTest {
    private static final OnlineStudy STUDY = onlineStudy("small")
            .model(gpt2(new Gpt2Config(1, 48, 32, 2, 2, 1e-5, 0)))
            .data(sparseTextWorld(new SparseTextWorld(20, 4, 1.5, 3, 8, 7), 300))
            .fineTuning(settings -> settings.withEpochs(2).withBatchSize(32, 32).withLearningRate(3e-3))
            .weakPolicy(ParameterSelection.frozen(embeddings(), blocks(0, 1)))
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
    void aWarmUpThatIsNeverOverIsRefusedBeforeAnyWorkAndScaledDownWithTheStudy() {
        OnlineStudy study = STUDY.training(settings -> settings.withSchedule(LearningRateSchedule.COSINE, 3));
        assertThatThrownBy(() -> OnlineRunner.run(study.prompts(48, 40), Progress.none()))
                .isInstanceOf(SettingException.class)
                .hasMessageContainingAll("warmupSteps", "3.0", "0 to 2", "3 updates");
        assertThat(study.scale(0.75).training().warmupSteps()).isZero();
        assertThat(study.scale(1)).isEqualTo(study);
    }

    @Test
    void bothArmsRaiseTheTrueRewardWithinWhatIsPossible() {
        OnlineStudy study = STUDY.iterations(3)
                .training(settings -> settings.withLearningRate(1e-3).withEpochs(3));
        OnlineResult result = OnlineRunner.run(study, Progress.none());
        assertThat(result.cells()).hasSize(4);
        assertThat(result.fineTuned().divergence()).isCloseTo(0, within(1e-4));
        assertThat(result.fineTuned().winRate()).isEqualTo(0.5);
        for (ArmSpec arm : study.arms()) {
            double own = result.summary(arm.label(), Condition.NONE, Evaluation::policyReward)
                    .mean();
            assertThat(own)
                    .isGreaterThan(result.fineTuned().policyReward() + 0.3)
                    .isLessThan(result.optimum().orElseThrow().reward() + 1);
            assertThat(result.summary(arm.label(), Condition.NONE, Evaluation::divergence)
                            .mean())
                    .isPositive();
        }
        assertThat(OnlineTable.of(result)).contains("policy gradient").contains("fine-tuned");
    }

    @Test
    void equalStudiesGiveEqualNumbersAndOtherSeedsOthers() {
        OnlineResult one = OnlineRunner.run(STUDY, Progress.none());
        OnlineResult two = OnlineRunner.run(STUDY, Progress.none());
        assertThat(evaluations(two)).isEqualTo(evaluations(one));
        assertThat(evaluations(one).get(0)).isNotEqualTo(evaluations(one).get(1));
    }

    /** Online DPO on data that stay as they are is offline DPO with soft labels, to the last bit. */
    @Test
    void withoutRegenerationOnlineDpoIsOfflineDpo() {
        ArmSpec fixed = new ArmSpec("fixed", "rev_kl", 0.5, false, false);
        OnlineResult result = OnlineRunner.run(
                STUDY.compare(offlineDpo().beta(0.5), fixed, onlineDpo().beta(0.5)), Progress.none());
        for (int seed = 0; seed < 2; seed++) {
            OnlineCell offline = result.cells("offline DPO", Condition.NONE).get(seed);
            assertThat(result.cells("fixed", Condition.NONE).get(seed).iterations())
                    .isEqualTo(offline.iterations());
            OnlineCell online = result.cells("online DPO", Condition.NONE).get(seed);
            assertThat(online.iterations().get(0))
                    .isEqualTo(offline.iterations().get(0));
            assertThat(online.iterations().get(1))
                    .isNotEqualTo(offline.iterations().get(1));
        }
    }

    @Test
    void aMethodAgainstItselfMakesNoDifference() {
        OnlineResult result = OnlineRunner.run(
                STUDY.compare(onlineDpo().named("a"), onlineDpo().named("b"))
                        .expect(
                                OnlineClaim.better(Condition.NONE, "a", "b", "A/A"),
                                OnlineClaim.equal(Condition.NONE, "a", "b", 1e-9, "A/A")),
                Progress.none());
        assertThat(result.judgements())
                .extracting(OnlineResult.Judgement::verdict)
                .containsExactly(Verdict.INCONCLUSIVE, Verdict.SUPPORTED);
    }

    @Test
    void conditionsWeakenWhatTheySay() {
        OnlineResult result = OnlineRunner.run(STUDY.under(Condition.values()).seeds(1), Progress.none());
        List<OnlineCell.Iteration> none = iterations(result, "online DPO", Condition.NONE);
        assertThat(iterations(result, "online DPO", Condition.REWARD)).isEqualTo(none);
        assertThat(iterations(result, "online DPO", Condition.POLICY)).isNotEqualTo(none);
        assertThat(iterations(result, "policy gradient", Condition.REWARD))
                .isNotEqualTo(iterations(result, "policy gradient", Condition.NONE));
        assertThat(result.weakOptimum().orElseThrow().reward())
                .isLessThan(result.optimum().orElseThrow().reward());
    }

    @Test
    void startReferenceAndDataAreThreeChoices() {
        OnlineStudy study = STUDY.compare(onlineDpo().beta(0.5)).seeds(1);
        List<OnlineCell.Iteration> published =
                OnlineRunner.run(study, Progress.none()).cells().get(0).iterations();
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
            List<OnlineCell.Iteration> changed = OnlineRunner.run(study.iteration(other), Progress.none())
                    .cells()
                    .get(0)
                    .iterations();
            assertThat(changed.get(0)).isEqualTo(published.get(0));
            assertThat(changed.get(1)).as(other.toString()).isNotEqualTo(published.get(1));
            if (other.data() == IterationPolicy.Data.ALL) {
                assertThat(changed.get(1).pairs()).isGreaterThan(changed.get(0).pairs());
            }
        }
    }

    @Test
    void aWeakRewardModelIsTrainedInTheStudyAndItsAccuracyTold() {
        OnlineResult result = OnlineRunner.run(
                STUDY.weakReward(trainedReward(
                                rewardModel()
                                        .training(onlyLastBlockMlpAndHead())
                                        .training(settings -> settings.withLearningRate(3e-3)),
                                200))
                        .under(Condition.REWARD)
                        .selection(PairSelection.MAX_RANDOM, 0)
                        .responsesPerPrompt(3)
                        .seeds(1),
                Progress.none());
        assertThat(result.weakRewardAccuracy().orElseThrow()).isBetween(0.3, 0.95);
        assertThat(result.weakOptimum()).isEmpty();
    }

    @Test
    void tooManyPromptsAreRefused() {
        OnlineStudy study = STUDY.sampling(settings -> settings.withMaxNewTokens(47));
        assertThatThrownBy(() -> OnlineRunner.run(study, Progress.none()))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("prompts");
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
                .weakReward(trainedReward(rewardModel().training(onlyHead()).training(t -> t.withEpochs(1)), 5))
                .promptsFrom(promptFile(file))
                .sampling(settings -> settings.withMaxNewTokens(4))
                .compare(onlineDpo())
                .under(Condition.NONE)
                .training(settings -> settings.withSchedule(LearningRateSchedule.COSINE, 0))
                .iterations(1)
                .seeds(1);
        OnlineResult three = OnlineRunner.run(study.prompts(2, 1), Progress.none());
        assertThat(three.cells().get(0).iterations().get(0).pairs()).isLessThanOrEqualTo(2);
        // the template has 45 characters, so that 128 just allow the first row's 83, of which the last is two UTF-16
        // units
        assertThat(OnlineRunner.run(study.prompts(2, 1).maxPromptCharacters(128), Progress.none())
                        .cells())
                .hasSize(1);
        assertThatThrownBy(() -> OnlineRunner.run(study.prompts(2, 1).maxPromptCharacters(127), Progress.none()))
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
        OnlineResult result = OnlineRunner.run(study, Progress.none());
        assertThat(result.fineTuned().exactDivergence().orElseThrow()).isCloseTo(0, within(1e-5));
        Evaluation last = result.cells().get(0).last();
        double exact = last.exactDivergence().orElseThrow();
        assertThat(exact).isGreaterThan(0.02);
        // log ratios of two tokens deviate by about the root of twice their mean: five standard errors of 1,000
        assertThat(last.divergence()).isCloseTo(exact, within(5 * Math.sqrt(2 * exact / 1000)));
        assertThat(OnlineRunner.run(STUDY.seeds(1), Progress.none()).fineTuned().exactDivergence())
                .isEmpty();
    }

    private static List<OnlineCell.Iteration> iterations(OnlineResult result, String arm, Condition condition) {
        return result.cells(arm, condition).get(0).iterations();
    }

    private static List<List<OnlineCell.Iteration>> evaluations(OnlineResult result) {
        return result.cells().stream().map(OnlineCell::iterations).toList();
    }
}
