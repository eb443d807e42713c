package org.preferencelearning.experiments.study;

import static java.util.Objects.requireNonNull;

import java.util.function.UnaryOperator;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.train.TrainingSettings;

/**
 * Supervised fine-tuning on the chosen responses, before anything else.
 *
 * @param training how
 * @param packedLength tokens of a packed piece, at least 2: texts are joined and cut, and all tokens are learned; or 0, where
 *     every response is a sequence of its own and the prompt is not learned
 */
public record FineTuningSpec(TrainingSettings training, int packedLength) {
    public FineTuningSpec {
        requireNonNull(training, "training");
        SettingException.require(
                packedLength == 0 || packedLength >= 2,
                "packedLength",
                packedLength,
                "0 for no packing, or at least 2 tokens");
    }

    /** As the public code: one epoch of pieces of 256 tokens, 64 at a time, at a rate of 2e-5 ({@code sft.py}). */
    public static FineTuningSpec published() {
        return new FineTuningSpec(
                TrainingSettings.defaults().withBatchSize(64, 8).withLearningRate(2e-5), 256);
    }

    /** The same with other settings. */
    public FineTuningSpec training(UnaryOperator<TrainingSettings> change) {
        return new FineTuningSpec(change.apply(training), packedLength);
    }

    /** The same with pieces of another length, or 0 for none. */
    public FineTuningSpec packed(int length) {
        return new FineTuningSpec(training, length);
    }
}
