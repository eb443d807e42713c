package org.preferencelearning.experiments.world;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.preferencelearning.core.error.SettingException;

/**
 * A reward of a {@link SparseTextWorld}'s responses: the weights of the rewarded words that it sees, and a bonus for
 * length. The truth sees all; one that sees fewer is mis-specified in a known way.
 *
 * @param visible share of the rewarded words that it sees, above 0 and at most 1
 * @param lengthBonus reward of each word, rewarded or not
 */
public record WorldReward(double visible, double lengthBonus) {
    public WorldReward {
        SettingException.require(visible > 0 && visible <= 1, "visible", visible, "above 0 and at most 1");
        SettingException.require(Double.isFinite(lengthBonus), "lengthBonus", lengthBonus, "a finite number");
    }

    /** All rewarded words and no bonus. */
    public static WorldReward truth() {
        return new WorldReward(1, 0);
    }

    /** Weights of the words that this reward sees: the first of them in the order of their names, at least one. */
    Map<String, Double> weights(SparseTextWorld world) {
        Map<String, Double> all = new TreeMap<>(world.weights());
        List<String> names = new ArrayList<>(all.keySet());
        int seen = Math.max(1, (int) Math.round(visible * names.size()));
        names.subList(seen, names.size()).forEach(all::remove);
        return all;
    }

    /** The reward of a response of the world. */
    public double of(SparseTextWorld world, String response) {
        Map<String, Double> weights = weights(world);
        double reward = 0;
        for (String word : response.trim().split(" ")) {
            if (!word.isEmpty()) {
                reward += weights.getOrDefault(word, 0.0) + lengthBonus;
            }
        }
        return reward;
    }
}
