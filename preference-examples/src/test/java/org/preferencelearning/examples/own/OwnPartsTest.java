package org.preferencelearning.examples.own;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.GenerativePolicy;
import org.preferencelearning.core.model.Rollout;
import org.preferencelearning.core.model.SamplingRequest;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.experiments.dual.DualTokenSampleStudy;
import org.preferencelearning.experiments.dual.DualTokenStudy;
import org.preferencelearning.experiments.dual.Misspecification;
import org.preferencelearning.experiments.dual.PopulationLoss;
import org.preferencelearning.experiments.online.OnlineMetrics;
import org.preferencelearning.experiments.online.OnlineStudy;
import org.preferencelearning.experiments.online.PairSelector;
import org.preferencelearning.experiments.online.ResponseSampler;
import org.preferencelearning.experiments.result.CellResult;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.run.Runners;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Measurements;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.study.StudyJson;
import org.preferencelearning.experiments.task.Progress;

/** The examples of own parts run, and what they do is what they say. */
class OwnPartsTest {
    static Stream<Study> studies() {
        return Stream.of(
                OwnLoss.study(),
                OwnReward.study(),
                OwnMetric.pairs(),
                OwnMetric.responses(),
                OwnData.study(),
                OwnSelection.study(),
                OwnSampler.study(),
                OwnMethod.study(),
                OwnExactMethod.study(),
                OwnSparseMethod.study(),
                OwnDualTokenMethod.study(),
                OwnDualTokenMethod.loss(),
                OwnSampleMethod.study(),
                BetaSweep.study());
    }

    @ParameterizedTest
    @MethodSource("studies")
    void aStudyWithOwnPartsIsWrittenDownAndComesBack(Study study) {
        String json = StudyJson.write(study);
        assertThat(StudyJson.read("study.json", json)).isEqualTo(study);
    }

    @Test
    void aPartIsItsClassAndItsComponents() {
        String json = StudyJson.write(OwnLoss.study());
        assertThat(json.replaceAll("\\s", ""))
                .contains("\"loss\":{\"kind\":\"" + OwnLoss.SaturatingDpo.class.getName()
                        + "\",\"beta\":0.1,\"cap\":0.5}");
        assertThatThrownBy(() -> StudyJson.read("study.json", json.replace("\"cap\"", "\"cup\"")))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("cap");
        assertThatThrownBy(() -> StudyJson.read(
                        "study.json",
                        json.replace(OwnLoss.SaturatingDpo.class.getName(), OwnReward.PoliteWords.class.getName())))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("kind '" + OwnReward.PoliteWords.class.getName() + "' is unknown");
    }

    /** A loss that never saturates is DPO, one with a cap near 0 learns next to nothing. */
    @Test
    void anOwnLossIsWhatTrains() {
        StudyResult result = run(OwnLoss.study());
        double dpo = margin(result, "DPO");
        double high = margin(result, "DPO saturating 20.0");
        double low = margin(result, "DPO saturating 0.5");
        assertThat(high).isCloseTo(dpo, within(0.15 * dpo));
        assertThat(low).isLessThan(high);
    }

    private static double margin(StudyResult result, String method) {
        return result.cells(CellId.method(method)).stream()
                .flatMapToDouble(cell ->
                        cell.measurements().items().get("margin").stream().mapToDouble(Math::abs))
                .average()
                .orElseThrow();
    }

    @Test
    void anOwnRewardIsRaised() {
        StudyResult result = run(OwnReward.study());
        double before = result.value(CellId.of(CellId.ABOUT, "fine-tuned policy"), OnlineMetrics.OWN_REWARD);
        assertThat(result.summary(CellId.method("policy gradient"), OnlineMetrics.OWN_REWARD)
                        .mean())
                .isGreaterThan(before + 0.1);
    }

    @Test
    void ownMetricsAreMeasuredWithTheirItems() {
        StudyResult pairs = run(OwnMetric.pairs());
        for (CellResult cell : pairs.cells(CellId.method("DPO"))) {
            List<Double> margins = cell.measurements().items().get("margin");
            double brier = margins.stream()
                    .mapToDouble(margin -> Math.pow(1 / (1 + Math.exp(margin)), 2))
                    .average()
                    .orElseThrow();
            assertThat(cell.measurements().last("brier").orElseThrow()).isCloseTo(brier, within(1e-12));
            assertThat(cell.measurements().items().get("brier")).hasSameSizeAs(margins);
        }
        StudyResult responses = run(OwnMetric.responses());
        assertThat(responses.study().metrics()).contains("repetition");
        assertThat(responses.summary(CellId.method("online DPO"), "repetition").mean())
                .isBetween(0.01, 0.99);
    }

