package org.preferencelearning.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.finite.FeatureMap;
import org.preferencelearning.core.finite.LogLinearPolicy;
import org.preferencelearning.core.loss.PreferenceLoss;
import org.preferencelearning.core.model.ReferencePolicy;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.PreferenceObjective;
import org.preferencelearning.core.train.Trainer;
import org.preferencelearning.core.train.TrainingListener;
import org.preferencelearning.core.train.TrainingSettings;

/** A world of one prompt whose responses have known rewards, in which a policy is trained in well under a second. */
public final class FiniteWorld {
    private static final int UPDATES = 200;
    private static final double LEARNING_RATE = 0.05;

    private final double[] rewards;

    private FiniteWorld(double[] rewards) {
        this.rewards = rewards;
    }

    /**
     * A world of as many responses as rewards.
     *
     * @param rewards at least two, finite and all different
     */
    public static FiniteWorld of(double... rewards) {
        SettingException.require(rewards.length >= 2, "rewards", rewards.length, "at least 2");
        SettingException.require(
                Arrays.stream(rewards).allMatch(Double::isFinite)
                        && Arrays.stream(rewards).distinct().count() == rewards.length,
                "rewards",
                Arrays.toString(rewards),
                "finite numbers, none twice");
        return new FiniteWorld(rewards.clone());
    }

    /** Reward of each response. */
    public double[] rewards() {
        return rewards.clone();
    }

    /** The responses to the prompt, in the order of their rewards' positions. */
    public List<TokenSequence> sequences() {
        List<TokenSequence> sequences = new ArrayList<>();
        for (int response = 0; response < rewards.length; response++) {
            sequences.add(FeatureMap.sequence(0, response));
        }
        return sequences;
    }

    /** Every pair of responses, the better one chosen, with the difference of rewards as margin. */
    public List<TokenPair> pairs() {
        List<TokenSequence> sequences = sequences();
        List<TokenPair> pairs = new ArrayList<>();
        for (int chosen = 0; chosen < rewards.length; chosen++) {
            for (int rejected = 0; rejected < rewards.length; rejected++) {
                double margin = rewards[chosen] - rewards[rejected];
                if (margin > 0) {
                    pairs.add(new TokenPair(
                            sequences.get(chosen), sequences.get(rejected), OptionalDouble.of(margin), 1));
                }
            }
        }
        return pairs;
    }

    /** Probability of each response after the uniform policy, which is also the reference, was trained on all pairs. */
    public double[] trained(PreferenceLoss loss) {
        List<TokenPair> pairs = pairs();
        FeatureMap features = FeatureMap.tabular(1, rewards.length);
        try (LogLinearPolicy policy = LogLinearPolicy.uniform(features);
                LogLinearPolicy reference = LogLinearPolicy.uniform(features)) {
            Trainer.train(
                    new PreferenceObjective(policy, ReferencePolicy.of(reference), loss),
                    pairs,
                    TrainingSettings.defaults()
                            .withEpochs(UPDATES)
                            .withBatchSize(pairs.size(), pairs.size())
                            .withLearningRate(LEARNING_RATE),
                    RandomSource.of(1),
                    TrainingListener.none());
            return policy.probabilities(0);
        }
    }

    @Override
    public String toString() {
        return "world of rewards " + Arrays.toString(rewards);
    }
}
