package org.preferencelearning.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.finite.FeatureMap;
import org.preferencelearning.core.finite.LogLinearPolicy;
import org.preferencelearning.core.loss.PreferenceLosses;
import org.preferencelearning.core.model.ReferencePolicy;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.state.StateException;
import org.preferencelearning.core.testkit.MemoryState;

class TrainingRunTest {
    private static final FeatureMap FEATURES = FeatureMap.tabular(2, 4);
    /** 20 pairs: an epoch is of seven updates, the last of them smaller. */
    private static final TrainingSettings SETTINGS = TrainingSettings.defaults()
            .withEpochs(3)
            .withBatchSize(3, 2)
            .withLearningRate(0.1)
            .withWeightDecay(0.01)
            .withSchedule(LearningRateSchedule.COSINE, 2);

    private static final int UPDATES = 21;

    static IntStream updates() {
        return IntStream.rangeClosed(0, UPDATES);
    }

    /** What is left of a training at its end. */
    private record End(double[] theta, List<StepReport> reports, MemoryState state) {}

    /** The training that is never interrupted. */
    private static final End WHOLE = whole();

    private static End whole() {
        try (World world = new World(0.5);
                TrainingRun<TokenPair> run = world.run(SETTINGS, 7)) {
            List<StepReport> reports = new ArrayList<>();
            while (!run.done()) {
                reports.add(run.step());
            }
            return new End(world.policy.theta(), reports, MemoryState.of(run));
        }
    }

    @ParameterizedTest
    @MethodSource("updates")
    void goesOnWithTheSameBitsAfterAnyUpdate(int stop) {
        List<StepReport> reports = new ArrayList<>();
        MemoryState saved;
        try (World world = new World(0.5);
                TrainingRun<TokenPair> run = world.run(SETTINGS, 7)) {
            for (int step = 0; step < stop; step++) {
                reports.add(run.step());
            }
            saved = MemoryState.of(run);
        }
        try (World world = new World(0.5);
                TrainingRun<TokenPair> run = world.run(SETTINGS, 7)) {
            saved.loadInto(run);
            assertThat(run.stepsMade()).isEqualTo(stop);
            assertThat(run.totalSteps()).isEqualTo(UPDATES);
            assertThat(run.done()).isEqualTo(stop == UPDATES);
            while (!run.done()) {
                reports.add(run.step());
            }
            assertThat(reports).isEqualTo(WHOLE.reports);
            assertThat(world.policy.theta()).isEqualTo(WHOLE.theta);
            assertSameState(MemoryState.of(run), WHOLE.state);
        }
    }

    private static void assertSameState(MemoryState found, MemoryState expected) {
        assertThat(found.names()).isEqualTo(expected.names());
        for (String name : found.names()) {
            if (!name.equals("seconds")) {
                assertThat(found.value(name)).as(name).isEqualTo(expected.value(name));
            }
        }
    }

    @Test
    void savingChangesNothing() {
        try (World world = new World(0.5);
                TrainingRun<TokenPair> run = world.run(SETTINGS, 7)) {
            while (!run.done()) {
                MemoryState.of(run);
                run.step();
            }
            assertThat(world.policy.theta()).isEqualTo(WHOLE.theta);
        }
    }

    @Test
    void everyPieceOfTheStateIsNeeded() {
        MemoryState saved = savedAfter(10);
        for (String name : saved.names()) {
            try (World world = new World(0.5);
                    TrainingRun<TokenPair> run = world.run(SETTINGS, 7)) {
                assertThatThrownBy(() -> saved.without(name).loadInto(run))
                        .as(name)
                        .isInstanceOf(StateException.class)
                        .hasMessageContaining(name);
                assertThatThrownBy(run::step).isInstanceOf(IllegalStateException.class);
            }
        }
    }

    @Test
    void anotherRunsStateIsRefused() {
        MemoryState saved = savedAfter(10);
        refused(saved, new World(0.5), SETTINGS.withLearningRate(0.2), 7, "settings");
        refused(saved, new World(0.5), SETTINGS, 8, "seed");
        refused(saved, new World(0.6), SETTINGS, 7, "objective");
        World fewer = new World(0.5);
        fewer.pairs.remove(19);
        refused(saved, fewer, SETTINGS, 7, "examples");
        World weighted = new World(0.5);
        weighted.pairs.set(3, withWeight(weighted.pairs.get(3), 0.75));
        refused(saved, weighted, SETTINGS, 7, "examples");
        World moved = new World(0.5);
        moved.uniform.parameters().get("theta").value().putScalar(1, 0.25);
        refused(saved, moved, SETTINGS, 7, "objective/fingerprint");
    }

