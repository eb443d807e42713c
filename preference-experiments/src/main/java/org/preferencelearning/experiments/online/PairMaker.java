package org.preferencelearning.experiments.online;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.Rollout;

/**
 * Makes preference pairs of annotated responses.
 *
 * @param selection which two responses of a prompt are compared
 * @param ties what becomes of equal rewards
 * @param endOfText token that is appended to responses that were cut off, or -1 to leave them as they are
 */
public record PairMaker(PairSelector selection, TiePolicy ties, int endOfText) {
    /**
     * Pairs and what was left out.
     *
     * @param ties prompts whose two responses had equal rewards, or were equal
     */
    public record Result(List<TokenPair> pairs, int ties) {}

    /**
     * The pairs.
     *
     * @param rollouts each prompt's responses
     * @param rewards in the same order, prompt after prompt
     */
    public Result pairs(List<List<Rollout>> rollouts, double[] rewards) {
        List<TokenPair> pairs = new ArrayList<>();
        int tied = 0;
        int next = 0;
        for (List<Rollout> ofPrompt : rollouts) {
            double[] own = Arrays.copyOfRange(rewards, next, next + ofPrompt.size());
            next += ofPrompt.size();
            int[] lengths = ofPrompt.stream()
                    .mapToInt(r -> r.sequence().responseLength())
                    .toArray();
            PairSelector.Pair pair = selection.select(own, lengths);
            SettingException.require(
                    pair.first() != pair.second() && isPosition(pair.first(), own) && isPosition(pair.second(), own),
                    "selection",
                    pair,
                    "two different positions of " + own.length + " responses");
            double margin = own[pair.first()] - own[pair.second()];
            TokenSequence first = ended(ofPrompt.get(pair.first()));
            TokenSequence second = ended(ofPrompt.get(pair.second()));
            boolean same = first.equals(second);
            if (margin == 0 || same) {
                tied++;
                if (same || ties == TiePolicy.DROP) {
                    continue;
                }
            }
            boolean firstWins = margin >= 0;
            pairs.add(new TokenPair(
                    firstWins ? first : second,
                    firstWins ? second : first,
                    OptionalDouble.of(Math.abs(margin)),
                    margin == 0 && ties == TiePolicy.HALF_WEIGHT ? 0.5 : 1));
        }
        return new Result(pairs, tied);
    }

    private static boolean isPosition(int position, double[] rewards) {
        return position >= 0 && position < rewards.length;
    }

    private TokenSequence ended(Rollout rollout) {
        TokenSequence sequence = rollout.sequence();
        if (endOfText < 0 || rollout.ended()) {
            return sequence;
        }
        int[] tokens = Arrays.copyOf(sequence.tokens(), sequence.length() + 1);
        tokens[sequence.length()] = endOfText;
        return new TokenSequence(tokens, sequence.promptLength());
    }
}
