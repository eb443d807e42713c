package org.preferencelearning.experiments.dual;

import java.util.Arrays;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.random.RandomSource;

/**
 * A text world whose prompts are one word and whose responses are exactly two, of the same vocabulary, so that every token
 * sequence is a response and the {@code words * words} responses to a prompt can be summed over.
 *
 * <p>The true reward of the response {@code (a, b)} has three parts:
 *
 * <ul>
 *   <li>{@code rewarded} of the words carry {@code ±weight} as the first: the sparse part, k of d words; with all of them
 *       it is dense;
 *   <li>every word carries {@code ±second} as the second: the dense part;
 *   <li>two words carry {@code twice} where both words of the response are that same one. Policies that can only raise or
 *       lower a word wherever it stands cannot raise {@code (a, a)} and {@code (b, b)} without {@code (a, b)}, and do best to
 *       choose one: the bandit of appendix C.3 of arXiv 2505.19770 in text.
 * </ul>
 *
 * <p>Reconstructed: a construction of this project, after the paper's dual-token task and appendix C.3, not the paper's own.
 *
 * @param words d, the size of the vocabulary: 4 to 40
 * @param prompts how many words are prompts too, 1 to words
 * @param rewarded k, how many words carry reward as the first, 0 to words
 * @param weight of each, half of them positive; not negative
 * @param second of each word as the second; not negative
 * @param twice of either of two words that are said twice; not negative
 */
public record DualTokenText(int words, int prompts, int rewarded, double weight, double second, double twice) {
    /** Words of a response, each a token. */
    static final int RESPONSE_TOKENS = 2;

    private static final int MIN_WORDS = 4;
    /** Pairs of responses are summed over as well. */
    private static final int MAX_WORDS = 40;

    /** How far the logits of the world's text are from uniform, in standard deviations. */
    private static final double SPREAD = 0.5;

    public DualTokenText {
        SettingException.require(
                words >= MIN_WORDS && words <= MAX_WORDS, "words", words, MIN_WORDS + " to " + MAX_WORDS);
        SettingException.require(prompts >= 1 && prompts <= words, "prompts", prompts, "1 to " + words);
        SettingException.require(rewarded >= 0 && rewarded <= words, "rewarded", rewarded, "0 to " + words);
        requireNotNegative("weight", weight);
        requireNotNegative("second", second);
        requireNotNegative("twice", twice);
    }

    private static void requireNotNegative(String setting, double value) {
        SettingException.require(
                value >= 0 && Double.isFinite(value), setting, value, "a finite number that is not negative");
    }

    /** 12 words of which 3 carry reward as the first, 4 prompts. */
    public static DualTokenText standard() {
        return new DualTokenText(12, 4, 3, 0.5, 0.3, 3);
    }

    /** The same world with so many words that carry reward as the first. */
    public DualTokenText rewarded(int rewarded) {
        return new DualTokenText(words, prompts, rewarded, weight, second, twice);
    }

    /** Number of responses to a prompt. */
    public int responses() {
        return words * words;
    }

    /** The response's place in tables. */
    int response(int first, int second) {
        return first * words + second;
    }

    /** Draws which words carry what, and the text that a reference policy imitates. */
    Drawn draw(RandomSource random) {
        int[] order = random.stream("words").permutation(words);
        double[] first = new double[words];
        for (int i = 0; i < rewarded; i++) {
            // those that are said twice come last, so that sparse rewards leave them alone
            first[order[i]] = i % 2 == 0 ? weight : -weight;
        }
        int[] signs = random.stream("second").permutation(words);
        double[][] reward = new double[prompts][responses()];
        for (double[] row : reward) {
            for (int a = 0; a < words; a++) {
                for (int b = 0; b < words; b++) {
                    row[response(a, b)] = first[a] + (signs[b] % 2 == 0 ? second : -second);
                }
            }
            row[response(order[words - 1], order[words - 1])] += twice;
            row[response(order[words - 2], order[words - 2])] += twice;
        }
        return new Drawn(reward, text(random.stream("text")));
    }

    /** The first word depends on the prompt, the second on the first. */
    private double[][] text(RandomSource random) {
        double[][] starts = new double[prompts][];
        Arrays.setAll(starts, x -> distribution(random));
        double[][] follows = new double[words][];
        Arrays.setAll(follows, a -> distribution(random));
        double[][] text = new double[prompts][responses()];
        for (int x = 0; x < prompts; x++) {
            for (int a = 0; a < words; a++) {
                for (int b = 0; b < words; b++) {
                    text[x][response(a, b)] = starts[x][a] * follows[a][b];
                }
            }
        }
        return text;
    }

    private double[] distribution(RandomSource random) {
        double[] values = new double[words];
        double sum = 0;
        for (int i = 0; i < words; i++) {
            values[i] = Math.exp(SPREAD * random.nextGaussian());
            sum += values[i];
        }
        for (int i = 0; i < words; i++) {
            values[i] /= sum;
        }
        return values;
    }

    /**
     * One drawn world.
     *
     * @param reward true reward by prompt and response
     * @param text probability of each response in the world's text, by prompt
     */
    record Drawn(double[][] reward, double[][] text) {}
}
