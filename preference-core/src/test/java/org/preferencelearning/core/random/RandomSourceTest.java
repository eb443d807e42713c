package org.preferencelearning.core.random;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RandomSourceTest {
    @Test
    void equalSeedsGiveEqualValuesAndOtherSeedsDoNot() {
        RandomSource one = RandomSource.of(5);
        RandomSource same = RandomSource.of(5);
        long[] drawn = {one.nextLong(), one.nextLong(), one.nextInt(1000)};
        assertThat(new long[] {same.nextLong(), same.nextLong(), same.nextInt(1000)})
                .isEqualTo(drawn);
        assertThat(RandomSource.of(6).nextLong()).isNotEqualTo(drawn[0]);
    }

    @Test
    void aStreamDependsOnItsNameAndNotOnWhatWasDrawnBefore() {
        RandomSource drawnFrom = RandomSource.of(5);
        drawnFrom.nextLong();
        long first = drawnFrom.stream("data").nextLong();
        assertThat(RandomSource.of(5).stream("data").nextLong()).isEqualTo(first);
        assertThat(RandomSource.of(5).stream("model").nextLong()).isNotEqualTo(first);
    }

    @Test
    void aRestoredStateContinuesWhereItWasSaved() {
        RandomSource source = RandomSource.of(9);
        source.nextGaussian();
        byte[] state = source.state();
        double[] expected = {source.nextGaussian(), source.nextDouble(), source.nextInt(7)};
        RandomSource other = RandomSource.of(1);
        other.restore(state);
        assertThat(new double[] {other.nextGaussian(), other.nextDouble(), other.nextInt(7)})
                .isEqualTo(expected);
    }

    @Test
    void aPermutationHoldsEachIndexOnce() {
        int[] order = RandomSource.of(3).permutation(1000);
        assertThat(order).isNotEqualTo(IntStream.range(0, 1000).toArray());
        int[] sorted = order.clone();
        Arrays.sort(sorted);
        assertThat(sorted).isEqualTo(IntStream.range(0, 1000).toArray());
    }

    @Test
    void categoricalDrawsFollowTheProbabilities() {
        RandomSource source = RandomSource.of(11);
        double[] p = {0.1, 0, 0.6, 0.3};
        int[] counts = new int[4];
        int n = 100_000;
        for (int i = 0; i < n; i++) {
            counts[source.nextCategorical(p)]++;
        }
        assertThat(counts[1]).isZero();
        for (int i = 0; i < 4; i++) {
            // five standard errors of a binomial share
            double bound = 5 * Math.sqrt(p[i] * (1 - p[i]) / n) + 1e-12;
            assertThat(Math.abs(counts[i] / (double) n - p[i])).isLessThanOrEqualTo(bound);
        }
    }
}
