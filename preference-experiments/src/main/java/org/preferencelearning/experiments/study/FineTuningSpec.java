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
 * @param maxLength most tokens of such a sequence, at least 2; prompts are cut to half of it
 */
public record FineTuningSpec(TrainingSettings training, int packedLength, int maxLength) {
    /** The public code's {@code max_length}. */
    private static final int PUBLISHED_LENGTH = 256;

    public FineTuningSpec {
        requireNonNull(training, "training");
        SettingException.require(
                packedLength == 0 || packedLength >= 2,
                "packedLength",
                packedLength,
                "0 for no packing, or at least 2 tokens");
        SettingException.requireAtLeast("maxLength", maxLength, 2);
    }

    /** As the public code: one epoch of pieces of 256 tokens, 64 at a time, at a rate of 2e-5 ({@code sft.py}). */
    public static FineTuningSpec published() {
        return new FineTuningSpec(
                TrainingSettings.defaults().withBatchSize(64, 8).withLearningRate(2e-5),
                PUBLISHED_LENGTH,
                PUBLISHED_LENGTH);
    }

    /** Each response a sequence of its own, of at most 256 tokens with its prompt. */
    public static FineTuningSpec unpacked(TrainingSettings training) {
        return new FineTuningSpec(training, 0, PUBLISHED_LENGTH);
    }

    /** The same with other settings. */
    public FineTuningSpec training(UnaryOperator<TrainingSettings> change) {
        return new FineTuningSpec(change.apply(training), packedLength, maxLength);
    }

    /** The same with pieces of another length, or 0 for none. */
    public FineTuningSpec packed(int length) {
        return new FineTuningSpec(training, length, maxLength);
    }

    /** The same with sequences of at most {@code tokens} tokens. */
    public FineTuningSpec maxLength(int tokens) {
        return new FineTuningSpec(training, packedLength, tokens);
    }
}
