package org.preferencelearning.gpt2.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.loss.PreferenceLosses;
import org.preferencelearning.core.model.DeferredGradient;
import org.preferencelearning.core.model.ForwardPass;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.ReferencePolicy;
import org.preferencelearning.core.model.Trainable;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.MetricNames;
import org.preferencelearning.core.train.PreferenceObjective;
import org.preferencelearning.core.train.StepReport;
import org.preferencelearning.core.train.Trainer;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.internal.compile.FusedOperations;

/** Gradients that are computed when they are used are those that are computed at once. */
class DeferredGradientsTest {
    private static final Gpt2Config CONFIG = new Gpt2Config(300, 32, 64, 2, 2, 1e-5, 299);

    @BeforeEach
    void needsItsLibrary() {
        Assumptions.assumeTrue(FusedOperations.available(), "needs oneDNN's native library");
        Assumptions.assumeFalse(Computing.standard().device().isTorch(), "on a device no gradient waits");
    }

    @Test
    void aPolicysAreTheSame() {
        try (Gpt2Policy policy = Gpt2Policy.random(CONFIG, RandomSource.of(1))) {
            agree(policy, policy::forward, "wte.weight", "h.0.mlp.c_fc.weight", "h.1.mlp.c_proj.weight");
        }
    }

    @Test
    void aPolicysWithAHeadOfItsOwnAreTheSame() {
        try (Gpt2Policy policy = Gpt2Policy.random(CONFIG.withTiedHead(false), RandomSource.of(1))) {
            agree(policy, policy::forward, "wte.weight", "lm_head.weight", "h.0.mlp.c_fc.weight");
        }
    }

    @Test
    void aRewardModelsAreTheSame() {
        try (Gpt2Policy policy = Gpt2Policy.random(CONFIG, RandomSource.of(1));
                Gpt2RewardModel model = Gpt2RewardModel.from(policy, RandomSource.of(2))) {
            agree(model, model::forward, "wte.weight", "h.0.mlp.c_fc.weight", "h.1.mlp.c_proj.weight");
        }
    }

    private static void agree(Trainable model, Function<List<TokenSequence>, ForwardPass> forward, String... deferred) {
        List<Parameter> trained = model.parameters().trained();
        model.parameters().deferGradients(true);
        backward(forward, 1);
        assertThat(trained.stream().filter(parameter -> parameter.deferred().isPresent()))
                .extracting(Parameter::name)
                .contains(deferred);
        Map<String, Double> squares = new LinkedHashMap<>();
        for (Parameter parameter : trained) {
            parameter.deferred().map(DeferredGradient::squares).ifPresent(of -> squares.put(parameter.name(), of));
        }
        // the second pass computes what the first one deferred, and then there are arrays to add to
        backward(forward, 1);
        assertThat(trained).allMatch(parameter -> parameter.deferred().isEmpty());
        Map<String, double[]> twice = values(trained);
        model.parameters().clearGradients();
        model.parameters().deferGradients(false);
        backward(forward, 2);
        values(trained).forEach((name, expected) -> {
            double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
            assertThat(twice.get(name)).as(name).containsExactly(expected, within(2e-6 * largest));
            if (squares.containsKey(name)) {
                double sum =
                        Arrays.stream(expected).map(value -> value * value / 4).sum();
                assertThat(squares.get(name)).as(name).isCloseTo(sum, withinPercentage(1e-3));
            }
        });
    }

    private static void backward(Function<List<TokenSequence>, ForwardPass> forward, double size) {
        forward.apply(List.of(
                        new TokenSequence(new int[] {3, 4, 5, 6, 7, 3, 8}, 3),
                        new TokenSequence(new int[] {3, 4, 5, 9, 3, 3}, 3)))
                .backward(new double[] {-0.5 * size, 0.7 * size});
    }

    private static Map<String, double[]> values(List<Parameter> parameters) {
        Map<String, double[]> values = new LinkedHashMap<>();
        parameters.forEach(parameter -> values.put(
                parameter.name(),
                parameter.gradient().castTo(DataType.DOUBLE).reshape(-1).toDoubleVector()));
        return values;
    }

    /** Micro-batches are added up in arrays, whole batches are not; nothing but rounding tells the trained policies apart. */
    @Test
    void trainingWithThemIsTheSame() {
        List<TokenPair> pairs = IntStream.range(0, 4)
                .mapToObj(i -> new TokenPair(
                        new TokenSequence(new int[] {3, 4, 10 + i, 20, 21 + i}, 3),
                        new TokenSequence(new int[] {3, 4, 10 + i, 30 + i, 20}, 3),
                        OptionalDouble.empty(),
                        1))
                .toList();
        TrainingSettings whole =
                TrainingSettings.defaults().withEpochs(3).withBatchSize(2, 2).withLearningRate(1e-3);
        try (Gpt2Policy one = Gpt2Policy.random(CONFIG, RandomSource.of(1));
                Gpt2Policy again = Gpt2Policy.random(CONFIG, RandomSource.of(1));
                Gpt2Policy other = Gpt2Policy.random(CONFIG, RandomSource.of(1))) {
            StepReport last = train(one, pairs, whole);
            assertThat(train(again, pairs, whole).metrics()).isEqualTo(last.metrics());
            StepReport added = train(other, pairs, whole.withBatchSize(2, 1));
            assertThat(one.parameters().defersGradients()).isFalse();
            assertThat(last.metrics().get(MetricNames.GRAD_NORM))
                    .isCloseTo(added.metrics().get(MetricNames.GRAD_NORM), withinPercentage(0.01));
            assertThat(last.metrics().get(MetricNames.LOSS))
                    .isCloseTo(added.metrics().get(MetricNames.LOSS), within(1e-5));
            assertThat(one.parameters().get("h.0.mlp.c_fc.weight").value())
                    .isEqualTo(again.parameters().get("h.0.mlp.c_fc.weight").value());
        }
    }

    private static StepReport train(Gpt2Policy policy, List<TokenPair> pairs, TrainingSettings settings) {
        try (Gpt2Policy frozen = policy.copy(ParameterSelection.none())) {
            return Trainer.train(
                    new PreferenceObjective(policy, ReferencePolicy.of(frozen), PreferenceLosses.dpo(0.1)),
                    pairs,
                    settings,
                    RandomSource.of(42),
                    report -> {});
        }
    }
}
