package org.preferencelearning.core.model;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.random.RandomSource;

/**
 * A prompt to continue.
 *
 * @param prompt its tokens, at least one; all of the sequence, whatever its prompt length
 * @param seed what its responses are drawn with
 */
public record SamplingRequest(TokenSequence prompt, long seed) {
    /** One request for each prompt, with seeds that derive from {@code seed} and the prompt's place in the list. */
    public static List<SamplingRequest> of(List<int[]> prompts, long seed) {
        RandomSource random = RandomSource.of(seed);
        return IntStream.range(0, prompts.size())
                .mapToObj(i -> {
                    int[] tokens = prompts.get(i);
                    return new SamplingRequest(
                            new TokenSequence(tokens, tokens.length),
                            random.stream("prompt " + i).nextLong());
                })
                .toList();
    }

    /** The prompt followed by a response. */
    public TokenSequence followedBy(int[] response) {
        int[] tokens = Arrays.copyOf(prompt.tokens(), prompt.length() + response.length);
        System.arraycopy(response, 0, tokens, prompt.length(), response.length);
        return new TokenSequence(tokens, prompt.length());
    }
}