    /** What is preferred depends on the response alone, so any method that learns gets it right. */
    @Test
    void pairsInMemoryAreLearned() {
        StudyResult result = run(OwnData.study());
        assertThat(result.summary(CellId.method("reward model"), "accuracy").mean())
                .isGreaterThan(0.8);
    }

    @Test
    void anOwnSelectionAndAnOwnSamplerChangeTheOutcome() {
        double usual = reward(OwnSampler.study().sampler(new ResponseSampler.FromPolicy()));
        assertThat(reward(OwnSampler.study())).isNotEqualTo(usual);
        assertThat(reward(OwnSelection.study())).isNotEqualTo(usual);
        PairSelector selection = new OwnSelection.ModestGap(2);
        assertThat(selection.select(new double[] {5, 1, 0, 2.5}, new int[] {1, 1, 1, 1}))
                .isEqualTo(new PairSelector.Pair(1, 3));
    }

    private static double reward(OnlineStudy study) {
        return run(study)
                .summary(CellId.method("online DPO"), OnlineMetrics.OWN_REWARD)
                .mean();
    }

    @Test
    void anOwnMethodStandsBesideTheOthers() {
        StudyResult result = run(OwnMethod.study());
        assertThat(result.cells(CellId.method("likelihood"))).hasSize(2).allSatisfy(cell -> {
            Measurements found = cell.measurements();
            assertThat(found.last("accuracy").orElseThrow()).isBetween(0.2, 1.0);
            assertThat(found.items()).containsKeys("accuracy", "margin");
        });
    }

    /** Best of one is the reference; of three rewards by a uniform reference the best of four is the best with 1 - (2/3)^4. */
    @Test
    void anOwnExactMethodIsMeasuredAsTheOthers() {
        StudyResult result = run(OwnExactMethod.study());
        double beta = 0.2;
        assertThat(result.value(CellId.method("best of 1"), "value")).isCloseTo(0.5, within(1e-9));
        double[] policy = {1 - Math.pow(2 / 3.0, 4), Math.pow(2 / 3.0, 4) - Math.pow(1 / 3.0, 4), Math.pow(1 / 3.0, 4)};
        double value = policy[0] + 0.5 * policy[1];
        for (double probability : policy) {
            value -= beta * probability * Math.log(3 * probability);
        }
        assertThat(result.value(CellId.method("best of 4"), "value")).isCloseTo(value, within(1e-9));
        assertThat(result.value(CellId.method("RLHF"), "value")).isGreaterThan(value);
    }

    /** Without a penalty to speak of it is maximum likelihood; with one it is another estimate. */
    @Test
    void anOwnSparseMethodIsMeasuredAsTheOthers() {
        StudyResult result = run(OwnSparseMethod.study());
        double dense = result.summary(CellId.method("RLHF dense"), "error").mean();
        assertThat(result.summary(CellId.method("RLHF ridge 1.0E-9"), "error").mean())
                .isCloseTo(dense, within(1e-3 * dense));
        assertThat(result.summary(CellId.method("RLHF ridge 0.01"), "error").mean())
                .isNotCloseTo(dense, within(0.05 * dense));
    }

    /** With no pairs of its own it is DPO, with some it is not. */
    @Test
    void anOwnMethodOfAnExactGpt2IsMeasuredAsTheOthers() {
        StudyResult result = run(OwnDualTokenMethod.study());
        for (long seed : OwnDualTokenMethod.study().seeds()) {
            assertThat(value(result, "DPO, 0.0 online", seed)).isEqualTo(value(result, "DPO", seed));
            assertThat(value(result, "DPO, 0.5 online", seed)).isNotCloseTo(value(result, "DPO", seed), within(0.01));
        }
    }

