package org.preferencelearning.core.data;

import java.util.Arrays;
import org.preferencelearning.core.error.SettingException;

/**
 * Token ids of a prompt and the response that follows it. The response's tokens, and only they, are scored. Immutable.
 */
public final class TokenSequence {
    private final int[] tokens;
    private final int promptLength;

    /**
     * @param tokens at least one id, none negative
     * @param promptLength how many of them are the prompt, 0 to {@code tokens.length}
     */
    public TokenSequence(int[] tokens, int promptLength) {
        SettingException.require(tokens.length > 0, "tokens", "empty", "at least one token");
        SettingException.require(
                promptLength >= 0 && promptLength <= tokens.length,
                "promptLength",
                promptLength,
                "0 to " + tokens.length);
        for (int token : tokens) {
            SettingException.require(token >= 0, "token", token, "an id of at least 0");
        }
        this.tokens = tokens.clone();
        this.promptLength = promptLength;
    }

    /** Number of tokens, prompt and response. */
    public int length() {
        return tokens.length;
    }

    /** Number of prompt tokens. */
    public int promptLength() {
        return promptLength;
    }

    /** Number of response tokens, those that are scored. */
    public int responseLength() {
        return tokens.length - promptLength;
    }

    /** The id at a position. */
    public int token(int position) {
        return tokens[position];
    }

    /** A copy of the ids. */
    public int[] tokens() {
        return tokens.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TokenSequence that
                && promptLength == that.promptLength
                && Arrays.equals(tokens, that.tokens);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(tokens) + promptLength;
    }

    @Override
    public String toString() {
        return "TokenSequence[" + promptLength + " prompt + " + responseLength() + " response tokens]";
    }
}
