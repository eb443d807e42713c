package org.preferencelearning.core.data;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.preferencelearning.core.error.SettingException;

/**
 * A response that is wanted or not, as token ids.
 *
 * @param sequence prompt and response
 * @param mismatched the same prompt and another prompt's response, of which {@code kto} estimates the divergence from the
 *     reference; see {@link #mismatching}
 * @param desirable whether the response is wanted
 * @param weight factor of its loss, finite and not negative
 */
public record TokenResponse(
        TokenSequence sequence, Optional<TokenSequence> mismatched, boolean desirable, double weight) {
    public TokenResponse {
        requireNonNull(sequence, "sequence");
        requireNonNull(mismatched, "mismatched");
        mismatched.ifPresent(other -> SettingException.require(
                samePrompt(other, sequence), "mismatched", other, "a sequence with the prompt of " + sequence));
        SettingException.requireNotNegative("weight", weight);
    }

    /** A response of weight 1 without a mismatched one. */
    public static TokenResponse of(TokenSequence sequence, boolean desirable) {
        return new TokenResponse(sequence, Optional.empty(), desirable, 1);
    }

    /**
     * The same responses, each with a mismatched one: its prompt, and the response of the nearest before it that has another
     * prompt; before the first comes the last. It is chosen once and stays, as in TRL's KTO trainer, so that its reference is
     * scored once. TRL takes the one before it even where the prompt is the same, as in data whose rows are sorted by prompt;
     * what it then estimates is no divergence of mismatched responses.
     *
     * @param longest most tokens of a mismatched sequence; its response is cut
     * @throws SettingException if all have the same prompt, or one leaves no room for a response
     */
    public static List<TokenResponse> mismatching(List<TokenResponse> responses, int longest) {
        List<TokenResponse> result = new ArrayList<>(responses.size());
        for (int i = 0; i < responses.size(); i++) {
            TokenResponse one = responses.get(i);
            result.add(new TokenResponse(
                    one.sequence,
                    Optional.of(joined(one.sequence, responses.get(other(responses, i)).sequence, longest)),
                    one.desirable,
                    one.weight));
        }
        return result;
    }

    private static int other(List<TokenResponse> responses, int index) {
        int size = responses.size();
        for (int back = 1; back < size; back++) {
            int other = Math.floorMod(index - back, size);
            if (!samePrompt(responses.get(other).sequence, responses.get(index).sequence)) {
                return other;
            }
        }
        throw new SettingException("prompts", "all the same", "at least two different ones");
    }

    private static TokenSequence joined(TokenSequence prompt, TokenSequence response, int longest) {
        int promptLength = prompt.promptLength();
        SettingException.require(
                promptLength < longest,
                "prompt",
                promptLength + " tokens",
                "below " + longest + ", the longest sequence");
        int length = Math.min(longest, promptLength + response.responseLength());
        int[] tokens = Arrays.copyOf(prompt.tokens(), length);
        System.arraycopy(response.tokens(), response.promptLength(), tokens, promptLength, length - promptLength);
        return new TokenSequence(tokens, promptLength);
    }

    private static boolean samePrompt(TokenSequence one, TokenSequence other) {
        return Arrays.equals(one.tokens(), 0, one.promptLength(), other.tokens(), 0, other.promptLength());
    }
}
