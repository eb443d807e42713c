package org.preferencelearning.examples;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.train.LearningRateSchedule;
import org.preferencelearning.core.train.TrainingSettings;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How to train; the names are those of the public code's arguments. */
final class TrainingOptions {
    @Option(names = "--learning-rate", description = "Peak learning rate (default: the command's).")
    private @Nullable Double learningRate;

    @Option(names = "--num-train-epochs", description = "Passes over the data (default: the command's).")
    private @Nullable Integer epochs;

    @Option(names = "--batch-size", description = "Examples in an update (default: the command's).")
    private @Nullable Integer batchSize;

    @Option(names = "--per-device-train-batch-size", description = "Examples evaluated at once (default: 8).")
    private int microBatchSize = 8;

    @Option(
            names = "--warmup-steps",
            description =
                    "Updates of linear warm-up, fewer than there are (default: the command's, or a tenth of the updates"
                            + " where it would last all of them).")
    private @Nullable Double warmupSteps;

    @Option(names = "--weight-decay", description = "Decoupled weight decay (default: the command's).")
    private @Nullable Double weightDecay;

    @Option(
            names = "--metrics",
            paramLabel = "FILE",
            description =
                    "Write the metrics of every update to FILE, a JSON object a line (default: only the last's are told).")
    private @Nullable Path metrics;

    @Option(
            names = "--tensorboard",
            paramLabel = "DIR",
            description = "Also write the metrics of every update to DIR for TensorBoard.")
    private @Nullable Path tensorboard;

    @Mixin
    private OverwriteOption overwrite;

    /** Throws unless metrics can be written, neither over what the command reads nor where the model goes. */
    void check(Path model, @Nullable Object... inputs) {
        overwrite.requireUsed(metrics != null, "--metrics");
        if (metrics != null) {
            Outputs.checkFile("--metrics", metrics, overwrite.given(), inputs);
            Outputs.requireOutside("--metrics", metrics, model);
        }
        if (tensorboard != null) {
            ProgressOptions.checkFolder(tensorboard);
            Outputs.requireOutside("--tensorboard", tensorboard, model);
        }
    }

    /**
     * The settings.
     *
     * @throws SettingException naming the option that is out of its range
     */
    TrainingSettings over(TrainingSettings defaults) {
        int batch = batchSize == null ? defaults.batchSize() : batchSize;
        SettingException.requireAtLeast("--batch-size", batch, 1);
        SettingException.requireAtLeast("--per-device-train-batch-size", microBatchSize, 1);
        double rate = learningRate == null ? defaults.learningRate() : learningRate;
        SettingException.require(
                rate > 0 && rate <= TrainingSettings.MAX_LEARNING_RATE,
                "--learning-rate",
                rate,
                "above 0 and at most " + TrainingSettings.MAX_LEARNING_RATE);
        return defaults.withEpochs(SettingException.requireAtLeast(
                        "--num-train-epochs", epochs == null ? defaults.epochs() : epochs, 1))
                .withBatchSize(batch, Math.min(batch, microBatchSize))
                .withLearningRate(rate)
                .withSchedule(
                        LearningRateSchedule.COSINE,
                        SettingException.requireNotNegative(
                                "--warmup-steps", warmupSteps == null ? defaults.warmupSteps() : warmupSteps))
                .withWeightDecay(SettingException.requireNotNegative(
                        "--weight-decay", weightDecay == null ? defaults.weightDecay() : weightDecay));
    }

    /** Whether the metrics of every update go anywhere, so that those that take time are worth it. */
    boolean logged() {
        return metrics != null || tensorboard != null;
    }

    /** Where the metrics of every update go, if anywhere. */
    Optional<Path> metrics() {
        return Optional.ofNullable(metrics);
    }

    /** Where they go for TensorBoard, if anywhere. */
    Optional<Path> tensorboard() {
        return Optional.ofNullable(tensorboard);
    }

    /**
     * The settings with a warm-up that ends before so many examples do: the command's own is shortened, with a warning; one
     * that was asked for is refused.
     *
     * @param settings of {@link #over}
     */
    TrainingSettings warmedUp(TrainingSettings settings, int examples, Output output) {
        TrainingSettings fitting = settings.fitting(examples);
        if (fitting.equals(settings)) {
            return settings;
        }
        long updates = settings.totalSteps(examples);
        double warmup = settings.warmupSteps();
        SettingException.require(
                warmupSteps == null,
                "--warmup-steps",
                warmup,
                "0 to " + (updates - 1) + ", below the " + updates + " updates of " + examples
                        + " examples in batches of " + settings.batchSize());
        output.warning(String.format(
                Locale.ROOT,
                "the usual warm-up of %.0f updates would last all %d updates of this training; it is shortened to %.0f"
                        + " (set --warmup-steps, or a smaller --batch-size)",
                warmup,
                updates,
                fitting.warmupSteps()));
        return fitting;
    }
}