    private static TokenPair withWeight(TokenPair pair, double weight) {
        return new TokenPair(pair.chosen(), pair.rejected(), pair.margin(), weight);
    }

    private static void refused(MemoryState saved, World world, TrainingSettings settings, long seed, String name) {
        try (world;
                TrainingRun<TokenPair> run = world.run(settings, seed)) {
            assertThatThrownBy(() -> saved.loadInto(run))
                    .isInstanceOf(StateException.class)
                    .hasMessageContaining("'" + name + "'");
        }
    }

    @Test
    void anImpossiblePlaceIsRefused() {
        MemoryState saved = savedAfter(10);
        Map<String, List<Long>> wrong = Map.of(
                "epoch", List.of(-1L, 0L, 2L, 3L, 4L),
                "position", List.of(-1L, 0L, 8L, 10L, 12L, 20L, 1L << 32),
                "adamw/steps", List.of(-1L, 9L, 11L, 1L << 32));
        wrong.forEach((name, values) -> values.forEach(value -> {
            try (World world = new World(0.5);
                    TrainingRun<TokenPair> run = world.run(SETTINGS, 7)) {
                assertThatThrownBy(() -> saved.with(name, value).loadInto(run))
                        .as(name + " " + value)
                        .isInstanceOf(StateException.class);
            }
        }));
        try (World world = new World(0.5);
                TrainingRun<TokenPair> run = world.run(SETTINGS, 7)) {
            assertThatThrownBy(() -> saved.with("order", new byte[3]).loadInto(run))
                    .isInstanceOf(StateException.class)
                    .hasMessageContaining("order");
        }
        try (World world = new World(0.5);
                TrainingRun<TokenPair> run = world.run(SETTINGS, 7)) {
            run.step();
            assertThatThrownBy(() -> saved.loadInto(run)).isInstanceOf(IllegalStateException.class);
        }
    }

    private static MemoryState savedAfter(int steps) {
        try (World world = new World(0.5);
                TrainingRun<TokenPair> run = world.run(SETTINGS, 7)) {
            for (int step = 0; step < steps; step++) {
                run.step();
            }
            return MemoryState.of(run);
        }
    }

    @Test
    void epochMetricsAreMeansOverTheEpochsUpdates() {
        try (World world = new World(0.5);
                TrainingRun<TokenPair> run = world.run(SETTINGS, 7)) {
            assertThat(run.epochMetrics()).isEmpty();
            double loss = 0;
            for (int step = 0; step < 7; step++) {
                loss += run.step().metrics().get(MetricNames.LOSS) * (step < 6 ? 3 : 2);
            }
            assertThat(run.epochMetrics().get(MetricNames.LOSS)).isCloseTo(loss / 20, within(1e-12));
            double next = run.step().metrics().get(MetricNames.LOSS);
            assertThat(run.epochMetrics().get(MetricNames.LOSS)).isEqualTo(next);
        }
    }

