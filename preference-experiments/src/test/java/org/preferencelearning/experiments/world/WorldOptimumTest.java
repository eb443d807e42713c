package org.preferencelearning.experiments.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.preferencelearning.core.random.RandomSource;

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

    @Test
    void withAGroupForEveryWordTheSmallClassIsAll() {
        WorldReward truth = WorldReward.truth();
        assertThat(WorldOptimum.ofGroups(TINY, TINY.words(), truth, truth, 0.7))
                .isEqualTo(WorldOptimum.of(TINY, truth, truth, 0.7));
    }

    /** No policy of the class does better: neither near the claimed optimum nor far from it. */
    @ParameterizedTest
    @CsvSource({"1", "2", "3", "7"})
    void noPolicyOfTheSmallClassIsBetter(int groups) {
        double beta = 0.5;
        WorldReward truth = WorldReward.truth();
        double best = WorldOptimum.ofGroups(TINY, groups, truth, truth, beta).value(beta);
        assertThat(best)
                .isLessThan(WorldOptimum.of(TINY, truth, truth, beta).value(beta))
                .isGreaterThanOrEqualTo(WorldOptimum.ofText(TINY, truth).value(beta));
        RandomSource random = RandomSource.of(9);
        double closest = Double.NEGATIVE_INFINITY;
        for (int attempt = 0; attempt < 4000; attempt++) {
            double spread = Math.pow(10, -2 * random.nextDouble());
            double value = 0;
            for (int topic = 0; topic < TINY.topics(); topic++) {
                value += valueOfTilted(topic, groups, beta, spread, random) / TINY.topics();
            }
            closest = Math.max(closest, value);
        }
        assertThat(closest).isLessThanOrEqualTo(best + 1e-12);
        // one topic at a time the search comes close, so the bound is not an empty one
        assertThat(closest).isGreaterThan(best - 0.15);
    }

    /** Value of a policy whose group tilts and lengths are near the optimum's, by the definition. */
    private static double valueOfTilted(int topic, int groups, double beta, double spread, RandomSource random) {
        Map<String, Double> words = TINY.wordProbabilities(topic);
        Map<String, Double> weights = WorldReward.truth().weights(TINY);
        List<String> names = List.copyOf(words.keySet());
        double[] mean = new double[groups];
        double[] total = new double[groups];
        for (int i = 0; i < names.size(); i++) {
            total[i % groups] += words.get(names.get(i));
            mean[i % groups] += words.get(names.get(i)) * weights.getOrDefault(names.get(i), 0.0);
        }
        double[] tilt = new double[groups];
        double normaliser = 0;
        for (int g = 0; g < groups; g++) {
            tilt[g] = Math.exp(mean[g] / total[g] / beta + spread * random.nextGaussian());
            normaliser += total[g] * tilt[g];
        }
        double perWord = 0;
        double reward = 0;
        for (int g = 0; g < groups; g++) {
            double q = total[g] * tilt[g] / normaliser;
            perWord += q * Math.log(tilt[g] / normaliser);
            reward += mean[g] * tilt[g] / normaliser;
        }
        int lengths = TINY.maxLength() - TINY.minLength() + 1;
        double[] length = new double[lengths];
        double sum = 0;
        for (int i = 0; i < lengths; i++) {
            length[i] = Math.exp((TINY.minLength() + i) * (reward / beta - perWord) + spread * random.nextGaussian());
            sum += length[i];
        }
        double value = 0;
        for (int i = 0; i < lengths; i++) {
            double p = length[i] / sum;
            value += p * ((TINY.minLength() + i) * (reward - beta * perWord) - beta * Math.log(p * lengths));
        }
        return value;
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
