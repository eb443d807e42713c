package org.preferencelearning.experiments.dual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.random.RandomSource;

class SparseHeadTest {
    private static final int WIDTH = 6;
    private static final int RESPONSES = 40;
    private static final double[] TRUTH = {1.5, 0, 0, -1, 0, 0};
    private static final double[][][] FEATURES = features();
    private static final SparseHead HEAD = new SparseHead(FEATURES);
    private static final PairSample PAIRS = pairs(400);

    private static double[][][] features() {
        RandomSource random = RandomSource.of(1);
        double[][][] features = new double[1][RESPONSES][WIDTH];
        for (double[] row : features[0]) {
            Arrays.setAll(row, k -> random.nextGaussian());
        }
        return features;
    }

    private static PairSample pairs(int size) {
        double[][] log = new double[1][RESPONSES];
        Arrays.fill(log[0], -Math.log(RESPONSES));
        return PairSample.draw(new Population(HEAD.scores(TRUTH), log, 1), size, 1, 0, RandomSource.of(2));
    }

    /** Slope of the mean loss by one coordinate of the head, by differences. */
    private static double slope(double[] head, int k) {
        double[] more = head.clone();
        double[] less = head.clone();
        more[k] += 1e-5;
        less[k] -= 1e-5;
        return (PAIRS.loss(HEAD.scores(more)) - PAIRS.loss(HEAD.scores(less))) / 2e-5;
    }

    /** What the optimum of a convex problem satisfies, and nothing else does. */
    @Test
    void theFitSatisfiesTheConditionsOfTheOptimum() {
        for (double penalty : new double[] {0, 0.02, 0.1}) {
            double[] head = HEAD.head(PAIRS, penalty);
            for (int k = 0; k < WIDTH; k++) {
                if (head[k] == 0) {
                    assertThat(Math.abs(slope(head, k))).isLessThanOrEqualTo(penalty + 1e-7);
                } else {
                    assertThat(slope(head, k)).isCloseTo(-penalty * Math.signum(head[k]), within(1e-7));
                }
            }
        }
    }

    @Test
    void aPenaltyLeavesOutWhatDoesNotCount() {
        assertThat(HEAD.head(PAIRS, 0)).doesNotContain(0);
        double[] sparse = HEAD.head(PAIRS, 0.08);
        for (int k = 0; k < WIDTH; k++) {
            assertThat(sparse[k] != 0).as("coordinate %d", k).isEqualTo(TRUTH[k] != 0);
        }
    }

    @Test
    void whereTheTruthIsSparseInTheFeaturesThePenaltyHelps() {
        PairSample few = pairs(60);
        double dense = few.error(HEAD.fit(few.every(10, false), few.every(10, true), false), HEAD.scores(TRUTH));
        double sparse = few.error(HEAD.fit(few.every(10, false), few.every(10, true), true), HEAD.scores(TRUTH));
        assertThat(sparse).isLessThan(dense);
    }

    /** Of the penalties 0.003, 0.01, 0.03 and 0.1 times the rate. */
    @Test
    void thePenaltyIsTheOneThatIsBestOnHeldOutPairs() {
        PairSample training = PAIRS.every(10, false);
        PairSample heldOut = PAIRS.every(10, true);
        double fitted = heldOut.loss(HEAD.fit(training, heldOut, true));
        double rate = Math.sqrt(2 * Math.log(WIDTH) / training.size());
        double[] losses = {
            heldOut.loss(HEAD.scores(HEAD.head(training, 0.003 * rate))),
            heldOut.loss(HEAD.scores(HEAD.head(training, 0.01 * rate))),
            heldOut.loss(HEAD.scores(HEAD.head(training, 0.03 * rate))),
            heldOut.loss(HEAD.scores(HEAD.head(training, 0.1 * rate)))
        };
        assertThat(Arrays.stream(losses).distinct().count()).isEqualTo(4);
        assertThat(fitted).isEqualTo(Arrays.stream(losses).min().orElseThrow());
    }
}