    @Test
    void everyExampleIsCheckedBeforeTheFirstUpdate() {
        try (World world = new World(0.5)) {
            TokenPair odd = TokenPair.of(FeatureMap.sequence(0, 1), new TokenSequence(new int[] {0, 1, 2}, 1));
            world.pairs.set(13, odd);
            assertThatThrownBy(() -> world.run(SETTINGS, 7))
                    .isInstanceOfSatisfying(
                            ExampleException.class, e -> assertThat(e.index()).isEqualTo(13))
                    .hasMessageContaining("example 13")
                    .hasMessageContaining("of 20");
        }
        FeatureMap features = FeatureMap.tabular(1, 2);
        try (LogLinearPolicy policy = LogLinearPolicy.uniform(features)) {
            TokenPair pair = TokenPair.of(FeatureMap.sequence(0, 0), FeatureMap.sequence(0, 1));
            PreferenceObjective regression =
                    new PreferenceObjective(policy, policy, PreferenceLosses.squaredMargin(0.1));
            assertThatThrownBy(() -> TrainingRun.start(
                            regression, List.of(pair), TrainingSettings.defaults(), RandomSource.of(1)))
                    .isInstanceOf(ExampleException.class)
                    .hasMessageContaining("margin");
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {20.5, 21, 100})
    void aWarmUpWithoutAnUpdateAfterItIsRefused(double warmup) {
        try (World world = new World(0.5)) {
            assertThatThrownBy(() -> world.run(SETTINGS.withSchedule(LearningRateSchedule.LINEAR, warmup), 7))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContainingAll("warmupSteps", String.valueOf(warmup), "20", "21 updates");
        }
    }

    @Test
    void aWarmUpCanBeShortenedToWhatFits() {
        TrainingSettings settings = SETTINGS.withSchedule(LearningRateSchedule.LINEAR, 20);
        assertThat(settings.fitting(20)).isEqualTo(settings);
        // 15 updates
        assertThat(settings.fitting(14)).isEqualTo(settings.withSchedule(LearningRateSchedule.LINEAR, 1));
        settings.fitting(14).requireMoves(14);
        settings.withEpochs(1).fitting(1).requireMoves(1);
    }

    @Test
    void theLongestWarmUpReachesTheFullRateOnce() {
        try (World world = new World(0.5);
                TrainingRun<TokenPair> run = world.run(SETTINGS.withSchedule(LearningRateSchedule.COSINE, 20), 7)) {
            StepReport last = null;
            while (!run.done()) {
                last = run.step();
            }
            assertThat(last.metrics()).containsEntry(MetricNames.LEARNING_RATE, 0.1);
        }
    }

    @Test
    void aLearningRateOfZeroIsRefused() {
        try (World world = new World(0.5)) {
            assertThatThrownBy(() -> world.run(SETTINGS.withLearningRate(0), 7))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContainingAll("learningRate", "0.0", "21 updates");
        }
    }

    @Test
    void aRunThatMovesNothingSaysSo() {
        try (World world = new World(0.5)) {
            world.policy.parameters().get("theta").value().addi(1);
            double[] before = world.policy.theta();
            try (TrainingRun<TokenPair> run = world.run(SETTINGS.withLearningRate(1e-30), 7)) {
                StepReport last = null;
                while (!run.done()) {
                    assertThat(last == null || !last.unmoved()).isTrue();
                    last = run.step();
                }
                assertThat(last.unmoved()).isTrue();
            }
            assertThat(world.policy.theta()).isEqualTo(before);
        }
        assertThat(WHOLE.reports.get(UPDATES - 1).unmoved()).isFalse();
    }

    @Test
    void aRunThatIsDoneOrFailedGoesNoFurther() {
        try (World world = new World(0.5);
                TrainingRun<TokenPair> run = world.run(SETTINGS, 7)) {
            while (!run.done()) {
                run.step();
            }
            assertThatThrownBy(run::step).isInstanceOf(IllegalStateException.class);
        }
        try (World world = new World(0.5);
                TrainingRun<TokenPair> run = world.run(SETTINGS, 7)) {
            run.step();
            world.policy.parameters().get("theta").value().assign(Double.NaN);
            assertThatThrownBy(run::step).isInstanceOf(TrainingException.class);
            assertThatThrownBy(run::step)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("after 1 updates");
            assertThatThrownBy(() -> MemoryState.of(run)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aBatchMayBeLargerThanAnything() {
        try (World world = new World(0.5);
                TrainingRun<TokenPair> run =
                        world.run(SETTINGS.withBatchSize(Integer.MAX_VALUE, Integer.MAX_VALUE), 7)) {
            assertThat(run.totalSteps()).isEqualTo(3);
            assertThat(run.step().metrics()).containsEntry(MetricNames.NUM_TOKENS, 80.0);
            assertThat(run.step().metrics()).containsEntry(MetricNames.EPOCH, 2.0);
        }
    }

    /** A policy, its reference, and pairs. */
    private static final class World implements AutoCloseable {
        final LogLinearPolicy policy = LogLinearPolicy.uniform(FEATURES);
        final LogLinearPolicy uniform = LogLinearPolicy.uniform(FEATURES);
        final List<TokenPair> pairs = new ArrayList<>();
        final double beta;

        World(double beta) {
            this.beta = beta;
            RandomSource random = RandomSource.of(4);
            for (int i = 0; i < 20; i++) {
                int prompt = random.nextInt(2);
                int y = random.nextInt(4);
                int other = (y + 1 + random.nextInt(3)) % 4;
                pairs.add(new TokenPair(
                        FeatureMap.sequence(prompt, y),
                        FeatureMap.sequence(prompt, other),
                        OptionalDouble.empty(),
                        0.5 + random.nextDouble()));
            }
        }

        TrainingRun<TokenPair> run(TrainingSettings settings, long seed) {
            return TrainingRun.start(
                    new PreferenceObjective(policy, ReferencePolicy.of(uniform), PreferenceLosses.dpo(beta)),
                    pairs,
                    settings,
                    RandomSource.of(seed));
        }

        @Override
        public void close() {
            policy.close();
            uniform.close();
        }
    }
}
