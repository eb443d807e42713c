package org.preferencelearning.experiments.dual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.random.RandomSource;

class PairSampleTest {
    private static final double[][] REWARD = {{1, 0, -1, 0.5}, {0, 2, 0, 0}, {3, 0, 0, 0}};
    private static final Population POPULATION = new Population(REWARD, reference(), 0.5);

    private static double[][] reference() {
        double[] logs =
                Arrays.stream(new double[] {0.4, 0.3, 0.2, 0.1}).map(Math::log).toArray();
        return new double[][] {logs, logs, logs};
    }

    private static PairSample draw(int size, double noise) {
        return PairSample.draw(POPULATION, size, 2, noise, RandomSource.of(1));
    }

    @Test
    void aSmallSampleBeginsALargerOneAndIsAboutThePromptsThatWereAskedFor() {
        PairSample large = draw(500, 0);
        PairSample small = draw(100, 0);
        assertThat(Arrays.copyOf(large.chosen(), 100)).isEqualTo(small.chosen());
        assertThat(Arrays.copyOf(large.rejected(), 100)).isEqualTo(small.rejected());
        assertThat(large.prompts()).contains(0, 1).doesNotContain(2);
        for (int i = 0; i < large.size(); i++) {
            assertThat(large.chosen()[i]).isNotEqualTo(large.rejected()[i]);
        }
    }

    /** Of pairs of the first prompt's first and third responses, sigmoid(2) are labelled right, or as noise says. */
    @Test
    void labelsFollowTheTrueRewardAndTheNoise() {
        for (double noise : new double[] {0, 0.2}) {
            PairSample sample = draw(60_000, noise);
            int right = 0;
            int all = 0;
            for (int i = 0; i < sample.size(); i++) {
                if (sample.prompts()[i] == 0
                        && sample.chosen()[i] + sample.rejected()[i] == 2
                        && sample.chosen()[i] != 1) {
                    all++;
                    right += sample.chosen()[i] == 0 ? 1 : 0;
                }
            }
            double clean = 1 / (1 + Math.exp(-2));
            double expected = clean * (1 - noise) + (1 - clean) * noise;
            assertThat(all).isGreaterThan(3000);
            assertThat(right / (double) all)
                    .isCloseTo(expected, within(4 * Math.sqrt(expected * (1 - expected) / all)));
        }
    }

    @Test
    void everyTenthIsLeftOutAndNoneIsLost() {
        PairSample sample = draw(105, 0);
        assertThat(sample.every(10, true).size()).isEqualTo(10);
        assertThat(sample.every(10, false).size()).isEqualTo(95);
        assertThat(sample.every(10, true).chosen()[0]).isEqualTo(sample.chosen()[9]);
    }

    @Test
    void theGradientIsTheSlopeOfTheLoss() {
        PairSample sample = draw(30, 0);
        double[][] scores = {{0.3, -1, 0.2, 0}, {1, 0, -0.5, 0.1}, {0, 0, 0, 0}};
        double[][] gradient = sample.gradient(scores);
        for (int x = 0; x < scores.length; x++) {
            for (int y = 0; y < scores[x].length; y++) {
                double before = scores[x][y];
                scores[x][y] = before + 1e-5;
                double more = sample.loss(scores);
                scores[x][y] = before - 1e-5;
                double less = sample.loss(scores);
                scores[x][y] = before;
                assertThat(gradient[x][y]).isCloseTo((more - less) / 2e-5, within(1e-8));
            }
        }
    }

    @Test
    void theErrorIsThatOfMarginsAndNotOfLevels() {
        PairSample sample = draw(50, 0);
        double[][] shifted = Arrays.stream(REWARD)
                .map(row -> Arrays.stream(row).map(value -> value + 7).toArray())
                .toArray(double[][]::new);
        assertThat(sample.error(shifted, REWARD)).isCloseTo(0, within(1e-20));
        double[][] doubled = Arrays.stream(REWARD)
                .map(row -> Arrays.stream(row).map(value -> 2 * value).toArray())
                .toArray(double[][]::new);
        double expected = 0;
        for (int i = 0; i < sample.size(); i++) {
            double[] row = REWARD[sample.prompts()[i]];
            expected += Math.pow(row[sample.chosen()[i]] - row[sample.rejected()[i]], 2) / sample.size();
        }
        assertThat(sample.error(doubled, REWARD)).isCloseTo(expected, within(1e-12));
    }

    @Test
    void accuracyCountsPairsOfUnequalRewardByTheirProbability() {
        assertThat(POPULATION.accuracy(REWARD, reference(), 0, 3)).isEqualTo(1);
        assertThat(POPULATION.accuracy(new double[3][4], reference(), 0, 3)).isEqualTo(0.5);
        // of the second prompt: 1 against 0, 2 and 3, of which only that against 0 is told
        double[][] scores = {{0, 0, 0, 0}, {0, 1, 2, 2}, {0, 0, 0, 0}};
        assertThat(POPULATION.accuracy(scores, reference(), 1, 2)).isCloseTo(0.4 / 0.7, within(1e-12));
    }
}
