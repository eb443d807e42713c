package org.preferencelearning.experiments.dual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.finite.FiniteProblem;
import org.preferencelearning.core.finite.Sampler;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.run.Runners;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.StudyJson;
import org.preferencelearning.experiments.task.Checkpoints;
import org.preferencelearning.experiments.task.Progress;
import org.preferencelearning.experiments.task.Task;
import org.preferencelearning.experiments.task.TaskContext;
import org.preferencelearning.gpt2.model.Gpt2Policy;

/** A transformer's arms against tables of the same classes, in the same world with the same reference. */
class DualTokenStudyTest {
    private static final long SEED = 41;
    private static final double BETA = 0.25;
    private static final DualTokenText WORLD = new DualTokenText(6, 2, 2, 0.5, 0.3, 3);
    private static final DualTokenStudy STUDY = DualTokenStudy.of("small")
            .world(WORLD)
            .model(new WordModel(16, 2, 2))
            .beta(BETA)
            .seeds(SEED)
            .learningRate(1e-3)
            .starts(4)
            .rounds(new Rounds(100, 30, 1e-5))
            .compare(
                    DualMethod.RLHF,
                    DualMethod.POLICY_GRADIENT,
                    DualMethod.DPO,
                    DualMethod.ONLINE_DPO,
                    DualMethod.PILAF,
                    DualMethod.BEST_IN_CLASS,
                    DualMethod.OPTIMUM)
            .under(
                    Misspecification.NONE,
                    Misspecification.POLICY,
                    Misspecification.REWARD,
                    Misspecification.BOTH_ISOMORPHIC);
    private static StudyResult result;
    private static FiniteProblem problem;
    private static Population population;
    private static WordTilts.Reference reference;

    @BeforeAll
    static void run() {
        result = Runners.inMemory().run(STUDY);
        MakeReference task = ((FindBound) STUDY.cells(null).stream()
                        .filter(cell -> cell.id().matches(CellId.method("optimum")))
                        .findFirst()
                        .orElseThrow()
                        .task())
                .reference();
        try (Gpt2Policy policy = task.run(new Alone())) {
            population = task.population(policy, BETA);
            reference = new WordTilts.Reference(WORLD, population);
            double[][] probabilities = Arrays.stream(population.referenceLog())
                    .map(row -> Arrays.stream(row).map(Math::exp).toArray())
                    .toArray(double[][]::new);
            problem = new FiniteProblem(task.drawn().reward(), probabilities, new double[] {0.5, 0.5}, BETA);
        }
    }

    private static double value(Misspecification condition, DualTokenMethod method) {
        return result.cells().stream()
                .filter(cell -> cell.id()
                        .matches(CellId.of(CellId.CONDITION, condition.label()).and(CellId.METHOD, method.label())))
                .findFirst()
                .orElseThrow()
                .measurements()
                .last(DualTokenStudy.VALUE)
                .orElseThrow();
    }

    /** The same fixed points without a transformer: gradient steps on one number a word. */
    @Test
    void logLinearArmsEndWhereTablesOfTheSameClassDo() {
        WordTilts best = WordTilts.best(reference, population.reward());
        assertThat(value(Misspecification.POLICY, DualMethod.BEST_IN_CLASS)).isCloseTo(best.value(), within(1e-3));
        assertThat(value(Misspecification.POLICY, DualMethod.RLHF)).isCloseTo(best.value(), within(1e-3));
        assertThat(value(Misspecification.POLICY, DualMethod.DPO))
                .isCloseTo(WordTilts.direct(reference, Sampler.REFERENCE).value(), within(1e-3));
        assertThat(value(Misspecification.POLICY, DualMethod.ONLINE_DPO))
                .isCloseTo(WordTilts.direct(reference, Sampler.ON_POLICY).value(), within(1e-3));
        assertThat(value(Misspecification.POLICY, DualMethod.PILAF))
                .isCloseTo(WordTilts.direct(reference, Sampler.PILAF).value(), within(1e-3));
        double[][] implicit = population.implicitReward(
                WordTilts.direct(reference, Sampler.REFERENCE).log());
        assertThat(value(Misspecification.BOTH_ISOMORPHIC, DualMethod.RLHF))
                .isCloseTo(WordTilts.best(reference, implicit).value(), within(1e-3));
    }

