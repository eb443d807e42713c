package org.preferencelearning.examples;

import org.preferencelearning.core.train.LearningRateSchedule;
import org.preferencelearning.core.train.TrainingSettings;
import picocli.CommandLine.Option;

/** How to train; the names are those of the public code's arguments. */
final class TrainingOptions {
    @Option(names = "--learning-rate", description = "Peak learning rate (default: the command's).")
    private Double learningRate;

    @Option(names = "--num-train-epochs", description = "Passes over the data (default: the command's).")
    private Integer epochs;

    @Option(names = "--batch-size", description = "Examples in an update (default: the command's).")
    private Integer batchSize;

    @Option(names = "--per-device-train-batch-size", description = "Examples evaluated at once (default: 8).")
    private int microBatchSize = 8;

    @Option(names = "--warmup-steps", description = "Updates of linear warm-up (default: the command's).")
    private Double warmupSteps;

    @Option(names = "--weight-decay", description = "Decoupled weight decay (default: the command's).")
    private Double weightDecay;

    TrainingSettings over(TrainingSettings defaults) {
        int batch = batchSize == null ? defaults.batchSize() : batchSize;
        return defaults.withEpochs(epochs == null ? defaults.epochs() : epochs)
                .withBatchSize(batch, Math.min(batch, microBatchSize))
                .withLearningRate(learningRate == null ? defaults.learningRate() : learningRate)
                .withSchedule(LearningRateSchedule.COSINE, warmupSteps == null ? defaults.warmupSteps() : warmupSteps)
                .withWeightDecay(weightDecay == null ? defaults.weightDecay() : weightDecay);
    }
}
