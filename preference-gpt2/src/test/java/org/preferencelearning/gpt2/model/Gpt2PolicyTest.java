package org.preferencelearning.gpt2.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.loss.PreferenceLosses;
import org.preferencelearning.core.model.ForwardPass;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.model.ReferencePolicy;
import org.preferencelearning.core.model.TokenDistributions;
import org.preferencelearning.core.model.TokenPass;
import org.preferencelearning.core.model.TokenScores;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.ExampleException;
import org.preferencelearning.core.train.PreferenceObjective;
import org.preferencelearning.core.train.Trainer;
import org.preferencelearning.core.train.TrainingListener;
import org.preferencelearning.core.train.TrainingRun;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.gpt2.KernelClock;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.model.LanguageModelHead.Scored;

class Gpt2PolicyTest {
    private static final Gpt2Config CONFIG = new Gpt2Config(40, 64, 16, 2, 2, 1e-5, 39);

    @TempDir
    Path folder;

    @Test
    void largeHasThePublishedNumberOfParameters() {
        assertThat(Gpt2Config.large().parameters()).isEqualTo(774_030_080L);
        assertThat(Gpt2Config.small().parameters()).isEqualTo(124_439_808L);
        try (Gpt2Policy policy = policy(1)) {
            assertThat(policy.parameters().count()).isEqualTo(CONFIG.parameters());
        }
    }

    @Test
    void aSequencesSumDoesNotDependOnItsBatch() {
        List<TokenSequence> sequences = sequences(40, RandomSource.of(3));
        try (Gpt2Policy policy = policy(1)) {
            double[] together = policy.logProbabilities(sequences);
            for (int i = 0; i < sequences.size(); i += 7) {
                assertThat(policy.logProbabilities(List.of(sequences.get(i)))[0])
                        .isCloseTo(together[i], within(2e-5));
            }
        }
    }

    /** Padding is token 0 and so may the text be; end of text may stand inside a prompt. */
    @Test
    void tokensThatLookLikePaddingOrEndOfTextAreScoredLikeOthers() {
        TokenSequence plain = new TokenSequence(new int[] {5, 39, 6, 0, 0, 39}, 3);
        try (Gpt2Policy policy = policy(1);
                INDArray logits = policy.logits(plain.tokens())) {
            double expected = 0;
            for (int t = 3; t < 6; t++) {
                double[] row = logits.getRow(t - 1).toDoubleVector();
                double max = Arrays.stream(row).max().orElseThrow();
                double sum = Arrays.stream(row).map(v -> Math.exp(v - max)).sum();
                expected += row[plain.token(t)] - max - Math.log(sum);
            }
            assertThat(policy.logProbabilities(List.of(plain))[0]).isCloseTo(expected, within(1e-5));
        }
    }

    /** More sequences than are scored at once, of many lengths; alone, in batches and differentiable, one and the same. */
    @Test
    void whatIsSaidOfTokensIsOfTheirLogits() {
        List<TokenSequence> sequences = sequences(21, RandomSource.of(6));
        try (Gpt2Policy policy = policy(1)) {
            TokenScores scores = policy.tokenScores(sequences, true);
            TokenDistributions said = scores.distributions().orElseThrow();
            TokenPass pass = policy.forwardTokens(sequences, true);
            double[] sums = policy.logProbabilities(sequences);
            assertThat(pass.values()).containsExactly(scores.logProbabilities(), within(1e-5));
            assertThat(pass.distributions().orElseThrow().entropies()).containsExactly(said.entropies(), within(1e-5));
            TokenScores alone = policy.tokenScores(sequences, false);
            assertThat(alone.distributions()).isEmpty();
            assertThat(alone.logProbabilities())
                    .as("the same bits with and without statistics")
                    .containsExactly(scores.logProbabilities());
            int token = 0;
            for (int i = 0; i < sequences.size(); i++) {
                TokenSequence sequence = sequences.get(i);
                double sum = 0;
                try (INDArray logits = policy.logits(sequence.tokens())) {
                    for (int t = sequence.promptLength(); t < sequence.length(); t++) {
                        double[] row = logits.getRow(t - 1).toDoubleVector();
                        double max = Arrays.stream(row).max().orElseThrow();
                        double log = max
                                + Math.log(Arrays.stream(row)
                                        .map(v -> Math.exp(v - max))
                                        .sum());
                        assertThat(scores.logProbabilities()[token])
                                .isCloseTo(row[sequence.token(t)] - log, within(1e-5));
                        assertThat(said.entropies()[token])
                                .isCloseTo(
                                        Arrays.stream(row)
                                                .map(v -> (log - v) * Math.exp(v - log))
                                                .sum(),
                                        within(1e-5));
                        assertThat(said.collisions()[token])
                                .isCloseTo(
                                        Math.log(Arrays.stream(row)
                                                .map(v -> Math.exp(2 * (v - log)))
                                                .sum()),
                                        within(1e-5));
                        assertThat(said.meanLogits()[token])
                                .isCloseTo(Arrays.stream(row).average().orElseThrow(), within(1e-5));
                        assertThat(said.likeliest()[token]).isEqualTo(row[sequence.token(t)] == max);
                        sum += scores.logProbabilities()[token++];
                    }
                }
                assertThat(sums[i]).isCloseTo(sum, within(1e-5));
            }
            assertThat(scores.logProbabilities()).hasSize(token);
        }
    }

