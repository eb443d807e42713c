package org.preferencelearning.core.train;

import static java.util.Objects.requireNonNull;

import com.google.common.math.IntMath;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.math.RoundingMode;
import org.preferencelearning.core.error.SettingException;

/**
 * How to train. Immutable; start from {@link #defaults()} and change what differs.
 *
 * @param epochs passes over the examples, at least 1
 * @param batchSize examples in an update, at least 1
 * @param microBatchSize examples evaluated at once, at least 1; changes memory, not the result beyond rounding
 * @param learningRate peak learning rate, 0 to 100
 * @param schedule how it falls after the warm-up
 * @param warmupSteps updates of linear warm-up from 0, not negative
 * @param weightDecay decoupled weight decay of weights (not of biases or normalisation), not negative; its product with the
 *     learning rate, the share that an update takes off, is at most 1
 * @param adam Adam's constants
 * @param maxGradientNorm global gradient norm above which gradients are scaled down, at least 1e-12; infinite for no clipping
 * @param momentPrecision what Adam's moments are kept in
 */
@RecordBuilder
public record TrainingSettings(
        int epochs,
        int batchSize,
        int microBatchSize,
        double learningRate,
        LearningRateSchedule schedule,
        double warmupSteps,
        double weightDecay,
        AdamConstants adam,
        double maxGradientNorm,
        MomentPrecision momentPrecision) {

    /** Share of the updates. */
    private static final double SHORTENED_WARMUP = 0.1;

    /** Largest learning rate. */
    public static final double MAX_LEARNING_RATE = 100;

    private static final double MIN_GRADIENT_NORM = 1e-12;

    private static final TrainingSettings DEFAULTS = new TrainingSettings(
            1,
            8,
            8,
            1e-4,
            LearningRateSchedule.COSINE,
            0,
            0,
            new AdamConstants(0.9, 0.999, 1e-8),
            1,
            MomentPrecision.FLOAT32);

    public TrainingSettings {
        SettingException.requireAtLeast("epochs", epochs, 1);
        SettingException.requireAtLeast("batchSize", batchSize, 1);
        SettingException.requireAtLeast("microBatchSize", microBatchSize, 1);
        SettingException.requireBetween("learningRate", learningRate, 0, MAX_LEARNING_RATE);
        requireNonNull(schedule, "schedule");
        SettingException.requireNotNegative("warmupSteps", warmupSteps);
        SettingException.requireNotNegative("weightDecay", weightDecay);
        SettingException.require(
                learningRate * weightDecay <= 1,
                "weightDecay",
                weightDecay,
                "0 to 1 / learningRate, which is " + learningRate);
        requireNonNull(adam, "adam");
        SettingException.require(
                maxGradientNorm >= MIN_GRADIENT_NORM,
                "maxGradientNorm",
                maxGradientNorm,
                "at least " + MIN_GRADIENT_NORM + "; infinite for no clipping");
        requireNonNull(momentPrecision, "momentPrecision");
    }

    /** One epoch, 8 examples an update, learning rate 1e-4 falling along a cosine, clipping at 1. */
    public static TrainingSettings defaults() {
        return DEFAULTS;
    }

    public TrainingSettings withEpochs(int epochs) {
        return changed().epochs(epochs).build();
    }

    /** Examples in an update, evaluated {@code microBatchSize} at a time. */
    public TrainingSettings withBatchSize(int batchSize, int microBatchSize) {
        return changed().batchSize(batchSize).microBatchSize(microBatchSize).build();
    }

    public TrainingSettings withLearningRate(double learningRate) {
        return changed().learningRate(learningRate).build();
    }

    public TrainingSettings withSchedule(LearningRateSchedule schedule, double warmupSteps) {
        return changed().schedule(schedule).warmupSteps(warmupSteps).build();
    }

    public TrainingSettings withWeightDecay(double weightDecay) {
        return changed().weightDecay(weightDecay).build();
    }

    public TrainingSettings withMaxGradientNorm(double maxGradientNorm) {
        return changed().maxGradientNorm(maxGradientNorm).build();
    }

    /** {@link MomentPrecision#BFLOAT16} takes four bytes less for each trained parameter. */
    public TrainingSettings withMomentPrecision(MomentPrecision momentPrecision) {
        return changed().momentPrecision(momentPrecision).build();
    }

    private TrainingSettingsBuilder changed() {
        return TrainingSettingsBuilder.builder(this);
    }

    /** Number of updates that {@code examples} examples take; the last update of an epoch may be smaller. */
    public long totalSteps(int examples) {
        return (long) epochs * IntMath.divide(examples, batchSize, RoundingMode.CEILING);
    }

    /**
     * Checks that training on {@code examples} examples can move anything: at a rate above 0, and once at least at the full
     * one.
     *
     * @throws SettingException if the learning rate is 0, or no update comes after the warm-up
     */
    public void requireMoves(int examples) {
        long steps = totalSteps(examples);
        SettingException.require(
                learningRate > 0, "learningRate", learningRate, "above 0: " + steps + " updates would change nothing");
        SettingException.require(
                warmupSteps <= steps - 1,
                "warmupSteps",
                warmupSteps,
                "0 to " + (steps - 1) + ", so that at least one of the training's " + steps
                        + " updates comes after the warm-up");
    }

    /**
     * These settings, with the warm-up shortened to a tenth of the updates where {@code examples} examples, fewer than were
     * planned for, leave no update after it.
     */
    public TrainingSettings fitting(int examples) {
        long steps = totalSteps(examples);
        return warmupSteps <= steps - 1 ? this : withSchedule(schedule, Math.floor(steps * SHORTENED_WARMUP));
    }

    /**
     * Adam's constants.
     *
     * @param beta1 decay of the first moment, from 0 to below 1, in float32 too
     * @param beta2 decay of the second moment, likewise
     * @param epsilon added to the root of the second moment, 1e-30 to 1: above 0 in float32 even where it is corrected
     */
    public record AdamConstants(double beta1, double beta2, double epsilon) {
        private static final double MIN_EPSILON = 1e-30;

        public AdamConstants {
            requireDecay("beta1", beta1);
            requireDecay("beta2", beta2);
            SettingException.requireBetween("epsilon", epsilon, MIN_EPSILON, 1);
        }

        private static void requireDecay(String name, double decay) {
            SettingException.require(
                    decay >= 0 && (float) decay < 1, name, decay, "0 to below 1, in float32 too: " + Math.nextDown(1f));
        }
    }
}
