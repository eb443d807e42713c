package org.preferencelearning.gpt2.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.preferencelearning.gpt2.model.ParameterGroup.blocks;
import static org.preferencelearning.gpt2.model.ParameterGroup.embeddings;
import static org.preferencelearning.gpt2.model.ParameterGroup.positions;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.gpt2.graph.Gpt2Config;

class ParameterSelectionTest {
    private static final Gpt2Config CONFIG = new Gpt2Config(40, 64, 16, 3, 2, 1e-5, 39);

    /** The published code's policy mis-specification. */
    @Test
    void theReferencesFrozenPolicyTrainsTheNumberOfParametersItSays() {
        Map<String, long[]> shapes = Gpt2Parameters.shapes(Gpt2Config.large(), false);
        Predicate<String> trained =
                ParameterSelection.frozen(embeddings(), blocks(0, 15)).in(Gpt2Config.large(), shapes.keySet());
        long count = shapes.entrySet().stream()
                .filter(entry -> trained.test(entry.getKey()))
                .mapToLong(entry -> Arrays.stream(entry.getValue()).reduce(1, (a, b) -> a * b))
                .sum();
        assertThat(count).isEqualTo(414_539_520L);
        assertThat(trained).accepts("wpe.weight").rejects("wte.weight");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "all",
                "none",
                "only:head",
                "only:last-mlp,head",
                "frozen:embeddings,blocks(0..15)",
                "only:positions,final-norm,h.0.ln_1.weight"
            })
    void aSelectionIsItsText(String text) {
        assertThat(ParameterSelection.parse(text)).hasToString(text);
        assertThat(ParameterSelection.parse(text)).isEqualTo(ParameterSelection.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "some", "only:", "frozen:blocks(3..3)", "frozen:heads", "only:blocks(5..1)"})
    void anythingElseIsRefused(String text) {
        assertThatThrownBy(() -> ParameterSelection.parse(text)).isInstanceOf(SettingException.class);
    }

    @Test
    void aGroupThatTheModelHasNotIsRefused() {
        RandomSource random = RandomSource.of(1);
        assertThatThrownBy(() -> Gpt2Policy.random(CONFIG, random, ParameterSelection.onlyHead()))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("head");
        assertThatThrownBy(() -> Gpt2Policy.random(CONFIG, random, ParameterSelection.frozen(blocks(0, 4))))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("blocks 0 to 3");
    }

    /** Wherever training starts, the gradients that are left are those of the whole model. */
    @ParameterizedTest
    @ValueSource(strings = {"only:head", "only:last-mlp,head", "frozen:embeddings,blocks(0..2)", "only:h.1.ln_2.bias"})
    void gradientsOfASelectionAreThoseOfTheWholeModel(String text) {
        List<TokenSequence> sequences = List.of(
                new TokenSequence(new int[] {1, 2, 3, 4}, 2), new TokenSequence(new int[] {9, 8, 7, 6, 5, 4}, 1));
        double[] upstream = {0.7, -1.3};
        try (Gpt2Policy policy = Gpt2Policy.random(CONFIG, RandomSource.of(2));
                Gpt2RewardModel whole = Gpt2RewardModel.from(policy, RandomSource.of(3));
                Gpt2RewardModel part = whole.copy(ParameterSelection.parse(text))) {
            whole.forward(sequences).backward(upstream);
            part.forward(sequences).backward(upstream);
            assertThat(part.parameters().trained()).isNotEmpty();
            assertThat(part.parameters().trainedCount())
                    .isLessThan(whole.parameters().trainedCount());
            for (Parameter parameter : part.parameters().trained()) {
                double[] expected = whole.parameters()
                        .get(parameter.name())
                        .gradient()
                        .dup('c')
                        .reshape(parameter.value().length())
                        .toDoubleVector();
                assertThat(parameter
                                .gradient()
                                .dup('c')
                                .reshape(expected.length)
                                .toDoubleVector())
                        .as(parameter.name())
                        .containsExactly(expected, within(1e-7));
            }
        }
    }

    @Test
    void positionsAreTrainedWhereTokensAreFrozen() {
        try (Gpt2Policy policy =
                Gpt2Policy.random(CONFIG, RandomSource.of(2), ParameterSelection.frozen(embeddings(), blocks(0, 2)))) {
            policy.forward(List.of(new TokenSequence(new int[] {1, 2, 3, 4}, 2)))
                    .backward(new double[] {1});
            assertThat(policy.parameters()
                            .get("wpe.weight")
                            .gradient()
                            .norm2Number()
                            .doubleValue())
                    .isPositive();
            assertThat(policy.parameters().get("wte.weight").trained()).isFalse();
            assertThat(ParameterSelection.only(positions()).groups()).hasSize(1);
        }
    }
}