    @Test
    void aProbabilityThatUnderflowsAddsNothingToAnEntropy() {
        try (ParameterStore store = ParameterStore.builder()
                .add("wte", Nd4j.createFromArray(new float[][] {{0}, {200}, {200}}), true, true)
                .build()) {
            INDArray hidden = Nd4j.createFromArray(new float[][] {{1}});
            TokenDistributions said =
                    new TokenDistributions(new double[1], new double[1], new double[1], new boolean[1]);
            try (LanguageModelHead head = new LanguageModelHead(store.get("wte"), new KernelClock(), 8)) {
                head.forward(hidden, List.of(new Scored(0, 2)), Optional.of(said));
                assertThat(said.entropies()[0]).isCloseTo(Math.log(2), within(1e-6));
                assertThat(said.collisions()[0]).isCloseTo(-Math.log(2), within(1e-6));
                assertThat(said.meanLogits()[0]).isCloseTo(400 / 3.0, within(1e-4));
                assertThat(said.likeliest()[0]).isTrue();
            }
        }
    }

    @Test
    void aSavedPolicyIsTheSamePolicy() {
        List<TokenSequence> sequences = sequences(5, RandomSource.of(4));
        Path file = folder.resolve("model.safetensors");
        try (Gpt2Policy policy = policy(1)) {
            policy.saveWeights(file);
            try (Gpt2Policy loaded = Gpt2Policy.load(CONFIG, file, ParameterSelection.all())) {
                assertThat(loaded.logProbabilities(sequences)).isEqualTo(policy.logProbabilities(sequences));
            }
        }
    }

    @Test
    void equalSeedsTrainToEqualBits() {
        assertThat(trained(5)).isEqualTo(trained(5));
        assertThat(trained(6)).isNotEqualTo(trained(5));
    }

    @Test
    void frozenParametersStayAsTheyAreAndOthersMove() {
        try (Gpt2Policy policy = policy(1)
                        .copy(ParameterSelection.only(ParameterGroup.blocks(1, 2), ParameterGroup.positions()));
                Gpt2Policy before = policy.copy(ParameterSelection.none())) {
            train(policy, before, 3);
            for (Parameter parameter : policy.parameters().all()) {
                boolean moved = !parameter
                        .value()
                        .equalsWithEps(before.parameters().get(parameter.name()).value(), 0);
                assertThat(moved).as(parameter.name()).isEqualTo(parameter.trained());
            }
            assertThatThrownBy(() -> policy.parameters().get("wte.weight").gradient())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("frozen");
        }
    }

