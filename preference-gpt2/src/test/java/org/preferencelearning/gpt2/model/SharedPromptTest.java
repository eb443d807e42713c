package org.preferencelearning.gpt2.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.model.ForwardPass;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.Trainable;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.LoraSettings;
import org.preferencelearning.gpt2.graph.Projection;

/** Two responses in a row with their prompt: to each of them, and to the gradient, the same as two rows. */
class SharedPromptTest {
    private static final Gpt2Config CONFIG = new Gpt2Config(40, 64, 16, 2, 2, 1e-5, 39);
    private static final int PROMPTS = 3;

    @Test
    void layoutGivesEveryTokenItsOwnPlaceAndHidesTheOtherResponse() {
        TokenSequence first = new TokenSequence(new int[] {7, 8, 9, 1, 2}, 3);
        TokenSequence second = new TokenSequence(new int[] {7, 8, 9, 3, 4, 5}, 3);
        TokenBatch batch = TokenBatch.sharingPrompts(List.of(first, second), CONFIG);
        assertThat(batch.sharesPrompts()).isTrue();
        assertThat(batch.rows()).isEqualTo(1);
        assertThat(batch.length()).isEqualTo(16);
        assertThat(Arrays.copyOf(batch.ids(), 9)).containsExactly(7, 8, 9, 1, 2, 3, 4, 5, 0);
        assertThat(Arrays.copyOf(batch.places(), 9)).containsExactly(0, 1, 2, 3, 4, 3, 4, 5, 0);
        assertThat(batch.used()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
        assertThat(IntStream.range(0, 6).map(t -> batch.position(1, t))).containsExactly(0, 1, 2, 5, 6, 7);
        assertThat(batch.lastPosition(0)).isEqualTo(4);
        assertThat(batch.lastPosition(1)).isEqualTo(7);
        for (int query = 0; query < 8; query++) {
            for (int key = 0; key < 16; key++) {
                boolean other = query >= 5 && (key == 3 || key == 4);
                assertThat(batch.mask()[0][query][key] == 0)
                        .as("query %d, key %d", query, key)
                        .isEqualTo(key <= query && !other);
            }
        }
    }

    @Test
    void nothingIsSharedWhereThatWouldBeMoreWork() {
        List<TokenSequence> longResponses = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            int[] tokens = new int[32];
            Arrays.fill(tokens, 1, 32, i);
            longResponses.add(new TokenSequence(tokens, 1));
        }
        assertThat(TokenBatch.sharingPrompts(longResponses, CONFIG).sharesPrompts())
                .isFalse();
        assertThat(TokenBatch.sharingPrompts(sequences(40, 5), CONFIG).sharesPrompts())
                .isTrue();
    }

    @Test
    void theSumsAndGradientsOfAPolicyAreThoseOfSeparateRows() {
        try (Gpt2Policy policy = Gpt2Policy.random(CONFIG, RandomSource.of(1))) {
            agrees(policy, policy::forward, sequences(40, 5), 2e-5);
        }
    }

    /** In double precision and without fused kernels: rounding is all that may differ. */
    @Test
    void theyAreInDoublePrecision() {
        try (Gpt2Policy policy = Gpt2Policy.random(CONFIG, RandomSource.of(1));
                Gpt2Policy exact = policy.inDoublePrecision()) {
            agrees(exact, exact::forward, sequences(40, 5), 1e-12);
        }
    }

    @Test
    void theyAreWithAdapters() {
        try (Gpt2Policy policy = Gpt2Policy.random(CONFIG, RandomSource.of(1));
                Gpt2Policy adapted =
                        policy.withLora(LoraSettings.of(2, 4, Projection.ATTENTION_INPUT), RandomSource.of(2))) {
            agrees(adapted, adapted::forward, sequences(40, 5), 2e-5);
        }
    }

    @Test
    void theRewardsAndGradientsOfARewardModelAreThoseOfSeparateRows() {
        try (Gpt2Policy policy = Gpt2Policy.random(CONFIG, RandomSource.of(1));
                Gpt2RewardModel model = Gpt2RewardModel.from(policy, RandomSource.of(2))) {
            agrees(model, model::forward, sequences(40, 5), 2e-5);
        }
    }

    private interface Forward {
        ForwardPass of(List<TokenSequence> sequences);
    }

    private static void agrees(Trainable model, Forward forward, List<TokenSequence> sequences, double tolerance) {
        assertThat(TokenBatch.sharingPrompts(sequences, CONFIG).rows()).isLessThan(sequences.size());
        double[] upstream = IntStream.range(0, sequences.size())
                .mapToDouble(i -> 0.3 * i - 1)
                .toArray();
        model.parameters().clearGradients();
        ForwardPass together = forward.of(sequences);
        double[] values = together.values();
        together.backward(upstream);
        List<double[]> gradients = gradients(model);
        model.parameters().clearGradients();
        for (int i = 0; i < upstream.length; i++) {
            ForwardPass alone = forward.of(sequences.subList(i, i + 1));
            assertThat(alone.values()[0]).isCloseTo(values[i], within(tolerance));
            alone.backward(new double[] {upstream[i]});
        }
        List<double[]> expected = gradients(model);
        for (int i = 0; i < expected.size(); i++) {
            double largest = Arrays.stream(expected.get(i)).map(Math::abs).max().orElseThrow();
            assertThat(gradients.get(i))
                    .as(model.parameters().trained().get(i).name())
                    .containsExactly(expected.get(i), within(tolerance * Math.max(1, largest)));
        }
    }

    private static List<double[]> gradients(Trainable model) {
        return model.parameters().trained().stream()
                .map(Parameter::gradient)
                .map(gradient -> gradient.reshape(gradient.length()).toDoubleVector())
                .toList();
    }

    /** Three prompts, of which one is followed by an odd number of responses; lengths differ. */
    private static List<TokenSequence> sequences(int promptLength, int responses) {
        RandomSource random = RandomSource.of(5);
        int[][] prompts = new int[PROMPTS][];
        for (int i = 0; i < PROMPTS; i++) {
            prompts[i] = new int[promptLength + i];
            Arrays.setAll(prompts[i], t -> random.nextInt(40));
        }
        List<TokenSequence> sequences = new ArrayList<>();
        for (int i = 0; i < responses + PROMPTS; i++) {
            int[] prompt = prompts[i % PROMPTS];
            int[] tokens = Arrays.copyOf(prompt, prompt.length + 2 + random.nextInt(6));
            for (int t = prompt.length; t < tokens.length; t++) {
                tokens[t] = random.nextInt(40);
            }
            sequences.add(new TokenSequence(tokens, prompt.length));
        }
        return sequences;
    }
}
