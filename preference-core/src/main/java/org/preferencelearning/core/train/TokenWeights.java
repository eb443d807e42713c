package org.preferencelearning.core.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.model.Policy;

/**
 * Sums of a response's log-probabilities in which the tokens beyond the length of the pair's shorter response count less.
 * Sequences are those of {@link PairBatches#sequences}, where any count less.
 */
final class TokenWeights {
    private final List<TokenSequence> sequences;
    private final double tail;

    /** @param tail what a token beyond the shorter response's length counts, 0 to 1 */
    TokenWeights(List<TokenSequence> sequences, double tail) {
        this.sequences = sequences;
        this.tail = tail;
    }

    /** All tokens count alike, of any sequences. */
    static TokenWeights none(List<TokenSequence> sequences) {
        return new TokenWeights(sequences, 1);
    }

    List<TokenSequence> sequences() {
        return sequences;
    }

    /** Number of a response's first tokens that count as a whole. */
    private int common(int sequence) {
        if (tail == 1) {
            return sequences.get(sequence).responseLength();
        }
        int pairs = sequences.size() / 2;
        int other = sequence < pairs ? sequence + pairs : sequence - pairs;
        return Math.min(
                sequences.get(sequence).responseLength(), sequences.get(other).responseLength());
    }

    /** Of each sequence, from those of its response tokens. */
    double[] sums(double... tokens) {
        double[] sums = new double[sequences.size()];
        int start = 0;
        for (int i = 0; i < sums.length; i++) {
            int length = sequences.get(i).responseLength();
            int common = common(i);
            for (int t = 0; t < length; t++) {
                sums[i] += t < common ? tokens[start + t] : tail * tokens[start + t];
            }
            start += length;
        }
        return sums;
    }

    /** Derivative by each token, from those by the sums. */
    double[] ofTokens(double... upstream) {
        double[] tokens = new double
                [sequences.stream().mapToInt(TokenSequence::responseLength).sum()];
        int start = 0;
        for (int i = 0; i < upstream.length; i++) {
            int common = start + common(i);
            int end = start + sequences.get(i).responseLength();
            Arrays.fill(tokens, start, common, upstream[i]);
            Arrays.fill(tokens, common, end, tail * upstream[i]);
            start = end;
        }
        return tokens;
    }

    /**
     * The same sums of a policy that gives whole responses: a response's first tokens are a response too.
     *
     * @param policy is asked for {@link #scored}
     */
    double[] sums(Policy policy) {
        double[] all = policy.logProbabilities(scored());
        double[] sums = new double[sequences.size()];
        int cut = sums.length;
        for (int i = 0; i < sums.length; i++) {
            boolean longer = tail < 1 && common(i) < sequences.get(i).responseLength();
            sums[i] = longer ? tail * all[i] + (1 - tail) * all[cut++] : all[i];
        }
        return sums;
    }

    /** The sequences, and where one's response is the longer of its pair, that much of it that the other's has. */
    List<TokenSequence> scored() {
        List<TokenSequence> scored = new ArrayList<>(sequences);
        for (int i = 0; tail < 1 && i < sequences.size(); i++) {
            TokenSequence sequence = sequences.get(i);
            if (common(i) < sequence.responseLength()) {
                scored.add(new TokenSequence(
                        Arrays.copyOf(sequence.tokens(), sequence.promptLength() + common(i)),
                        sequence.promptLength()));
            }
        }
        return scored;
    }

    /** What a reference policy is asked for of these pairs. */
    static List<TokenSequence> scored(List<TokenPair> pairs, double tail) {
        return new TokenWeights(PairBatches.sequences(pairs), tail).scored();
    }
}