    /** A loss that never saturates is DPO. */
    @Test
    void anOwnLossTrainsAnExactGpt2() {
        DualTokenStudy study = OwnDualTokenMethod.loss();
        StudyResult result = run(study);
        StudyResult straight = run(study.compare(new PopulationLoss(new OwnLoss.SaturatingDpo(0.25, 1e4))));
        for (long seed : study.seeds()) {
            double dpo = value(result, "DPO", seed);
            assertThat(value(straight, "DPO saturating 10000.0, beta 0.25", seed))
                    .isCloseTo(dpo, within(1e-4));
            assertThat(value(result, "DPO saturating 4.0, beta 0.25", seed)).isNotCloseTo(dpo, within(0.01));
            assertThat(value(result, "DPO saturating 4.0, beta 0.25 (on-policy)", seed))
                    .isNotCloseTo(value(result, "DPO saturating 4.0, beta 0.25", seed), within(0.01));
        }
    }

    private static double value(StudyResult result, String method, long seed) {
        return result.value(
                CellId.of(CellId.CONDITION, Misspecification.POLICY.label())
                        .and(CellId.METHOD, method)
                        .and(CellId.SEED, seed),
                DualTokenStudy.VALUE);
    }

    @Test
    void ownMethodsLearnFromPairsOfAnExactWorld() {
        StudyResult result = run(OwnSampleMethod.study());
        for (String method : List.of("reward model", "reward model, hinge 3.0", "DPO saturating 8.0, beta 0.25")) {
            assertThat(result.summary(CellId.method(method), DualTokenSampleStudy.ACCURACY)
                            .mean())
                    .as(method)
                    .isGreaterThan(0.9);
        }
    }

    @Test
    void aSweepTellsBetasApart() {
        assertThat(BetaSweep.study().coordinates().get(CellId.METHOD))
                .containsExactly(
                        "DPO, beta 0.05",
                        "DPO, beta 0.1",
                        "DPO, beta 0.5",
                        "reward model",
                        "reward model with dropout");
    }

    /** What is kept of one setting is not taken for another's, and the same is found again. */
    @Test
    void resultsAreKeptByTheSettingsOfOwnParts(@TempDir Path folder) {
        OnlineStudy study = OwnSelection.study().iterations(1).seeds(1);
        Runners.local(folder.resolve("run")).run(study);
        List<String> computed = new ArrayList<>();
        Runners.local(folder.resolve("run")).progress(recording(computed)).run(study);
        assertThat(computed).isEmpty();
        assertThatThrownBy(
                        () -> Runners.local(folder.resolve("run")).run(study.selection(new OwnSelection.ModestGap(1))))
                .hasMessageContaining("selection");
    }

    private static Progress recording(List<String> computed) {
        return new Progress() {
            @Override
            public void begin(String what, long total) {
                computed.add(what);
            }

            @Override
            public void step(long done, String detail) {}

            @Override
            public void end(String detail) {}
        };
    }

    @Test
    void whatCannotBeWrittenDownIsRefused() {
        PairSelector lambda = (rewards, lengths) -> new PairSelector.Pair(0, 1);
        OnlineStudy study = OwnSelection.study();
        assertThatThrownBy(() -> study.selection(lambda))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'selection'")
                .hasMessageContaining("a record");
        assertThatThrownBy(() -> study.selection(new Unwritable(() -> 1)))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'selection'")
                .hasMessageContaining(Unwritable.class.getName());
    }

    /** Holds a function, which JSON cannot. */
    record Unwritable(IntSupplier position) implements PairSelector {
        @Override
        public Pair select(double[] rewards, int[] lengths) {
            return new Pair(0, position.getAsInt());
        }
    }

    @Test
    void aWrongPositionAndAWrongNumberOfResponsesAreSaid() {
        assertThatThrownBy(() -> run(OwnSelection.study().selection(new Same())))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'selection' is Pair[first=1, second=1]; allowed: two different positions of 4");
        assertThatThrownBy(() -> run(OwnSelection.study().sampler(new Short())))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'sampler'");
    }

    record Same() implements PairSelector {
        @Override
        public Pair select(double[] rewards, int[] lengths) {
            return new Pair(1, 1);
        }
    }

    record Short() implements ResponseSampler {
        @Override
        public List<List<Rollout>> sample(
                GenerativePolicy policy,
                GenerativePolicy reference,
                List<SamplingRequest> prompts,
                SamplingSettings settings) {
            return policy.sample(prompts, settings.withSamplesPerPrompt(1));
        }
    }

    private static StudyResult run(Study study) {
        return Runners.inMemory().run(study);
    }
}
