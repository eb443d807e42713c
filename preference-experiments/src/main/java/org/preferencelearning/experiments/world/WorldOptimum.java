package org.preferencelearning.experiments.world;

import static java.util.Objects.requireNonNull;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.preferencelearning.core.error.SettingException;

/**
 * Exact values in a {@link SparseTextWorld}. Its words are independent given topic and length, and rewards are sums over
 * words, so the policy that maximises expected reward less beta times the divergence from the world's own text tilts each
 * word's probability by itself and is known in closed form.
 *
 * @param reward expected true reward of a response
 * @param divergence Kullback-Leibler divergence from the world's text, in nats
 */
public record WorldOptimum(double reward, double divergence) {
    /** The world's own text, which a fine-tuned policy imitates: no divergence. */
    public static WorldOptimum ofText(SparseTextWorld world, WorldReward truth) {
        return of(world, truth, truth, Double.POSITIVE_INFINITY);
    }

    /**
     * The optimum under {@code maximised}, valued by {@code truth}.
     *
     * @param maximised the reward that the policy is optimal for; another than the truth where it is mis-specified
     * @param beta above 0
     */
    public static WorldOptimum of(SparseTextWorld world, WorldReward maximised, WorldReward truth, double beta) {
        return ofGroups(world, world.words(), maximised, truth, beta);
    }

    /**
     * The optimum of a small class of policies: those that tell words apart by their group only, and leave the proportions
     * within a group as they are in the world's text. A group's words then count with their mean reward.
     *
     * @param groups how many groups there are: the i-th word is in group {@code i % groups}; 1 to the world's words, where
     *     every word is a group and the class is that of all policies
     */
    public static WorldOptimum ofGroups(
            SparseTextWorld world, int groups, WorldReward maximised, WorldReward truth, double beta) {
        SettingException.require(beta > 0, "beta", beta, "above 0");
        SettingException.require(groups >= 1 && groups <= world.words(), "groups", groups, "1 to " + world.words());
        double reward = 0;
        double divergence = 0;
        for (int topic = 0; topic < world.topics(); topic++) {
            WorldOptimum one = ofTopic(world, topic, groups, maximised, truth, beta);
            reward += one.reward / world.topics();
            divergence += one.divergence / world.topics();
        }
        return new WorldOptimum(reward, divergence);
    }

    private static WorldOptimum ofTopic(
            SparseTextWorld world, int topic, int groups, WorldReward maximised, WorldReward truth, double beta) {
        Map<String, Double> probabilities = world.wordProbabilities(topic);
        Map<String, Double> seen = groupMeans(probabilities, maximised.weights(world), groups);
        Map<String, Double> real = truth.weights(world);
        double normaliser = 0;
        double seenMean = 0;
        double realMean = 0;
        // tilts are relative to the largest, so that a small beta does not overflow
        double largest =
                seen.values().stream().mapToDouble(Double::doubleValue).max().orElse(0) + maximised.lengthBonus();
        for (Map.Entry<String, Double> word : probabilities.entrySet()) {
            double w = seen.getOrDefault(word.getKey(), 0.0) + maximised.lengthBonus();
            double tilted = word.getValue() * Math.exp((w - largest) / beta);
            normaliser += tilted;
            seenMean += tilted * w;
            realMean += tilted * (real.getOrDefault(word.getKey(), 0.0) + truth.lengthBonus());
        }
        seenMean /= normaliser;
        realMean /= normaliser;
        double perWord = Math.log(normaliser) + largest / beta;
        int lengths = world.maxLength() - world.minLength() + 1;
        double total = 0;
        double meanLength = 0;
        double highest = Math.max(perWord * world.minLength(), perWord * world.maxLength());
        for (int length = world.minLength(); length <= world.maxLength(); length++) {
            double weight = Math.exp(perWord * length - highest) / lengths;
            total += weight;
            meanLength += weight * length;
        }
        meanLength /= total;
        double logNormaliser = Math.log(total) + highest;
        return new WorldOptimum(meanLength * realMean, meanLength * seenMean / beta - logNormaliser);
    }

    /** Each word's group's mean weight. */
    private static Map<String, Double> groupMeans(
            Map<String, Double> probabilities, Map<String, Double> weights, int groups) {
        double[] sums = new double[groups];
        double[] totals = new double[groups];
        List<String> words = List.copyOf(probabilities.keySet());
        for (int i = 0; i < words.size(); i++) {
            double probability = requireNonNull(probabilities.get(words.get(i)), words.get(i));
            totals[i % groups] += probability;
            sums[i % groups] += probability * weights.getOrDefault(words.get(i), 0.0);
        }
        Map<String, Double> means = new HashMap<>();
        for (int i = 0; i < words.size(); i++) {
            means.put(words.get(i), sums[i % groups] / totals[i % groups]);
        }
        return means;
    }

    /** What such a policy maximises where the truth is maximised: reward less beta times divergence. */
    public double value(double beta) {
        return reward - beta * divergence;
    }
}
