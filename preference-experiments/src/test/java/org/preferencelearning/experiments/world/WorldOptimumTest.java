package org.preferencelearning.experiments.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorldOptimumTest {
    /** 10 words, responses of 1 to 3: every response can be listed. */
    private static final SparseTextWorld TINY = new SparseTextWorld(10, 4, 1.2, 1, 3, 5);

    @ParameterizedTest
    @CsvSource({"0.3, 1, 0", "1, 0.5, 0", "2, 1, 0.4", "0.5, 0.25, -0.3"})
    void theClosedFormIsTheSumOverAllResponses(double beta, double visible, double bonus) {
        WorldReward truth = WorldReward.truth();
        WorldReward maximised = new WorldReward(visible, bonus);
        double reward = 0;
        double divergence = 0;
        for (int topic = 0; topic < TINY.topics(); topic++) {
            Map<String, Double> words = TINY.wordProbabilities(topic);
            assertThat(words.values().stream().mapToDouble(Double::doubleValue).sum())
                    .isCloseTo(1, within(1e-12));
            List<double[]> responses = new ArrayList<>();
            list("", 1, 0, words, truth, maximised, responses);
            double z = responses.stream()
                    .mapToDouble(r -> r[0] * Math.exp(r[2] / beta))
                    .sum();
            for (double[] response : responses) {
                double p = response[0] * Math.exp(response[2] / beta) / z;
                reward += p * response[1] / TINY.topics();
                divergence += p * Math.log(p / response[0]) / TINY.topics();
            }
        }
        WorldOptimum found = WorldOptimum.of(TINY, maximised, truth, beta);
        assertThat(found.reward()).isCloseTo(reward, within(1e-10));
        assertThat(found.divergence()).isCloseTo(divergence, within(1e-10));
        if (visible == 1 && bonus == 0) {
            assertThat(found.value(beta))
                    .isGreaterThan(WorldOptimum.ofText(TINY, truth).value(beta));
        }
    }

    /** Probability, true reward and maximised reward of every response. */
    private static void list(
            String prefix,
            double probability,
            int length,
            Map<String, Double> words,
            WorldReward truth,
            WorldReward maximised,
            List<double[]> responses) {
        if (length >= TINY.minLength()) {
            int lengths = TINY.maxLength() - TINY.minLength() + 1;
            responses.add(new double[] {probability / lengths, truth.of(TINY, prefix), maximised.of(TINY, prefix)});
        }
        if (length < TINY.maxLength()) {
            words.forEach((word, p) ->
                    list(prefix + " " + word, probability * p, length + 1, words, truth, maximised, responses));
        }
    }

    @Test
    void theWorldsOwnTextHasTheMeanRewardOfItsSamples() {
        SparseTextWorld world = SparseTextWorld.standard();
        WorldOptimum text = WorldOptimum.ofText(world, WorldReward.truth());
        assertThat(text.divergence()).isCloseTo(0, within(1e-12));
        double mean = world.sample(20_000).pairs().stream()
                .mapToDouble(pair -> (world.reward(pair.chosen()) + world.reward(pair.rejected())) / 2)
                .average()
                .orElseThrow();
        // deviation of a response's reward is about 1.7: five standard errors of 40,000
        assertThat(mean).isCloseTo(text.reward(), within(0.045));
    }
}
