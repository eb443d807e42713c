package org.preferencelearning.core.finite;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.Policy;

/**
 * All responses that a language model can give to one prompt, where they are few enough to be listed: those that end with
 * the end of text, and those that are cut off. What is estimated from samples elsewhere is a sum here.
 */
public final class ResponseSpace {
    private static final long MOST = 1_000_000;

    private final List<TokenSequence> responses;

    private ResponseSpace(List<TokenSequence> responses) {
        this.responses = responses;
    }

    /**
     * The responses of at most {@code maxNewTokens} tokens, end of text included.
     *
     * @param prompt at least one token
     * @param vocabulary number of tokens, at least 2
     * @param endOfText the token that ends a response, below {@code vocabulary}
     * @throws SettingException if there are more than a million
     */
    public static ResponseSpace of(int[] prompt, int vocabulary, int endOfText, int maxNewTokens) {
        SettingException.requireAtLeast("prompt", prompt.length, 1);
        SettingException.requireAtLeast("vocabulary", vocabulary, 2);
        SettingException.require(
                endOfText >= 0 && endOfText < vocabulary, "endOfText", endOfText, "0 to " + (vocabulary - 1));
        SettingException.requireAtLeast("maxNewTokens", maxNewTokens, 1);
        double size = size(vocabulary, maxNewTokens);
        SettingException.require(size <= MOST, "responses", size, "at most " + MOST + ", to be listed");
        List<int[]> open = List.of(prompt);
        ImmutableList.Builder<TokenSequence> responses = ImmutableList.builder();
        for (int length = 1; length <= maxNewTokens; length++) {
            List<int[]> longer = new ArrayList<>();
            for (int[] tokens : open) {
                for (int token = 0; token < vocabulary; token++) {
                    int[] next = Arrays.copyOf(tokens, tokens.length + 1);
                    next[tokens.length] = token;
                    if (token == endOfText || length == maxNewTokens) {
                        responses.add(new TokenSequence(next, prompt.length));
                    } else {
                        longer.add(next);
                    }
                }
            }
            open = longer;
        }
        return new ResponseSpace(responses.build());
    }

    /** How many responses of at most {@code maxNewTokens} tokens there are to a prompt. */
    public static double size(int vocabulary, int maxNewTokens) {
        double open = 1;
        double ended = 0;
        for (int length = 1; length < maxNewTokens; length++) {
            ended += open;
            open *= vocabulary - 1.0;
        }
        return ended + open * vocabulary;
    }

    /** The responses, each after its prompt. */
    public List<TokenSequence> responses() {
        return responses;
    }

    /** Kullback-Leibler divergence of {@code policy} from {@code reference}, in nats: at least 0 up to rounding. */
    public double divergence(Policy policy, Policy reference) {
        double[] logs = policy.logProbabilities(responses);
        double[] referenceLogs = reference.logProbabilities(responses);
        double sum = 0;
        for (int i = 0; i < logs.length; i++) {
            sum += Math.exp(logs[i]) * (logs[i] - referenceLogs[i]);
        }
        return sum;
    }

    /** The expectation of a function of the response; of 1 it is 1 up to rounding. */
    public double expectation(Policy policy, ToDoubleFunction<TokenSequence> function) {
        double[] logs = policy.logProbabilities(responses);
        double sum = 0;
        for (int i = 0; i < logs.length; i++) {
            sum += Math.exp(logs[i]) * function.applyAsDouble(responses.get(i));
        }
        return sum;
    }
}
