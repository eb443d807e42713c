package org.preferencelearning.gpt2.tokenizer;

/** Turns text into token ids and back. Thread-safe. */
public interface Tokenizer {
    /** The ids of {@code text}; nothing is added before or after it. */
    int[] encode(String text);

    /**
     * The text of {@code ids}. Those from {@link #vocabulary()} on stand for no text: a model may have more rows than its
     * tokenizer has tokens, and draw one of them.
     *
     * @throws org.preferencelearning.core.error.SettingException if one is negative
     */
    String decode(int[] ids);

    /** Number of ids that stand for text; each that {@link #encode} gives is below it. */
    int vocabulary();

    /** Id of the token that ends a text. */
    int endOfText();
}
