package org.preferencelearning.experiments.world;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.preferencelearning.core.data.PreferenceDataset;
import org.preferencelearning.core.data.PreferencePair;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.random.RandomSource;

/**
 * A small text world whose true reward is sparse: of the {@code words} that responses are made of, {@code rewarded} carry a
 * weight, and a response's reward is the sum of the weights of its words. Two responses to a prompt are drawn from the same
 * distribution and labelled by Bradley-Terry with the true reward, so labels are noisy and no method can be right more often
 * than {@link #ceiling} says.
 *
 * <p>Reconstructed: a construction of this project in the spirit of Section 4, not the paper's.
 *
 * @param words number of content words, at least 10
 * @param rewarded how many of them carry reward, 1 to words
 * @param weight absolute weight of each; half are positive, half negative; above 0
 * @param minLength fewest words of a response, at least 1
 * @param maxLength most words of a response, at least minLength
 * @param seed of everything that is drawn
 */
public record SparseTextWorld(int words, int rewarded, double weight, int minLength, int maxLength, long seed) {
    private static final ImmutableList<String> TOPICS =
            ImmutableList.of("rivers", "bread", "music", "winter", "maps", "birds", "trains", "gardens");
    private static final ImmutableList<String> FRAME = ImmutableList.of("tell", "me", "about", "answer");
    private static final ImmutableList<String> ONSETS =
            ImmutableList.of("b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z");
    private static final ImmutableList<String> VOWELS = ImmutableList.of("a", "e", "i", "o", "u");

    /** Share of a response's words that are drawn from its topic's favourites. */
    private static final double TOPICAL = 0.4;

    private static final int FAVOURITES = 5;

    public SparseTextWorld {
        SettingException.require(
                words >= 10 && words <= ONSETS.size() * VOWELS.size(),
                "words",
                words,
                "10 to " + ONSETS.size() * VOWELS.size());
        SettingException.require(rewarded >= 1 && rewarded <= words, "rewarded", rewarded, "1 to " + words);
        SettingException.requirePositive("weight", weight);
        SettingException.requireAtLeast("minLength", minLength, 1);
        SettingException.requireAtLeast("maxLength", maxLength, minLength);
    }

    /** 60 words of which 6 are rewarded; responses of 8 to 16 words. */
    public static SparseTextWorld standard() {
        return new SparseTextWorld(60, 6, 1.5, 8, 16, 7);
    }

    /** Every word of the world, prompts' and responses', in a fixed order. */
    public List<String> vocabulary() {
        return ImmutableList.<String>builder()
                .addAll(FRAME)
                .addAll(TOPICS)
                .addAll(contentWords())
                .build();
    }

    /** The made-up words of responses: two equal syllables each. */
    private List<String> contentWords() {
        List<String> made = new ArrayList<>();
        for (String vowel : VOWELS) {
            for (String onset : ONSETS) {
                made.add(onset + vowel + onset + vowel);
            }
        }
        return made.subList(0, words);
    }

    /** Weight of every rewarded word; the others have none. */
    public Map<String, Double> weights() {
        List<String> content = contentWords();
        int[] order = RandomSource.of(seed).stream("rewarded").permutation(words);
        ImmutableMap.Builder<String, Double> weights = ImmutableMap.builder();
        for (int i = 0; i < rewarded; i++) {
            weights.put(content.get(order[i]), i % 2 == 0 ? weight : -weight);
        }
        return weights.buildOrThrow();
    }

    /** The true reward of a response: the sum of its words' weights. */
    public double reward(String response) {
        return reward(response, weights());
    }

    /** Number of topics. */
    int topics() {
        return TOPICS.size();
    }

    private static String prompt(int topic) {
        return "tell me about " + TOPICS.get(topic) + " answer";
    }

    /** Draws prompts; the first n of more are those of n. */
    public List<String> prompts(int count) {
        RandomSource random = RandomSource.of(seed).stream("prompts");
        List<String> prompts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            prompts.add(prompt(random.nextInt(TOPICS.size())));
        }
        return prompts;
    }

    /** Probability of every word of a response about a topic. */
    Map<String, Double> wordProbabilities(int topic) {
        List<String> content = contentWords();
        double[] probabilities = new double[words];
        Arrays.fill(probabilities, (1 - TOPICAL) / words);
        for (int favourite = 0; favourite < FAVOURITES; favourite++) {
            probabilities[favourite(topic, favourite)] += TOPICAL / FAVOURITES;
        }
        Map<String, Double> byWord = new LinkedHashMap<>();
        for (int word = 0; word < words; word++) {
            byWord.put(content.get(word), probabilities[word]);
        }
        return byWord;
    }

    /** Favourites of a topic are words spread over the vocabulary. */
    private int favourite(int topic, int index) {
        return (topic + TOPICS.size() * index) % words;
    }

    /** Draws labelled pairs; the first n of a longer sample are the sample of n. */
    public PreferenceDataset sample(int pairs) {
        SettingException.requireAtLeast("pairs", pairs, 1);
        RandomSource random = RandomSource.of(seed).stream("pairs");
        List<String> content = contentWords();
        Map<String, Double> weights = weights();
        List<PreferencePair> drawn = new ArrayList<>();
        while (drawn.size() < pairs) {
            int topic = random.nextInt(TOPICS.size());
            String prompt = prompt(topic);
            String one = response(topic, content, random);
            String two = response(topic, content, random);
            boolean oneWins = random.nextBernoulli(sigmoid(reward(one, weights) - reward(two, weights)));
            if (!one.equals(two)) {
                drawn.add(PreferencePair.of(prompt, " " + (oneWins ? one : two), " " + (oneWins ? two : one)));
            }
        }
        return new PreferenceDataset("sparse text world", drawn);
    }

    /**
     * The accuracy that the true reward itself is expected to have on the labels of pairs like these: the mean of the larger
     * of p and 1 - p, with p the probability that the chosen response wins. No reward model can expect more.
     */
    public double ceiling(PreferenceDataset dataset) {
        Map<String, Double> weights = weights();
        return dataset.pairs().stream()
                .mapToDouble(
                        pair -> sigmoid(Math.abs(reward(pair.chosen(), weights) - reward(pair.rejected(), weights))))
                .average()
                .orElseThrow();
    }

    private String response(int topic, List<String> content, RandomSource random) {
        int length = minLength + random.nextInt(maxLength - minLength + 1);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            int word = random.nextBernoulli(TOPICAL)
                    ? favourite(topic, random.nextInt(FAVOURITES))
                    : random.nextInt(words);
            text.append(text.isEmpty() ? "" : " ").append(content.get(word));
        }
        return text.toString();
    }

    private static double reward(String response, Map<String, Double> weights) {
        double reward = 0;
        for (String word : response.trim().split(" ")) {
            reward += weights.getOrDefault(word, 0.0);
        }
        return reward;
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
