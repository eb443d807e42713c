package org.preferencelearning.gpt2.tokenizer;

/** Turns text into token ids and back. Thread-safe. */
public interface Tokenizer {
    /** The ids of {@code text}; nothing is added before or after it. */
    int[] encode(String text);

    /** The text of {@code ids}. */
    String decode(int[] ids);

    /** Number of ids; each is below it. */
    int vocabulary();

    /** Id of the token that ends a text. */
    int endOfText();
}
