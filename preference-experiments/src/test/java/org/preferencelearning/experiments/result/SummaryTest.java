package org.preferencelearning.experiments.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.preferencelearning.core.random.RandomSource;

class SummaryTest {
    /** Student's quantile for 2 degrees of freedom is 4.30265. */
    @Test
    void theIntervalIsStudents() {
        Summary summary = Summary.of(1, 2, 6);
        assertThat(summary.mean()).isEqualTo(3);
        assertThat(summary.deviation().orElseThrow()).isCloseTo(Math.sqrt(7), within(1e-12));
        assertThat(summary.halfWidth().orElseThrow()).isCloseTo(4.30265 * Math.sqrt(7.0 / 3), within(1e-4));
    }

    @Test
    void oneValueHasNoSpread() {
        Summary summary = Summary.of(0.5);
        assertThat(summary.mean()).isEqualTo(0.5);
        assertThat(summary.deviation()).isEmpty();
        assertThat(summary.halfWidth()).isEmpty();
    }

    /** Of 2,000 comparisons of a method with itself, about one in twenty is called a difference. */
    @Test
    void aMethodComparedWithItselfDiffersAsOftenAsTheIntervalPromises() {
        RandomSource random = RandomSource.of(12);
        int wrong = 0;
        int n = 2000;
        for (int i = 0; i < n; i++) {
            double[] differences = new double[3];
            for (int k = 0; k < 3; k++) {
                double one = random.nextGaussian();
                differences[k] = one - random.nextGaussian();
            }
            Summary summary = Summary.of(differences);
            wrong += Math.abs(summary.mean()) > summary.halfWidth().orElseThrow() ? 1 : 0;
        }
        assertThat(wrong / (double) n).isCloseTo(0.05, within(4 * Math.sqrt(0.05 * 0.95 / n)));
    }
}