    @Test
    void withAllWeightsArmsEndAtTheOptimum() {
        for (DualMethod method : List.of(DualMethod.DPO, DualMethod.ONLINE_DPO, DualMethod.PILAF)) {
            assertThat(value(Misspecification.REWARD, method))
                    .as(method.label())
                    .isCloseTo(problem.optimalValue(), within(5e-3));
        }
        for (DualMethod method : List.of(DualMethod.RLHF, DualMethod.POLICY_GRADIENT)) {
            assertThat(value(Misspecification.NONE, method))
                    .as(method.label())
                    .isCloseTo(problem.optimalValue(), within(5e-3));
        }
    }

    /** The wrong reward's own fixed point: the mean reward of a first word over the second words of the reference's pairs. */
    @Test
    void theDirectionsOfSectionThreeAppear() {
        assertThat(value(Misspecification.POLICY, DualMethod.RLHF))
                .isGreaterThan(value(Misspecification.POLICY, DualMethod.DPO) + 0.5);
        assertThat(value(Misspecification.REWARD, DualMethod.DPO))
                .isGreaterThan(value(Misspecification.REWARD, DualMethod.RLHF) + 0.5);
        assertThat(value(Misspecification.BOTH_ISOMORPHIC, DualMethod.RLHF))
                .isCloseTo(value(Misspecification.BOTH_ISOMORPHIC, DualMethod.DPO), within(1e-3));
        assertThat(value(Misspecification.BOTH_ISOMORPHIC, DualMethod.PILAF))
                .isGreaterThan(value(Misspecification.BOTH_ISOMORPHIC, DualMethod.DPO) + 0.5);
    }

    @Test
    void noValueIsAboveTheOptimumAndNoneAboveTheBestOfItsClass() {
        assertThat(value(Misspecification.NONE, DualMethod.OPTIMUM)).isCloseTo(problem.optimalValue(), within(1e-9));
        for (Misspecification condition : STUDY.conditions()) {
            for (DualTokenMethod method : STUDY.methods()) {
                assertThat(value(condition, method))
                        .as("%s, %s", condition.label(), method.label())
                        .isLessThanOrEqualTo(problem.optimalValue() + 1e-9);
                if (((DualMethod) method).trains()) {
                    assertThat(value(condition, method))
                            .as("%s, %s", condition.label(), method.label())
                            .isLessThanOrEqualTo(value(condition, DualMethod.BEST_IN_CLASS) + 1e-6);
                }
            }
        }
    }

    @Test
    void aStudyIsReadBackFromItsJson() {
        DualTokenStudy tuned = DualTokenStudy.of("tuned")
                .expect(DualTokenStudy.better(Misspecification.POLICY, DualMethod.RLHF, DualMethod.DPO, "paper"));
        assertThat(StudyJson.read("study.json", StudyJson.write(tuned))).isEqualTo(tuned);
    }

    @Test
    void aRateIsTheOneWithTheLargestMeanValueOfItsTrials() {
        DualTokenStudy tuned = STUDY.under(Misspecification.POLICY)
                .compare(DualMethod.DPO)
                .rounds(new Rounds(20, 2, 1e-4))
                .learningRates(7, 1e-6, 1e-2);
        StudyResult chosen = Runners.inMemory().run(tuned);
        assertThat(chosen.cells().get(0).measurements().last(DualTokenStudy.LEARNING_RATE))
                .hasValue(1e-2 * PolicyClass.FINAL_BIAS.rateFactor());
    }

    @Test
    void whatCannotBeIsRefusedBySetting() {
        assertThatThrownBy(() -> STUDY.learningRates(SEED, 1e-3, 1e-2))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("tuningSeeds");
        assertThatThrownBy(() -> STUDY.starts(0))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("starts");
        assertThatThrownBy(() -> new DualTokenText(3, 1, 1, 1, 1, 1)).hasMessageContaining("4 to 40");
        assertThatThrownBy(() -> new DualTokenText(6, 7, 1, 1, 1, 1)).hasMessageContaining("prompts");
        assertThatThrownBy(() -> STUDY.expect(
                        DualTokenStudy.better(Misspecification.BOTH, DualMethod.RLHF, DualMethod.DPO, "paper")))
                .isInstanceOf(SettingException.class);
    }

    /** Gives nothing: for tasks that need nothing. */
    private static final class Alone implements TaskContext {
        @Override
        public <A> A get(Task<A> input) {
            throw new IllegalArgumentException(input.label());
        }

        @Override
        public void record(long step, Map<String, Double> metrics) {}

        @Override
        public Progress progress() {
            return Progress.none();
        }

        @Override
        public Checkpoints checkpoints() {
            return Checkpoints.none();
        }

        @Override
        public boolean stopAsked() {
            return false;
        }

        @Override
        public void stopIfAsked() {}
    }
}