    @Test
    void aPassEndsWhenTheModelIsUsedAgain() {
        List<TokenSequence> sequences = sequences(2, RandomSource.of(4));
        try (Gpt2Policy policy = policy(1)) {
            ForwardPass stale = policy.forward(sequences);
            policy.logProbabilities(sequences);
            assertThatThrownBy(() -> stale.backward(new double[2])).isInstanceOf(IllegalStateException.class);
            ForwardPass pass = policy.forward(sequences);
            assertThatThrownBy(() -> pass.backward(new double[3])).isInstanceOf(IllegalArgumentException.class);
            pass.backward(new double[2]);
            assertThatThrownBy(() -> pass.backward(new double[2])).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void whatDoesNotFitTheModelIsRefused() {
        try (Gpt2Policy policy = policy(1)) {
            assertThatThrownBy(() -> policy.logProbabilities(List.of(new TokenSequence(new int[] {1, 40}, 1))))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining("'token' is 40; allowed: 0 to 39");
            assertThatThrownBy(() -> policy.logProbabilities(List.of(new TokenSequence(new int[65], 1))))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining("65 tokens")
                    .hasMessageContaining("64");
            assertThatThrownBy(() -> policy.logProbabilities(List.of(new TokenSequence(new int[] {1, 2}, 0))))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining("a prompt of at least one token");
        }
    }

    @Test
    void shapesComeAndGoWithoutChangingResults() {
        RandomSource random = RandomSource.of(8);
        try (Gpt2Policy policy = policy(1)) {
            List<TokenSequence> first = sequences(3, random);
            double[] before = policy.logProbabilities(first);
            for (int rows = 1; rows <= 12; rows++) {
                policy.forward(sequences(rows, random)).backward(new double[rows]);
            }
            assertThat(policy.logProbabilities(first)).isEqualTo(before);
        }
    }

    /** More positions than a chunk holds, so that probabilities are computed twice. */
    @Test
    void theHeadGivesTheSameInOneChunkAndInMany() {
        RandomSource random = RandomSource.of(2);
        try (ParameterStore store = ParameterStore.builder()
                .add("wte", gaussian(1, random, 40, 16), true, true)
                .build()) {
            INDArray hidden = gaussian(1, random, 30, 16);
            List<Scored> scored = new ArrayList<>();
            double[] upstream = new double[25];
            for (int i = 0; i < 25; i++) {
                // two tokens are scored at every fifth position
                scored.add(new Scored(i + 2 - (i % 5 == 0 ? 1 : 0), random.nextInt(40)));
                upstream[i] = random.nextGaussian();
            }
            List<double[]> results = new ArrayList<>();
            for (int rows : new int[] {64, 8}) {
                try (LanguageModelHead head = new LanguageModelHead(store.get("wte"), new KernelClock(), rows)) {
                    store.clearGradients();
                    results.add(head.forward(hidden, scored, Optional.empty()));
                    INDArray gradient = Nd4j.create(DataType.FLOAT, 30, 16);
                    head.backward(hidden, scored, upstream, Optional.of(gradient), false);
                    results.add(gradient.reshape(480).toDoubleVector());
                    results.add(store.get("wte").gradient().reshape(640).toDoubleVector());
                }
            }
            for (int i = 0; i < 3; i++) {
                assertThat(results.get(i + 3)).containsExactly(results.get(i), within(1e-5));
            }
        }
    }

    @Test
    void aTokenWhoseProbabilityUnderflowsStillHasItsLogProbability() {
        try (ParameterStore store = ParameterStore.builder()
                .add("wte", Nd4j.createFromArray(new float[][] {{0}, {200}, {-100}}), true, true)
                .build()) {
            INDArray hidden = Nd4j.createFromArray(new float[][] {{1}});
            try (LanguageModelHead head = new LanguageModelHead(store.get("wte"), new KernelClock(), 8)) {
                double[] result = head.forward(hidden, List.of(new Scored(0, 2)), Optional.empty());
                assertThat(result[0]).isCloseTo(-300, within(1e-4));
            }
        }
    }

    private static double[] trained(long seed) {
        try (Gpt2Policy policy = policy(1);
                Gpt2Policy reference = policy.copy(ParameterSelection.none())) {
            train(policy, reference, seed);
            return policy.parameters().all().stream()
                    .flatMapToDouble(p ->
                            Arrays.stream(p.value().reshape(p.value().length()).toDoubleVector()))
                    .toArray();
        }
    }

    /** One too long, one with an unknown token, one without a prompt: each is named before anything is evaluated. */
    @Test
    void examplesThatDoNotFitAreNamedBeforeTraining() {
        int longest = CONFIG.positions();
        refusedExample(new TokenSequence(new int[longest + 1], 2), (longest + 1) + " tokens", "at most " + longest);
        refusedExample(new TokenSequence(new int[] {1, 2, CONFIG.vocabulary()}, 2), "" + CONFIG.vocabulary());
        refusedExample(new TokenSequence(new int[] {1, 2}, 0), "prompt");
        refusedExample(new TokenSequence(new int[] {1, 2}, 2), "response");
    }

    private static void refusedExample(TokenSequence wrong, String... message) {
        TokenSequence right = new TokenSequence(new int[CONFIG.positions()], 2);
        try (Gpt2Policy policy = policy(1)) {
            assertThat(policy.maxLength()).isEqualTo(CONFIG.positions());
            List<TokenPair> pairs = List.of(TokenPair.of(right, right), TokenPair.of(right, wrong));
            PreferenceObjective objective = new PreferenceObjective(policy, policy, PreferenceLosses.dpo(0.1));
            assertThatThrownBy(
                            () -> TrainingRun.start(objective, pairs, TrainingSettings.defaults(), RandomSource.of(1)))
                    .isInstanceOfSatisfying(
                            ExampleException.class, e -> assertThat(e.index()).isEqualTo(1))
                    .hasMessageContaining("example 1 ")
                    .hasMessageContainingAll(message);
        }
    }

    private static void train(Gpt2Policy policy, Gpt2Policy reference, long seed) {
        RandomSource random = RandomSource.of(9);
        List<TokenPair> pairs = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            List<TokenSequence> two = sequences(2, random);
            pairs.add(TokenPair.of(two.get(0), two.get(1)));
        }
        Trainer.train(
                new PreferenceObjective(policy, ReferencePolicy.of(reference), PreferenceLosses.dpo(0.1)),
                pairs,
                TrainingSettings.defaults().withEpochs(2).withBatchSize(4, 2).withLearningRate(1e-2),
                RandomSource.of(seed),
                TrainingListener.none());
    }

    private static Gpt2Policy policy(long seed) {
        return Gpt2Policy.random(CONFIG, RandomSource.of(seed));
    }

    private static List<TokenSequence> sequences(int count, RandomSource random) {
        List<TokenSequence> sequences = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int[] tokens = new int[3 + random.nextInt(25)];
            Arrays.setAll(tokens, t -> random.nextInt(40));
            sequences.add(new TokenSequence(tokens, 1 + random.nextInt(2)));
        }
        return sequences;
    }

    private static INDArray gaussian(double deviation, RandomSource random, int rows, int columns) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
        return Nd4j.createFromArray(values).reshape(rows, columns);
    }
}
