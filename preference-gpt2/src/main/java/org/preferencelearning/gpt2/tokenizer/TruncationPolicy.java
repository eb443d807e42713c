package org.preferencelearning.gpt2.tokenizer;

/** What happens to pairs of which a side is longer than the limit. */
public enum TruncationPolicy {
    /** The pair is left out and counted. */
    DROP,
    /**
     * The prompt keeps its last {@code maxPromptLength} tokens; responses that are still too long are cut to the rest of
     * the length, losing the end-of-text token.
     */
    KEEP_END,
    /** Each side keeps its first {@code maxLength} tokens. */
    KEEP_START
}
