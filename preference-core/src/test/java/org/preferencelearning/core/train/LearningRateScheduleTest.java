package org.preferencelearning.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LearningRateScheduleTest {
    @Test
    void warmUpRisesLinearlyFromZero() {
        for (LearningRateSchedule schedule : LearningRateSchedule.values()) {
            assertThat(schedule.factor(0, 4, 20)).isZero();
            assertThat(schedule.factor(1, 4, 20)).isEqualTo(0.25);
            assertThat(schedule.factor(4, 4, 20)).isEqualTo(1);
        }
    }

    @Test
    void afterTheWarmUpEachFollowsItsCurve() {
        assertThat(LearningRateSchedule.COSINE.factor(12, 4, 20)).isCloseTo(0.5, within(1e-12));
        assertThat(LearningRateSchedule.COSINE.factor(20, 4, 20)).isCloseTo(0, within(1e-12));
        assertThat(LearningRateSchedule.LINEAR.factor(8, 4, 20)).isCloseTo(0.75, within(1e-12));
        assertThat(LearningRateSchedule.CONSTANT.factor(19, 4, 20)).isEqualTo(1);
    }

    /** Hugging Face's rates for peak 0.01, 6 steps and {@code warmup_steps=0.1}. */
    @Test
    void aTenthOfAWarmUpStepMakesOnlyStepZeroIdle() {
        double[] expected = {
            0,
            0.009436760375282858,
            0.007652104540598712,
            0.005133102607188875,
            0.002577245648336751,
            0.0006922295930309691
        };
        for (int step = 0; step < expected.length; step++) {
            assertThat(0.01 * LearningRateSchedule.COSINE.factor(step, 0.1, 6))
                    .isCloseTo(expected[step], within(1e-12));
        }
    }
}
