package org.preferencelearning.core.model;

import com.google.common.primitives.ImmutableDoubleArray;
import java.util.Arrays;
import org.preferencelearning.core.data.TokenSequence;

/**
 * A response drawn from a policy.
 *
 * @param sequence prompt and response
 * @param logProbabilities of each response token under the policy itself, in nats, whatever it was drawn with
 * @param ended whether the response ends with the end-of-text token, rather than at the limit of its length
 */
public record Rollout(TokenSequence sequence, ImmutableDoubleArray logProbabilities, boolean ended) {
    /** Log-probability of the whole response. */
    public double logProbability() {
        return logProbabilities.stream().sum();
    }

    /** The response's tokens. */
    public int[] response() {
        int[] tokens = sequence.tokens();
        return Arrays.copyOfRange(tokens, sequence.promptLength(), tokens.length);
    }
}
