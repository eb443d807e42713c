package org.preferencelearning.gpt2.tokenizer;

import static java.util.Objects.requireNonNull;

import org.preferencelearning.core.error.SettingException;

/**
 * How pairs of texts become pairs of token sequences.
 *
 * @param boundary where the scored response begins
 * @param truncation what happens to pairs that are too long
 * @param eos whether the end-of-text token is appended; it counts towards the length
 * @param maxLength most tokens of a side, at least 2
 * @param maxPromptLength most prompt tokens under {@link TruncationPolicy#KEEP_END}, 1 to below maxLength
 */
public record Tokenization(
        BoundaryPolicy boundary, TruncationPolicy truncation, EosPolicy eos, int maxLength, int maxPromptLength) {

    public Tokenization {
        requireNonNull(boundary, "boundary");
        requireNonNull(truncation, "truncation");
        requireNonNull(eos, "eos");
        SettingException.requireAtLeast("maxLength", maxLength, 2);
        SettingException.require(
                maxPromptLength >= 1 && maxPromptLength < maxLength,
                "maxPromptLength",
                maxPromptLength,
                "1 to " + (maxLength - 1) + ", below maxLength");
    }

    /** The public code's Section 3 study: encoded apart, prompts cut at the front, end of text scored, 256 tokens. */
    public static Tokenization onlineStudy() {
        return new Tokenization(BoundaryPolicy.SEPARATE, TruncationPolicy.KEEP_END, EosPolicy.APPEND, 256, 128);
    }

    /** The public code's Section 4 study, DPO: common prefix, pairs above 256 tokens dropped, end of text scored. */
    public static Tokenization dataSizeDpo() {
        return new Tokenization(BoundaryPolicy.COMMON_PREFIX, TruncationPolicy.DROP, EosPolicy.APPEND, 256, 128);
    }

    /** The public code's Section 4 study, reward models: one text without end of text, above 256 tokens dropped. */
    public static Tokenization dataSizeRewardModel() {
        return new Tokenization(BoundaryPolicy.NONE, TruncationPolicy.DROP, EosPolicy.NONE, 256, 128);
    }

    /** The same with another limit; the prompt's is half of it. */
    public Tokenization withMaxLength(int maxLength) {
        return new Tokenization(boundary, truncation, eos, maxLength, Math.max(1, maxLength / 2));
    }
}
